"""The catalogue of optimisers times what is asked of them. A cell's id is its coordinates: -k "Adam and values"."""

from dataclasses import replace

import pytest

from parity.diagnosis.steps import explain
from parity.failure import message
from parity.run.gate.aspects import FAIL_ON, fails, not_asked
from parity.stepping import CHECKS, StepTrial
from parity.stepping.course import StepCell
from parity.stepping.fitted import fitted
from parity.subjects.contract import Stopped, Subject, Unsupported
from parity.subjects.process import Isolated
from parity.verdict.compare import Comparison
from parity.verdict.reading import said
from reports.record import Parity


def test_optimisers(
    step_cell: StepCell, subject: Subject, asked_subject: str, findings: list[Parity], pytestconfig: pytest.Config
) -> None:
    if isinstance(subject, Isolated):
        subject.begin()
    trial, error, fail_on = StepTrial(fitted(step_cell, subject), subject), None, pytestconfig.stash[FAIL_ON]
    aspect = CHECKS[step_cell.check].aspect
    try:
        findings.extend(replace(record, aspect=aspect) for record in CHECKS[step_cell.check].run(trial))
        findings[:] = explain(trial, findings)
    except Unsupported as unsupported:
        findings.append(trial.record("all", Comparison("unsupported", str(unsupported), aspect=aspect)))
        pytest.skip(f"unsupported: {unsupported}")
    except Exception as raised:
        error = raised
        findings.append(trial.record("all", Comparison("error", said(error), aspect=aspect)))
    if not findings:
        findings.append(trial.record("all", Comparison("error", "the check compared nothing", aspect=aspect)))
    wrong = [record for record in findings if record.verdict not in ("pass", "same-route")]
    if wrong:
        if not any(fails(record, fail_on) for record in wrong):
            pytest.xfail(not_asked(wrong))
        words = message(step_cell, asked_subject, wrong, file="parity/test_optimisers.py")
        if error is None or isinstance(error, Stopped):
            pytest.fail(words, pytrace=False)
        error.add_note(words)
        raise error
