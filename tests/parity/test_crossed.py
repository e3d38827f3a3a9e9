"""What shows only beside something unusual is found: dtypes and layouts of narrow cases, the order of a network."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import pytest
import torch
from torch import Tensor

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects import load
from parity.subjects.contract import Built
from parity.verdict.plan import cells
from parity.verdict.trial import Trial


class Where:
    """The framework, of which dx is 1.1 times as large where `wrong` says so, of the options and of x."""

    name, explains = "where", False

    def __init__(self, wrong: Callable[[Mapping[str, Any], Tensor], bool]) -> None:
        self.wrong = wrong

    def build(self, module: str, options: Mapping[str, Any], *rest: Any) -> Built:
        built: Any = load("framework").build(module, options, *rest)
        forward, backward, given = built.forward, built.backward, list[Tensor]()
        built.forward = lambda *inputs: (given.__setitem__(slice(None), inputs), forward(*inputs))[1]
        built.backward = lambda dy: backward(dy) * (1.1 if self.wrong(options, given[0]) else 1)
        return built  # type: ignore[no-any-return]  # as it was built


def failing(subject: Any, module: str) -> set[tuple[str, str, str]]:
    """Return the check, dtype and case of every cell of a page's narrow cases in which dx is wrong."""
    page = pages()[module]
    planned = [cell for cell in cells(page, CHECKS.values(), ["cpu"], 0) if not (cell.case.widely or cell.case.large)]
    found = set()
    for cell in planned:
        judged, _ = CHECKS[cell.check].judged(Trial(cell, subject))
        if any(one.fails and one.record.quantity == "dx" for one in judged):
            found.add((cell.check, cell.dtype, cell.case.name))
    return found


def strided(options: Mapping[str, Any]) -> bool:
    return options.get("stride", 1) != 1


def halves(options: Mapping[str, Any], x: Tensor) -> bool:
    return strided(options) and x.dtype in (torch.bfloat16, torch.float16)


def turned(options: Mapping[str, Any], x: Tensor) -> bool:
    return strided(options) and not x.is_contiguous()


@pytest.mark.parametrize("module", ["Conv2d", "ConvTranspose2d"])
@pytest.mark.parametrize(
    ("wrong", "seen"),
    [(halves, {("values", "bfloat16"), ("values", "float16")}), (turned, {("layouts", "float32")})],
)
def test_a_fault_of_dtype_or_layout_with_an_option_is_found_in_one_case(module: str, wrong: Any, seen: Any) -> None:
    (crossed,) = [case.name for case in pages()[module].cases if case.crossed]
    assert failing(Where(wrong), module) == {(*where, crossed) for where in seen}


class Forwards:
    """Sequential whose backward goes through its layers in the order of forward, where none has parameters."""

    name, explains = "forwards", False

    def build(self, module: str, options: Mapping[str, Any], parameters: Mapping[str, Tensor], *rest: Any) -> Built:
        subject = load("framework")
        built: Any = subject.build(module, options, parameters, *rest)
        if not parameters:
            layers = [subject.build(name, own, {}, *rest) for name, own in options["layers"]]
            built.forward = lambda x: reduce(lambda value, layer: layer.forward(value), layers, x)
            built.backward = lambda dy: reduce(lambda value, layer: layer.backward(value), layers, dy)
        return built  # type: ignore[no-any-return]  # as it was built


def test_the_order_of_backward_shows_in_a_network_without_parameters() -> None:
    assert {case for _, _, case in failing(Forwards(), "Sequential")} == {"around-softmax"}
    assert failing(load("framework"), "Sequential") == set()


def test_what_pages_must_draw_is_there() -> None:
    for module in ("BCELoss", "BCEWithLogitsLoss", "MSELoss"):
        alone = {case.name: case.target for case in pages()[module].cases}
        assert alone["target hard"] == "hard"
        assert alone["target one-hot"] == "one-hot"
    assert any(case.x[1:] == (2,) and case.regime == "huge" for case in pages()["CrossEntropyLoss"].cases)
    for module in ("Conv2d", "ConvTranspose2d", "Upsampling"):
        wide = [case.x[2] == case.x[3] for case in pages()[module].cases if case.widely]
        assert set(wide) == {True, False}, module
    without = [case for case in pages()["Sequential"].cases if not any(extents(case.options["layers"]))]
    assert {case.name for case in without} == {"activations", "around-softmax"}


def extents(layers: Any) -> list[str]:
    """Return the options of layers that tell the extents of parameters."""
    return [name for _, options in layers for name in options if name in ("layers", "in_features", "in_channels")]
