"""The subject does its own work: a trace of its run names what it used, and a forbidden operation voids its rows."""

from dataclasses import replace
from typing import Any

import pytest

from parity.catalogue.page import Page
from parity.independence import auditor
from parity.subjects.contract import Stopped, Subject
from parity.subjects.process import Isolated


def audited(subject: Subject, module: str) -> auditor.Audit:
    """Return the audit of a module; that of a subject in a process of its own is made there."""
    if not isinstance(subject, Isolated):
        return auditor.audit_module(subject, module)
    subject.begin()
    try:
        row = auditor.heard(subject.apply(module, auditor.told, module))
    except Stopped as stopped:
        return not_run(subject, module, "void", " ".join(str(stopped).split()))
    except Exception as error:  # a library may hide what the audit needs, such as a module named reports
        said = f"the audit could not run in its process: {type(error).__name__}: {error}"
        return not_run(subject, module, "not audited", said)
    return replace(row, subject=subject.name)


def not_run(subject: Subject, module: str, verdict: str, finding: str) -> auditor.Audit:
    """Return the audit of a module that did not run to its end."""
    return auditor.Audit(subject.name, module, operations={}, verdict=verdict, findings=(finding,))


def test_independence(page: Page, subject: Subject, findings: list[Any]) -> None:
    row = audited(subject, page.module)
    findings += auditor.records([row])
    if row.verdict == "void":
        pytest.fail(f"{page.module}: {'; '.join(row.findings)}", pytrace=False)
    if row.verdict == "not audited":
        pytest.skip("; ".join(row.findings))
