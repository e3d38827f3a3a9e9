"""Integers: honest subjects are exact to the last bit, and the least fault is seen."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from parity.catalogue import pages
from parity.catalogue.page import Case
from parity.contract.numbers import exact
from parity.subjects import load
from parity.subjects.contract import Built, Subject
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.draw import mapped
from parity.verdict.plan import cells
from parity.verdict.trial import Trial

LINEAR = [page for page in pages().values() if page.multilinear]
CELLS = [cell for page in LINEAR for cell in cells(page, [exact.CHECK], ["cpu"], 0)]
WITH_PARAMETERS = [cell for cell in CELLS if "kernel_size" in cell.case.options or "in_features" in cell.case.options]
Fault = Callable[[Tensor], Tensor]


@pytest.mark.parametrize("subject", ["framework", "torch_nn"])
@pytest.mark.parametrize("place", CELLS, ids=str)
def test_honest_subjects_are_exact(subject: str, place: Cell) -> None:
    judged = exact.CHECK.records(Trial(place, load(subject)))
    assert all(record.verdict == "pass" and record.elements for record in judged), judged


def test_every_wide_case_is_asked_in_every_dtype() -> None:
    of_case = {(cell.page.module, cell.case.name) for cell in CELLS}
    assert len(CELLS) == len(DTYPES) * len(of_case)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_long_sums_are_drawn_sparsely_and_stay_exact(dtype: str) -> None:
    case = next(case for case in pages()["Linear"].cases if case.name == "long-sum")
    drawn = exact.integers(Cell(pages()["Linear"], case, dtype=dtype))
    assert 0 < (drawn.inputs[0] != 0).double().mean() < 0.8
    largest = exact.sizes(Cell(pages()["Linear"], case, dtype=dtype), mapped(drawn, torch.abs))
    assert max(largest.values()) <= 2 / torch.finfo(drawn.inputs[0].dtype).eps


@pytest.mark.parametrize("place", CELLS, ids=str)
def test_draws_are_integers_of_both_signs_with_zeros(place: Cell) -> None:
    drawn = exact.integers(place)
    for value in (*drawn.numbers, *drawn.parameters.values()):
        assert torch.equal(value, value.round())
    numbers = torch.cat([value.flatten() for value in (*drawn.numbers, *drawn.parameters.values())])
    assert {-1.0, 0.0, 1.0} == set(numbers.sign().unique().tolist())


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_sum_too_long_is_an_error_that_names_the_case(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    endless = Case("endless", x=(1, 2**17), options={"in_features": 2**17, "out_features": 1})
    monkeypatch.setattr(exact, "SPARSEST", 0.5)
    with pytest.raises(
        ValueError, match=f"Linear, case endless: no draw .* terms exact in {dtype}; .* must be smaller"
    ):
        exact.CHECK.records(Trial(Cell(pages()["Linear"], endless, "exact", dtype=dtype), load("torch_nn")))


class Faulty:
    """torch.nn with a fault in its weights, its input or its output."""

    name, explains = "faulty", False

    def __init__(self, weight: Fault | None = None, x: Fault | None = None, y: Fault | None = None) -> None:
        self.weight, self.x, self.y = weight, x, y

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> Built:
        if self.weight and "weight" in parameters:
            parameters = {**parameters, "weight": self.weight(parameters["weight"])}
        built = load("torch_nn").build(module, options, parameters, device, dtype)
        forward = built.forward
        of_x, of_y = self.x or (lambda value: value), self.y or (lambda value: value)
        built.forward = lambda *inputs: of_y(forward(of_x(inputs[0])))  # type: ignore[method-assign]  # the fault
        return built


def one_ulp_off(weight: Tensor) -> Tensor:
    flat = weight.flatten().clone()
    at = int(flat.abs().argmax())
    flat[at] = torch.nextafter(flat[at], flat.new_tensor(torch.inf))
    return flat.view(weight.shape)


def without_last_term(x: Tensor) -> Tensor:
    """Drop the last feature, or the last image's last channel, from every sum over it."""
    axis = -1 if x.dim() == 2 else 1
    return x.index_fill(axis, torch.tensor([x.shape[axis] - 1]), 0.0)


def through_bfloat16(y: Tensor) -> Tensor:
    return y.bfloat16().to(y.dtype)


def red(cell: Cell, subject: Subject) -> set[str]:
    """Return the quantities that fail."""
    return {one.record.quantity for one in exact.CHECK.run(Trial(cell, subject)) if one.fails}


@pytest.mark.parametrize("place", WITH_PARAMETERS, ids=str)
def test_one_weight_off_by_one_ulp_is_seen_in_every_dtype(place: Cell) -> None:
    assert red(place, Faulty(weight=one_ulp_off))


@pytest.mark.parametrize("place", CELLS, ids=str)
def test_a_dropped_last_term_is_seen(place: Cell) -> None:
    assert "output" in red(place, Faulty(x=without_last_term))


@pytest.mark.parametrize("place", [cell for cell in CELLS if cell.dtype in ("float64", "float32")], ids=str)
def test_an_output_rounded_to_bfloat16_is_seen(place: Cell) -> None:
    assert "output" in red(place, Faulty(y=through_bfloat16))


def test_a_failure_says_how_many_where_and_what() -> None:
    found = exact.difference(torch.tensor([[1.0, 2.0], [3.0, 5.0]]), torch.tensor([[1.0, 2.0], [4.0, 6.0]]))
    assert found == "2 of 4 elements are not exact, the first at (1, 0): got 3, wanted 4"
    assert not exact.difference(torch.tensor([-0.0]), torch.tensor([0.0]))
    assert "dtype" in exact.difference(torch.zeros(1), torch.zeros(1).double())
