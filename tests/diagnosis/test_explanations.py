"""A planted cause is named; a right quantity is not explained."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from parity.catalogue import pages
from parity.diagnosis import explain, search
from parity.diagnosis.altered.images import windows
from parity.diagnosis.explain import attempted
from parity.diagnosis.hypotheses import options
from parity.diagnosis.shapes import of_ceiling
from parity.diagnosis.symptom import Symptom
from parity.subjects import load
from parity.subjects.framework import BuiltModule, FrameworkSubject
from parity.verdict.cell import Cell
from parity.verdict.trial import Seen, Trial, records

Fault = Callable[[Tensor, Mapping[str, Tensor]], Tensor]


class Faulty(BuiltModule):
    """The framework's module, one quantity of it put through a fault."""

    def __init__(self, built: BuiltModule, quantity: str, fault: Fault) -> None:
        super().__init__(built.module)
        self.quantity, self.fault, self.seen = quantity, fault, {}
        self.forward = self.watched

    def watched(self, *inputs: Tensor) -> Tensor:
        self.seen = {"x": inputs[0]}
        return self.through("output", self.module.forward(*inputs))

    def backward(self, dy: Tensor | None) -> Tensor:
        self.seen["dy"] = dy
        return self.through("dx", super().backward(dy))

    def gradients(self) -> dict[str, Tensor]:
        return {name: self.through(f"d{name}", grad) for name, grad in super().gradients().items()}

    def through(self, quantity: str, value: Tensor) -> Tensor:
        return self.fault(value, self.seen) if quantity == self.quantity else value


class Subject(FrameworkSubject):
    """The framework with a fault."""

    name = "faulty"

    def __init__(self, quantity: str, fault: Fault) -> None:
        self.quantity, self.fault = quantity, fault

    def build(self, *arguments: Any) -> Faulty:
        return Faulty(super().build(*arguments), self.quantity, self.fault)


def one_wrong(value: Tensor, _: Mapping[str, Tensor]) -> Tensor:
    changed = value.clone()
    changed[(1,) * value.dim()] *= 1.5
    return changed


def last_zero(value: Tensor, _: Mapping[str, Tensor]) -> Tensor:
    changed = value.clone()
    changed[:, -1] = 0
    return changed


def slope(x: Tensor) -> Tensor:
    return torch.sigmoid(x) * (1 - torch.sigmoid(x))


@pytest.mark.parametrize(
    ("module", "quantity", "fault", "words"),
    [
        ("Linear", "dweight", lambda value, _: -value, "the sign is wrong"),
        ("Linear", "dweight", lambda value, _: value * 0, "it is zero everywhere"),
        ("Linear", "dbias", lambda value, seen: value / len(seen["x"]), "divided by the batch size"),
        ("Linear", "dbias", lambda value, _: value / 5, "constant factor 0.2"),
        ("Linear", "dweight", lambda value, _: value * 2, "2 times too large"),
        ("Linear", "dx", lambda value, _: value * 1.37, "constant factor 1.37"),
        ("Linear", "dx", one_wrong, "one element, at (1, 1)"),
        ("Linear", "dx", last_zero, "zero in the last channel"),
        ("Linear", "dweight", lambda value, _: value.bfloat16().float(), "rounded to bfloat16"),
        ("Conv2d", "dweight", lambda value, _: value.flip(2, 3), "flipped in both directions"),
        (
            "Conv2d",
            "dweight",
            lambda value, _: value.transpose(2, 3),
            "transposed: kernel row and kernel column",
        ),
        ("Conv2d", "dbias", lambda value, _: value.mean().expand_as(value), "the mean over the output channel axis"),
        ("Sigmoid", "dx", lambda _, seen: slope(seen["dy"]), "evaluated at the cotangent"),
        ("Sigmoid", "dx", lambda _, seen: seen["dy"].clone(), "the derivative's factor is missing"),
        ("Sigmoid", "dx", lambda _, seen: slope(seen["x"]), "the cotangent's factor is missing"),
        ("Softmax", "output", lambda value, _: value.roll(1, 1), "shifted by one along the channel axis"),
    ],
)
def test_the_cause_is_named(module: str, quantity: str, fault: Fault, words: str) -> None:
    page = pages()[module]
    trial = Trial(Cell(page, page.cases[0]), Subject(quantity, fault))
    judged = trial.judge(trial.observe(trial.build()))
    explained = {record.quantity: record.diagnosis for record in explain(trial, judged)}
    assert words in explained.pop(quantity)
    assert not any(explained.values())


def test_it_says_when_a_batch_of_one_is_right() -> None:
    page = pages()["Linear"]
    fault = Subject("dbias", lambda value, seen: value * (1.25 if len(seen["x"]) > 1 else 1))
    trial = Trial(Cell(page, page.cases[0]), fault)
    said = [record.diagnosis for record in explain(trial, trial.judge(trial.observe(trial.build())))]
    assert "right for a batch of one alone; it is off by the constant factor 1.25" in said


def test_an_error_of_the_subject_on_another_run_leaves_the_verdict() -> None:
    def fault(value: Tensor, seen: Mapping[str, Tensor]) -> Tensor:
        if len(seen["x"]) != 5:
            raise ArithmeticError("only batches of five")
        return value.neg()

    page = pages()["Linear"]
    trial = Trial(Cell(page, page.cases[0]), Subject("output", fault))
    found = {record.quantity: record for record in explain(trial, trial.judge(trial.observe(trial.build())))}
    assert found["output"].verdict == "fail"
    assert "the sign is wrong" in found["output"].diagnosis


def test_a_right_subject_is_not_explained() -> None:
    page = pages()["Conv2d"]
    trial = Trial(Cell(page, page.cases[0]), Subject("dx", lambda value, _: value))
    judged = trial.judge(trial.observe(trial.build()))
    assert explain(trial, judged) == records(judged)


def test_padding_in_words_ends_no_explanation() -> None:
    page = pages()["Conv2d"]
    case = next(case for case in page.cases if case.options.get("padding") == "same")
    trial = Trial(Cell(page, case), FrameworkSubject())
    truth = trial.evidence.truth["output"]
    symptom = Symptom(trial, "output", -truth, truth)
    for hypothesis in (windows.swapped, windows.misplaced, options.option_ignored):
        assert all(one.predicted.shape == truth.shape for one in hypothesis(symptom))
    assert of_ceiling(torch.Size((1, 1, 3, 3)), trial) == ""


def test_a_warning_of_torch_about_strange_options_cuts_no_hypothesis_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another option's number may leave a layer without channels, of which torch warns; here warnings are errors."""
    page = pages()["Conv2d"]
    trial = Trial(Cell(page, page.cases[0], dtype="float64"), load("framework"))
    truth = trial.evidence.truth["output"]
    got = Symptom(trial, "output", truth, truth).reference(options={"padding": 1})
    assert got is not None
    monkeypatch.setattr(search, "HYPOTHESES", [options.option_ignored])
    words = [guess.words for guess in attempted(Seen(trial, "output", got), trial)]
    assert "it is shifted by one pixel, as with one pixel of padding more" in words, words
