"""A library that stops half-way is judged on all that it gives."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.subjects import load
from parity.subjects.contract import Built
from parity.verdict.cell import Cell
from parity.verdict.compare import Comparison
from parity.verdict.trial import Judged, Trial
from tests.parity.answers import Answers


class Partly:
    """The framework with its modules changed after they are built."""

    name, explains = "partly", False

    def __init__(self, change: Callable[[Built], None]) -> None:
        self.change = change

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> Built:
        built = load("framework").build(module, options, parameters, device, dtype)
        self.change(built)
        return built


def backward_raises(built: Any) -> None:
    def backward(dy: Tensor | None) -> Tensor:
        raise AttributeError(f"no attribute grad_input for {dy is None}")

    forward = built.forward
    built.forward, built.backward = lambda *inputs: forward(*inputs) * 1.001, backward


def dx_is_none(built: Any) -> None:
    honest = built.backward
    built.backward = lambda dy: (honest(dy), None)[1]
    gradients = built.gradients
    built.gradients = lambda: {name: value * 2 for name, value in gradients().items()}


def raises_for_many(built: Any) -> None:
    forward = built.forward

    def only_one(*inputs: Tensor) -> Tensor:
        if len(inputs[0]) > 1:
            raise IndexError("index 1 is out of bounds")
        return forward(*inputs)

    built.forward = only_one


def judged(change: Callable[[Built], None], check: str = "values") -> dict[str, str]:
    page = pages()["Linear"]
    judgements, _ = CHECKS[check].judged(Trial(Cell(page, page.cases[0], check), Partly(change)))
    return {one.record.quantity: f"{one.record.verdict} {one.record.detail}" for one in judgements}


def test_a_crash_in_backward_does_not_hide_a_wrong_output() -> None:
    found = judged(backward_raises)
    assert found["output"].startswith("fail")
    assert found["dx"] == "error AttributeError: no attribute grad_input for False"


def test_a_backward_that_returns_none_does_not_hide_the_other_gradients() -> None:
    found = judged(dx_is_none)
    assert found["output"].startswith(("pass", "same-route"))
    assert found["dx"] == "fail must be a tensor, was NoneType"
    assert found["dweight"].startswith("fail")
    assert "elements are wrong" in found["dweight"]


def test_what_a_check_claimed_before_an_exception_is_kept() -> None:
    def zero_grad_raises(built: Any) -> None:
        def zero_grad() -> None:
            raise AttributeError("no zero_grad")

        built.zero_grad = zero_grad

    page = pages()["Linear"]
    judgements, error = CHECKS["accumulates"].judged(Trial(Cell(page, page.cases[0]), Partly(zero_grad_raises)))
    assert {one.record.quantity for one in judgements} >= {"dweight", "dbias", "dx"}
    assert isinstance(error, AttributeError)


@pytest.mark.parametrize("check", ["needs-forward", "guards"])
def test_any_refusal_is_a_refusal(check: str) -> None:
    def stumbles(built: Any) -> None:
        built.zero_grad()
        honest = built.backward

        def backward(dy: Tensor | None) -> Tensor:
            try:
                return honest(dy)
            except (RuntimeError, ValueError) as error:
                raise KeyError("x") from error

        built.backward = backward

    assert not any(words.startswith("fail") for words in judged(stumbles, check).values())


def test_a_right_answer_before_any_forward_is_no_fault() -> None:
    page = pages()["NearestUpsampling"]
    trial = Trial(Cell(page, page.cases[0], "needs-forward"), Answers(twice, of_twice))
    assert not any(one.fails for one in CHECKS["needs-forward"].judged(trial)[0])
    wrong = replace(trial, subject=Answers(twice, lambda dy, x: of_twice(dy, x) * (1 if len(x) else 2)))
    assert any(one.fails for one in CHECKS["needs-forward"].judged(wrong)[0])


def twice(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, -1).repeat_interleave(2, -2)


def of_twice(dy: Tensor, _: Tensor) -> Tensor:
    return dy.unflatten(-1, (-1, 2)).sum(-1).unflatten(-2, (-1, 2)).sum(-2)


def test_gradients_that_a_crash_in_backward_left_at_zero_are_not_called_wrong() -> None:
    def nothing_done(built: Any) -> None:
        def backward(_: object) -> None:
            raise ValueError("shapes do not fit")

        built.backward = backward

    assert judged(nothing_done)["dweight"] == "error ValueError: shapes do not fit"


def test_a_crash_says_under_which_simpler_conditions_there_is_none() -> None:
    page = pages()["Linear"]
    trial = Trial(Cell(page, page.cases[0]), Partly(raises_for_many))
    judgements, error = CHECKS["values"].judged(trial)
    assert not judgements
    assert isinstance(error, IndexError)
    (record,) = explain(trial, [Judged(trial.record("all", Comparison("error", "IndexError")))])
    assert record.diagnosis == "right for a batch of one alone"
