"""The subject does its own work: a trace of its run names what it used, and a forbidden operation voids its rows."""

from typing import Any

import pytest

from parity.catalogue.page import Page
from parity.subjects.contract import Subject
from parity.subjects.process import Isolated
from parity.trust.audit import auditor
from parity.verdict.cell import Cell


def test_independence(page: Page, subject: Subject, findings: list[Any]) -> None:
    if isinstance(subject, Isolated):
        pytest.skip(
            f"not audited: it runs in a process of its own; python -m parity.trust.audit --subject {subject.source}"
        )
    rows = [auditor.audit(subject, Cell(page, case)) for case in page.cases if case.widely]
    row = auditor.merged(rows)
    findings += auditor.records([row])
    if row.verdict == "void":
        pytest.fail(f"{page.module}: {'; '.join(row.findings)}", pytrace=False)
    if row.verdict == "not audited":
        pytest.skip("; ".join(row.findings))
