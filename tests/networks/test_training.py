"""What a module keeps from step to step shows in a training, and in nothing that calls it once."""

from typing import Any

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.contract.training import lockstep
from parity.contract.training.learner import BATCHES, Learner
from parity.independence.overheard import Unjudged
from parity.subjects import load
from parity.subjects.adapters import Library
from parity.subjects.contract import Settable, Stateful, Subject
from parity.subjects.process import Isolated
from parity.verdict import limits
from parity.verdict.cell import Cell
from parity.verdict.trial import Judged, Trial
from tests.networks.changed import Changed
from tests.networks.stale import STALE, ParametersOfACopy, Stale

TRAINED = [(page.module, case.name) for page in pages().values() for case in page.cases if case.loss]
RIGHT = ("pass", "same-route")


def cell(module: str, case: str, check: str, dtype: str = "float32") -> Cell:
    page = pages()[module]
    return Cell(page, next(one for one in page.cases if one.name == case), check, dtype=dtype)


def judged(subject: Subject, at: Cell) -> list[Judged]:
    found, error = CHECKS[at.check].judged(Trial(at, subject))
    assert error is None
    return found


def wrong(subject: Subject, at: Cell) -> dict[str, str]:
    records = [one.record for one in judged(subject, at)]
    return {record.quantity: record.detail for record in records if record.verdict not in RIGHT}


def test_every_network_is_trained_and_so_is_that_of_the_papers() -> None:
    networks = {page.module for page in pages().values() if page.network is not None}
    assert {module for module, _ in TRAINED} == {*networks, "Sequential"}


@pytest.mark.parametrize(("module", "case"), TRAINED)
def test_a_training_of_the_framework_is_right_and_comes_nearer_its_target(module: str, case: str) -> None:
    at = cell(module, case, "lockstep")
    assert wrong(load("framework"), at) == {}
    learner = Learner(Trial(at, load("framework")))
    steps = [learner.step(number).trial.drawn.dy for number in range(limits.TRAINED_STEPS)]
    of_steps = [float(dy.norm()) for dy in steps if dy is not None]
    assert sum(of_steps[-BATCHES:]) < 0.9 * sum(of_steps[:BATCHES])


@pytest.mark.parametrize("check", ["one-step", "lockstep"])
def test_a_subject_that_shows_no_parameters_is_trained_too(check: str) -> None:
    at = cell("ResidualBlock", "same-shape", check)
    built = Trial(at, load("torch_nn")).build()
    assert isinstance(built, Settable)
    assert not isinstance(built, Stateful)
    assert wrong(load("torch_nn"), at) == {}


class Fixed:
    """A module in which nothing can be set."""

    def __init__(self, built: Any) -> None:
        self.built = built

    def __getattr__(self, name: str) -> Any:
        if name in ("param", "state_dict", "load_state_dict"):
            raise AttributeError(name)
        return getattr(self.built, name)


class Rebuilt:
    """The framework, without a way to change a parameter."""

    name, explains, built = "rebuilt", False, 0

    def build(self, *arguments: Any) -> Any:
        self.built += 1
        return Fixed(load("framework").build(*arguments))


def test_a_module_in_which_nothing_can_be_set_is_built_anew_for_every_step() -> None:
    subject: Any = Rebuilt()
    assert wrong(subject, cell("Sequential", "dense-tanh", "lockstep")) == {}
    assert subject.built == 1 + limits.TRAINED_STEPS


def test_a_library_in_another_process_is_trained_there() -> None:
    assert wrong(Isolated("examples/adapters/numpy_library.py"), cell("LSTMClassifier", "plain", "one-step")) == {}


@pytest.mark.parametrize("stale", STALE, ids=lambda stale: f"{stale.kind.__name__}-{stale.page}")
def test_what_is_kept_from_an_earlier_step_is_found_in_lockstep_and_not_by_values(stale: Stale) -> None:
    subject: Any = Changed(stale.layer, stale.kind)
    for case in pages()[stale.page].cases:
        assert wrong(subject, cell(stale.page, case.name, "values")) == {}
    assert wrong(subject, cell(stale.page, stale.case, "one-step")) == {}
    found = wrong(subject, cell(stale.page, stale.case, "lockstep"))
    assert stale.quantity in found
    assert all(detail.startswith(f"step {stale.step}: ") for detail in found.values())


def test_parameters_that_no_step_reaches_are_found_in_one_step() -> None:
    subject: Any = Changed("Linear", ParametersOfACopy)
    assert wrong(subject, cell("LSTMClassifier", "plain", "values")) == {}
    found = wrong(subject, cell("LSTMClassifier", "plain", "one-step"))
    assert found.keys() == {"linear.weight", "linear.bias"}


def test_a_case_in_which_standing_still_would_pass_is_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parity.contract.training.learner.RATE", 2.0**-60)
    records = [one.record for one in judged(load("framework"), cell("LSTMClassifier", "plain", "one-step"))]
    assert {(record.verdict, record.detail) for record in records} == {
        ("error", "the case proves nothing: standing still would pass")
    }


def test_a_step_beyond_the_screen_is_weighed_and_accuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    weighed = []
    take = lockstep.Screen.take
    monkeypatch.setattr(lockstep.Screen, "take", lambda screen, at: (weighed.append(at), take(screen, at))[1])
    monkeypatch.setattr(lockstep.Screen, "holds_back", lambda *_: len(weighed) < 6)
    assert wrong(load("framework"), cell("Sequential", "dense-tanh", "lockstep")) == {}
    assert len(weighed) == 6 + len([step for step in limits.WEIGHED_STEPS if step > 6])


def test_no_step_of_a_right_training_is_beyond_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    beyond = []
    held = lockstep.Screen.holds_back
    monkeypatch.setattr(lockstep.Screen, "holds_back", lambda *given: (beyond.append(held(*given)), beyond[-1])[1])
    for module, case in TRAINED:
        judged(load("framework"), cell(module, case, "lockstep"))
    assert len(beyond) == len(TRAINED) * (limits.TRAINED_STEPS - len(limits.WEIGHED_STEPS))
    assert sum(beyond) < 0.01 * len(beyond)


def test_a_library_without_a_layer_is_not_trained() -> None:
    _, error = CHECKS["lockstep"].judged(Trial(cell("LSTMClassifier", "plain", "lockstep"), Library("less", {})))
    assert str(error) == "LSTMClassifier needs LSTM, and less has no LSTM"


@pytest.mark.parametrize("check", ["one-step", "lockstep"])
def test_a_trial_that_judges_nothing_is_trained_without_a_truth(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parity.verdict.trial.weigh", lambda *_: pytest.fail("a gauge was asked for"))
    judged, error = CHECKS[check].judged(Unjudged(cell("LSTMClassifier", "plain", check), load("framework")))
    assert judged == []
    assert error is None
