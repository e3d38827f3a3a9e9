"""Entries of Autodiff: a library's words for options and parameters, its layers, and gradients its tensors hold."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.adapters import Autodiff, boxed, of_layer, of_named, of_x, taped
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Miswritten
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from reports.record import Parity


def affine(x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:  # noqa: N803 - a library's own words
    return x @ W.T if b is None else x @ W.T + b


def leaky(x: Tensor, slope: float = 0.2) -> Tensor:
    return torch.where(x > 0, x, slope * x)


def looked_up(i: Tensor, table: Tensor) -> Tensor:
    return table[i]


def given(t: Tensor) -> Tensor:
    return t.detach().clone().requires_grad_(t.is_floating_point())


def held(functions: Mapping[str, Any], vjp: Any = None) -> Autodiff:
    return Autodiff("held", functions, vjp or taped())


def records(subject: Autodiff, module: str, case: int = 0) -> list[Parity]:
    page = pages()[module]
    return CHECKS["values"].records(Trial(Cell(page, page.cases[case], "values"), subject))


def leaves(function: Any) -> Any:
    """The function of copies that require a gradient, as a library makes them of arrays."""

    def vjp(inner: Any, parameters: Mapping[str, Tensor], x: Tensor) -> Any:
        own = {name: given(value) for name, value in parameters.items()}
        return function(inner, own, given(x))

    return vjp


FUNCTIONS = {
    "Linear": of_named(affine, weight="W", bias="b"),
    "LeakyReLU": of_x(leaky, negative_slope="slope"),
    "Embedding": of_named(looked_up, weight="table"),
}


@pytest.mark.parametrize("module", FUNCTIONS)
def test_a_librarys_own_words_are_right(module: str) -> None:
    found = records(held(FUNCTIONS, leaves(taped())), module)
    assert {record.verdict for record in found} <= {"pass", "same-route"}
    assert len(found) > 1


def test_what_the_parameters_show_need_not_be_taken() -> None:
    page = pages()["Linear"]
    without = next(case for case in page.cases if case.options.get("bias") is False)
    found = CHECKS["values"].records(Trial(Cell(page, without, "values"), held(FUNCTIONS, leaves(taped()))))
    assert {record.verdict for record in found} <= {"pass", "same-route"}


def test_a_parameter_that_is_wanted_and_not_there_is_lacking() -> None:
    subject = held({"Linear": lambda p, x: x @ p["weight"].T + p["bias"]}, leaves(taped()))
    options = {"in_features": 2, "out_features": 3, "bias": False}
    made = subject.build("Linear", options, {"weight": torch.ones(3, 2)}, torch.device("cpu"), torch.float32)
    with pytest.raises(Unsupported, match="never without bias"):
        made.forward(torch.ones(1, 2))


def test_an_option_that_neither_the_function_nor_the_parameters_have_is_lacking() -> None:
    subject = held({"LeakyReLU": of_x(lambda x: x)})
    with pytest.raises(Unsupported, match="no negative_slope"):
        subject.build("LeakyReLU", {"negative_slope": 0.5}, {}, torch.device("cpu"), torch.float32)


def test_a_gradient_that_is_lost_on_the_way_is_zero_and_wrong() -> None:
    subject = held({"LeakyReLU": of_x(lambda x, negative_slope=0.01: leaky(x, negative_slope).detach())})
    backward = taped(lambda *_: None)
    subject.vjp = leaves(backward)
    (output, dx) = records(subject, "LeakyReLU")
    assert (output.verdict, dx.verdict) == ("same-route", "fail")


def test_gradients_of_the_forward_before_are_forgotten() -> None:
    x = torch.ones(3, requires_grad=True)
    for _ in range(2):
        _, pullback = taped()(lambda _, x: 2 * x, {}, x)
        assert pullback(torch.ones(3))[1].tolist() == [2, 2, 2]


class Dense:
    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        self.W = torch.zeros(inputs, outputs)
        self.inner = type("Inner", (), {"b": torch.ones(outputs) if bias else 0})()

    def __call__(self, x: Tensor) -> Tensor:
        return x @ self.W + self.inner.b


DENSE = of_layer(Dense, ("W", torch.t), "inner.b", in_features="inputs", out_features="outputs")
BIASED = of_layer(lambda inputs, outputs: Dense(inputs, outputs), ("W", torch.t), "inner.b", in_features="inputs",
                  out_features="outputs")  # fmt: skip


def of_linear(entry: Any, bias: bool) -> Any:
    options = {"in_features": 2, "out_features": 3, "bias": bias}
    parameters = {"weight": torch.ones(3, 2)} | ({"bias": torch.ones(3)} if bias else {})
    return held({"Linear": entry}, leaves(taped())).build(
        "Linear", options, parameters, torch.device("cpu"), torch.float32
    )


def test_a_layer_is_made_by_its_own_words_and_given_its_parameters() -> None:
    page, subject = pages()["Linear"], held({"Linear": DENSE}, leaves(taped()))
    for case in page.cases[:4]:
        found = CHECKS["values"].records(Trial(Cell(page, case, "values"), subject))
        assert {record.verdict for record in found} <= {"pass", "same-route"}
    assert of_linear(DENSE, False).forward(torch.ones(1, 2)).tolist() == [[2, 2, 2]]


def test_a_parameter_that_a_layer_always_has_is_lacking_where_it_is_not_there() -> None:
    assert of_linear(BIASED, True).forward(torch.ones(1, 2)).tolist() == [[3, 3, 3]]
    with pytest.raises(Unsupported, match="never without bias"):
        of_linear(BIASED, False).forward(torch.ones(1, 2))


def test_a_parameter_of_a_layer_that_has_no_place_is_said() -> None:
    entry = of_layer(Dense, ("W", torch.t), in_features="inputs", out_features="outputs")
    with pytest.raises(TypeError, match="must say where bias lies"):
        of_linear(entry, True).forward(torch.ones(1, 2))


def test_an_option_of_a_layer_that_is_none_is_a_mistake_of_the_adapter() -> None:
    with pytest.raises(Miswritten, match="takes slop, which is no option"):
        held({"LeakyReLU": of_layer(lambda slop: slop)})


class Boxed:
    def __init__(self, array: Any, floating: bool) -> None:
        self.array, self.floating = array, floating


def test_tensors_that_hold_arrays_are_made_of_copies_and_read() -> None:
    arrays, x = boxed(Boxed, lambda tensor: tensor.array, "float64"), torch.ones(2, dtype=torch.float64)
    made = arrays.into(x)
    made.array += 1
    assert x.tolist() == [1, 1]
    assert (made.floating, arrays.into(torch.ones(2).long()).floating) == (True, False)
    assert arrays.out(made, torch.float64).tolist() == arrays.out(made.array, torch.float64).tolist() == [2, 2]
    assert arrays.out(np.float64(3), torch.float64).item() == 3
    assert (arrays.dtypes, arrays.shares, arrays.outside_torch) == (("float64",), False, True)


def test_a_dtype_of_tensors_that_is_none_is_a_mistake_of_the_adapter() -> None:
    with pytest.raises(Miswritten, match="float63"):
        boxed(Boxed, lambda tensor: tensor.array, "float63")
