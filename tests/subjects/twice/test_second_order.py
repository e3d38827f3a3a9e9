"""Second derivatives of a tiny reverse-mode library: right ones are not accused, broken ones are, each where it is."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from parity.catalogue import written
from parity.catalogue.page import Page
from parity.contract import CHECKS, checks_of
from parity.contract.numbers.second_order import CHECK
from parity.diagnosis import explain
from parity.diagnosis.minimal.shown import attempted
from parity.run.planning import plan
from parity.run.session import Selection
from parity.run.tested import asked_one
from parity.subjects import adapters as ad
from parity.subjects import load
from parity.subjects.contract import Unsupported
from parity.subjects.process import Isolated
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Judged, Trial

ADAPTER = Path(__file__).with_name("adapter.py")
MODULES = ("Linear", "Tanh", "Sigmoid", "SiLU", "Softmax", "MSELoss")
SEEDS = (0, 1, 2)
# Where each fault shows: the quantities that fail, of the modules that have it. All others are right.
FAULTS = {
    "slope is a number": {"Sigmoid": {"d²x"}},
    "saved output kept": {"SiLU": {"d²x"}, "Softmax": {"d²x"}},
    "factor 2 of a square dropped": {"Tanh": {"d²x"}},
    "factor of a product kept": {"Linear": {"d²weight"}},
}


@pytest.fixture(scope="module")
def library() -> Any:
    return load(str(ADAPTER))


@pytest.fixture
def planted(library: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    def plant(fault: str) -> Any:
        monkeypatch.setattr("reverse.FAULT", fault)
        return library

    return plant


PLANS: dict[tuple[str, str], Page] = {}  # by subject and module


def asked(subject: Any, module: str, seed: int = 0, check: str = CHECK.name) -> Iterator[Cell]:
    if (key := (subject.name, module)) not in PLANS:
        PLANS[key] = plan(subject, written()[module], {}).page
    yield from cells(PLANS[key], [CHECKS[check]], ["cpu"], seed)


def judged(subject: Any, module: str, seed: int = 0) -> list[Judged]:
    found = [CHECK.judged(Trial(cell, subject)) for cell in asked(subject, module, seed)]
    assert all(isinstance(error, Unsupported | None) for _, error in found)
    return [one for of_cell, _ in found for one in of_cell]


def wrong(subject: Any, module: str, seed: int = 0) -> set[str]:
    return {one.record.quantity for one in judged(subject, module, seed) if one.record.verdict in ("fail", "error")}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("module", MODULES)
def test_right_second_derivatives_are_not_accused(planted: Any, module: str, seed: int) -> None:
    found = judged(planted(""), module, seed)
    assert {one.record.verdict for one in found} <= {"pass", "same-route"}
    assert {one.record.dtype for one in found} == {"float32", "float64"}
    assert {one.record.quantity for one in found} >= {"d²x", "d²dy"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_where_it_is_and_nowhere_else(planted: Any, fault: str, seed: int) -> None:
    subject = planted(fault)
    assert {module: found for module in MODULES if (found := wrong(subject, module, seed))} == FAULTS[fault]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_shows_in_the_first_derivatives(planted: Any, fault: str) -> None:
    subject = planted(fault)
    for module in FAULTS[fault]:
        narrow = [one for one in asked(subject, module, check="values") if one.regime == "normal"]
        trials = [Trial(cell, subject) for cell in narrow if cell.dtype == "float64"]
        records = [one.record for trial in trials for one in CHECKS["values"].judged(trial)[0]]
        assert {record.verdict for record in records} <= {"pass", "same-route"}


class Wrong:
    """A built module of which one method is another."""

    def __init__(self, built: Any, second: Any) -> None:
        self.built, self.of = built, second

    def __getattr__(self, name: str) -> Any:
        return getattr(self.built, name)

    def second(self, cotangents: Any, directions: Any) -> Any:
        return self.of(self.built, cotangents, directions)


class Replaced:
    """The subject with another second."""

    differentiates_twice, explains, name = True, False, "replaced"

    def __init__(self, subject: Any, second: Any) -> None:
        self.subject, self.of = subject, second

    def build(self, *arguments: Any) -> Wrong:
        return Wrong(self.subject.build(*arguments), self.of)


def first_again(built: Any, cotangents: Any, _: Any) -> Any:
    return {"x": built.backward(*cotangents), "dy": cotangents[0]} | built.gradients()


def changed(change: Any, built: Any, *given: Any) -> Any:
    return {name: change(value) for name, value in built.second(*given).items()}


ANSWERS = {
    "the first gradient": first_again,
    "zeros": lambda *_: {},
    "twice as much": partial(changed, lambda value: 2 * value),
    "the other sign": partial(changed, torch.neg),
    "another shape": partial(changed, lambda value: value[None]),
    "no mapping": lambda *_: None,
}


@pytest.mark.parametrize("module", ["Linear", "Tanh", "MSELoss"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_wrong_answer_is_found(planted: Any, answer: str, module: str) -> None:
    subject = Replaced(planted(""), ANSWERS[answer])
    for cell in asked(planted(""), module):
        found, error = CHECKS[CHECK.name].judged(Trial(cell, subject))
        assert error is not None or any(one.record.verdict in ("fail", "error") for one in found), cell


def test_zero_is_compared_where_it_is_right(planted: Any) -> None:
    of_linear = {one.record.quantity: one.record for one in judged(planted(""), "Linear")}
    assert of_linear["d²x"].elements > 0
    assert of_linear["d²x"].verdict == "pass"

    def with_something(built: Any, *given: Any) -> Any:
        found = built.second(*given)
        return found | {"x": found["x"] + 1e-30}

    (cell, *_) = asked(planted(""), "Linear")
    failed = [one.record for one in CHECK.run(Trial(cell, Replaced(planted(""), with_something))) if one.fails]
    assert [record.quantity for record in failed] == ["d²x"]


@pytest.mark.parametrize(
    ("answer", "module", "quantity", "words"),
    [
        ("zeros", "Tanh", "d²x", "taken for a constant"),
        ("twice as much", "Tanh", "d²x", "2"),
        ("the other sign", "Tanh", "d²x", "sign"),
        ("the first gradient", "Tanh", "d²x", "first gradient"),
    ],
)
def test_a_wrong_answer_is_explained(planted: Any, answer: str, module: str, quantity: str, words: str) -> None:
    (cell, *_) = (one for one in asked(planted(""), module) if one.dtype == "float64")
    trial = Trial(cell, Replaced(planted(""), ANSWERS[answer]))
    (record,) = (one for one in explain(trial, list(CHECK.run(trial))) if one.quantity == quantity)
    assert words in record.diagnosis


def test_there_is_no_script_and_it_says_so(planted: Any, tmp_path: Path) -> None:
    (cell, *_) = asked(planted("slope is a number"), "Sigmoid")
    said = attempted(Trial(cell, planted("slope is a number")), "d²x", str(ADAPTER), tmp_path / "x.py")
    assert said == "of second derivatives no script is written"


def test_who_does_not_offer_it_is_not_asked_but_told_once(planted: Any) -> None:
    library = planted("")
    without = ad.Autodiff("without", library.functions, library.vjp, library.arrays, library.only)
    assert CHECK.name in checks_of(library)
    assert CHECK.name not in checks_of(without)
    chosen = partial(Selection.of, ["Tanh"], "all", "all", "all", ["cpu"], 0)
    tested = asked_one("without", without, chosen, ["Tanh"], None)
    assert not [cell for cell in tested.selection.everything() if cell.check == CHECK.name]
    assert [said for said in tested.unmet if CHECK.name in said] == [
        "without: the check second-order, which is of subjects that say differentiates_twice"
    ]
    with pytest.raises(ValueError, match="--check second-order is of subjects that say differentiates_twice"):
        asked_one("without", without, partial(Selection.of, None, "all", CHECK.name, "all", ["cpu"], 0), None, None)


def test_a_module_that_is_not_differentiated_twice_is_unsupported(planted: Any) -> None:
    (cell, *_) = asked(planted(""), "Tanh")
    with pytest.raises(Unsupported, match="the module is not differentiated twice"):
        list(CHECK.run(Trial(cell, load("framework"))))


def test_it_crosses_to_a_process_and_back() -> None:
    isolated = Isolated(str(ADAPTER))
    assert CHECK.name in checks_of(isolated)
    for module in ("Linear", "Tanh"):
        assert wrong(isolated, module) == set()
    isolated.end()


def test_a_function_of_torch_that_says_so_is_unsupported_and_one_that_forgets_is_found() -> None:
    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(y := x.tanh())
            return y

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, dy: torch.Tensor) -> torch.Tensor:
            (y,) = ctx.saved_tensors
            return dy * (1 - y * y)

    class Forgets(Once):
        @staticmethod
        def backward(ctx: Any, dy: torch.Tensor) -> torch.Tensor:
            (y,) = ctx.saved_tensors
            return dy * (1 - y.detach() ** 2)

    class Right(Once):
        @staticmethod
        def backward(ctx: Any, dy: torch.Tensor) -> torch.Tensor:
            (y,) = ctx.saved_tensors
            return dy * (1 - y * y)

    def subject(function: Any) -> Any:
        module = type("Mine", (torch.nn.Module,), {"forward": lambda _, x: function.apply(x)})
        return ad.Modules("mine", {"Tanh": module}, twice=True)

    (cell, *_) = asked(subject(Once), "Tanh")
    with pytest.raises(Unsupported, match="marked once_differentiable"):
        list(CHECK.run(Trial(cell, subject(Once))))
    assert wrong(subject(Forgets), "Tanh") == {"d²x"}
    assert wrong(subject(Right), "Tanh") == set()


def test_the_draw_is_that_of_the_module_with_directions(planted: Any) -> None:
    (cell, *_) = asked(planted(""), "Linear")
    origin = cell.page.pairs
    assert origin is not None
    drawn, of_module = Trial(cell, planted("")).drawn, Trial(replace(cell, page=origin), planted("")).drawn
    assert torch.equal(drawn.x, of_module.x)
    assert of_module.dy is not None
    assert torch.equal(drawn.inputs[2], of_module.dy)
    assert drawn.inputs[3].shape == drawn.x.shape
