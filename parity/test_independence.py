"""The subject does its own work: a trace of its run names what it used, and a forbidden operation voids its rows."""

from dataclasses import replace
from typing import Any

import pytest

from parity.catalogue.page import Page
from parity.independence import records
from parity.run import tested as run
from parity.run.auditing import audited


def test_independence(page: Page, tested: run.Tested, findings: list[Any]) -> None:
    selection = replace(tested.selection, modules=[page.module], check="all")
    row = audited(tested.subject, page, selection.cells())
    findings += records([row])
    if row.verdict == "void":
        pytest.fail(f"{page.module}: {'; '.join(row.findings)}", pytrace=False)
    if row.verdict == "not audited":
        pytest.skip("; ".join(row.findings))
