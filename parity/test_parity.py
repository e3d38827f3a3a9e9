"""The catalogue times the checks, and nothing else. A cell's id is its coordinates: -k "Conv2d and values" selects."""

from dataclasses import replace
from pathlib import Path

import pytest

from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.failure import message
from parity.run.gate.aspects import FAIL_ON, fails, not_asked
from parity.subjects import is_file
from parity.subjects.contract import Stopped, Subject, Unsupported
from parity.subjects.process import Isolated
from parity.verdict.cell import Cell
from parity.verdict.compare import Comparison
from parity.verdict.reading import said
from parity.verdict.trial import Judged, Trial
from reports.parity.looks import NOT_SOUGHT
from reports.record import Parity


def test_parity(
    cell: Cell,
    subject: Subject,
    asked_subject: str,
    findings: list[Parity],
    run_folder: Path,
    pytestconfig: pytest.Config,
) -> None:
    if isinstance(subject, Isolated):
        subject.begin()
    trial, check, fail_on = Trial(cell, subject), CHECKS[cell.check], pytestconfig.stash[FAIL_ON]
    judged, error = check.judged(trial)
    causes = not pytestconfig.getoption("--no-causes")
    findings += explain(trial, judged) if causes else [unsought(one.record) for one in judged]
    if isinstance(error, Unsupported):
        findings.append(trial.record("all", Comparison("unsupported", str(error), aspect=check.aspect)))
        if not judged:
            pytest.skip(f"unsupported: {error}")
    elif error is not None:
        ended = Judged(trial.record("all", Comparison("error", said(error), aspect=check.aspect)))
        findings += explain(trial, [ended]) if causes else [unsought(ended.record)]
    if not findings:
        nothing = Comparison("error", "the check compared nothing", aspect=check.aspect)
        findings.append(trial.record("all", nothing))
    wrong = list(filter(is_wrong, findings))
    if wrong:
        several = pytestconfig.getoption("--subject") != asked_subject
        folder = run_folder / "minimal" / (Path(asked_subject).stem if several else "")
        scripts, failing = [], any(fails(record, fail_on) for record in wrong)
        if failing and causes and is_file(asked_subject):
            from parity.diagnosis.minimal import shown, with_script  # hypothesis, half a second, for failures alone

            scripts = shown(trial, wrong, asked_subject, folder)
            findings[:] = [
                with_script(record, folder, run_folder) if is_wrong(record) else record for record in findings
            ]
        words = message(cell, asked_subject, wrong, scripts)
        if not failing:
            pytest.xfail(not_asked(wrong))
        if error is None or isinstance(error, (Stopped, Unsupported)):
            pytest.fail(words, pytrace=False)
        error.add_note(words)
        raise error


def unsought(record: Parity) -> Parity:
    """Return a record of which nobody looks for the cause: if it is wrong, it says so."""
    return replace(record, diagnosis=NOT_SOUGHT) if is_wrong(record) else record


def is_wrong(record: Parity) -> bool:
    return record.verdict not in ("pass", "same-route", "unsupported")
