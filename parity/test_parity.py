"""The catalogue times the checks, and nothing else. A cell's id is its coordinates: -k "Conv2d and values" selects."""

import pytest

from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.subjects.contract import Subject, Unsupported
from parity.subjects.process import Isolated
from parity.verdict.cell import Cell
from parity.verdict.compare import Comparison
from parity.verdict.failure import message
from parity.verdict.trial import Trial
from reports.record import Parity


def test_parity(cell: Cell, subject: Subject, asked_subject: str, findings: list[Parity]) -> None:
    if isinstance(subject, Isolated):
        subject.begin()
    trial = Trial(cell, subject)
    try:
        findings += explain(trial, CHECKS[cell.check](trial))
    except Unsupported as lacking:
        findings.append(trial.record("all", Comparison("unsupported", str(lacking))))
        pytest.skip(f"unsupported: {lacking}")
    except Exception as error:
        findings.append(trial.record("all", Comparison("error", f"{type(error).__name__}: {error}")))
        raise
    if not findings:
        findings.append(trial.record("all", Comparison("error", "the check compared nothing")))
    wrong = [record for record in findings if record.verdict not in ("pass", "same-route", "unsupported")]
    if wrong:
        pytest.fail(message(cell, asked_subject, wrong), pytrace=False)
