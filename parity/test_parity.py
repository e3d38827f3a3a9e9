"""The catalogue times the checks, and nothing else. A cell's id is its coordinates: -k "Conv2d and values" selects."""

from pathlib import Path

import pytest

from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.diagnosis.minimal import shown
from parity.subjects import is_file
from parity.subjects.contract import Stopped, Subject, Unsupported
from parity.subjects.process import Isolated
from parity.verdict.cell import Cell
from parity.verdict.compare import Comparison
from parity.verdict.failure import message
from parity.verdict.trial import Judged, Trial, said
from reports.record import Parity


def test_parity(
    cell: Cell, subject: Subject, asked_subject: str, findings: list[Parity], pytestconfig: pytest.Config
) -> None:
    if isinstance(subject, Isolated):
        subject.begin()
    trial, check = Trial(cell, subject), CHECKS[cell.check]
    judged, error = check.judged(trial)
    findings += explain(trial, judged)
    if isinstance(error, Unsupported):
        findings.append(trial.record("all", Comparison("unsupported", str(error))))
        if not judged:
            pytest.skip(f"unsupported: {error}")
    elif error is not None:
        ended = Judged(trial.record("all", Comparison("error", said(error))))
        findings += explain(trial, [ended])
    if not findings:
        findings.append(trial.record("all", Comparison("error", "the check compared nothing")))
    wrong = [record for record in findings if record.verdict not in ("pass", "same-route", "unsupported")]
    if wrong:
        folder: Path = pytestconfig.getoption("--out") / "minimal"
        if pytestconfig.getoption("--subject") != asked_subject:  # one of several
            folder /= Path(asked_subject).stem
        scripts = shown(trial, wrong, asked_subject, folder) if is_file(asked_subject) else []
        words = message(cell, asked_subject, wrong, scripts)
        if error is None or isinstance(error, (Stopped, Unsupported)):
            pytest.fail(words, pytrace=False)
        error.add_note(words)
        raise error
