"""A library of wrong functions: forward is one function, backward the derivative of another, both by autograd."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.parity.looks import heading
from reports.record import Parity

Options = Mapping[str, Any]
Parameters = Mapping[str, Tensor]
Function = Callable[[tuple[Tensor, ...], Parameters, Options], Tensor]
Change = Callable[[dict[str, Tensor], tuple[Tensor, ...], Options], dict[str, Any]]


def honest(module: str) -> Function:
    """Return torch's own function of a module."""

    def function(inputs: tuple[Tensor, ...], parameters: Parameters, options: Options) -> Tensor:
        built = pages()[module].reference(**options).to(inputs[0].dtype)
        return torch.func.functional_call(built, dict(parameters), inputs)

    return function


def unchanged(found: dict[str, Tensor], _: tuple[Tensor, ...], __: Options) -> dict[str, Any]:
    return found


def fitted(value: Tensor, shape: torch.Size) -> Tensor:
    """Return a cotangent cut, or filled with zeros, to the shape of another output."""
    out = value.new_zeros(shape)
    kept = tuple(slice(min(pair)) for pair in zip(value.shape, shape, strict=True))
    out[kept] = value[kept]
    return out


@dataclass
class WrongModule:
    """A module whose output is `forward`'s and whose gradients are `backward`'s, put through a change.

    What is changed holds, beside the quantities, the cotangent as dy.
    """

    forward_of: Function
    backward_of: Function
    change: Change
    parameters: dict[str, Tensor]
    options: Options
    inputs: tuple[Tensor, ...] = ()
    grads: dict[str, Any] = field(default_factory=dict)

    def forward(self, *inputs: Tensor) -> Any:
        self.inputs = inputs
        with torch.no_grad():
            y = self.forward_of(inputs, self.parameters, self.options)
        return self.change({"output": y}, inputs, self.options)["output"]

    def backward(self, dy: Tensor | None) -> Any:
        named = {"dx": self.inputs[0], **{f"d{name}": value for name, value in self.parameters.items()}}
        leaves = {name: value.detach().clone().requires_grad_() for name, value in named.items()}
        y = self.backward_of(
            (leaves["dx"], *self.inputs[1:]), {name[1:]: v for name, v in leaves.items()}, self.options
        )
        given = torch.ones_like(y) if dy is None else fitted(dy, y.shape)
        grads = torch.autograd.grad(y, [*leaves.values()], given, allow_unused=True)
        found = {
            name: torch.zeros_like(leaf) if grad is None else grad
            for (name, leaf), grad in zip(leaves.items(), grads, strict=True)
        }
        changed = self.change(found | {"dy": given}, self.inputs, self.options)
        self.grads |= {name: self.added(name, changed[f"d{name}"]) for name in self.parameters}
        return changed["dx"]

    def added(self, name: str, grad: Any) -> Any:
        kept = self.grads.get(name)
        return grad if kept is None or grad is None or kept.shape != grad.shape else kept + grad

    def gradients(self) -> Mapping[str, Any]:
        return dict(self.grads)

    def zero_grad(self) -> None:
        self.grads = {}


@dataclass
class WrongLibrary:
    """A library with one fault in one module: wrong functions, or a change of what the right ones give."""

    module: str
    forward: Function | None = None
    backward: Function | None = None
    change: Change = unchanged
    name: str = "wrong"
    explains: bool = False

    def build(self, _: str, options: Options, parameters: Parameters, *__: Any) -> WrongModule:
        forward = self.forward or honest(self.module)
        backward = self.backward or self.forward or honest(self.module)
        return WrongModule(forward, backward, self.change, dict(parameters), options)


def planned(module: str, dtypes: tuple[str, ...] = ("float32",)) -> Iterator[Cell]:
    """Yield the cells of the values, in the order of the plan."""
    for cell in cells(pages()[module], [CHECKS["values"]], ["cpu"], 0):
        if cell.dtype in dtypes and cell.cotangent == 1 and not cell.case.large:
            yield cell


def failures(
    library: WrongLibrary, quantity: str, most: int = 1000, dtypes: tuple[str, ...] = ("float32",)
) -> tuple[list[Parity], list[Parity]]:
    """Return the failed records of a quantity, the first `most`, and all its records so far."""
    wrong: list[Parity] = []
    values: list[Parity] = []
    for cell in planned(library.module, dtypes):
        trial = Trial(cell, library)
        judged, _ = CHECKS["values"].judged(trial)
        found = explain(trial, [one for one in judged if one.record.quantity == quantity])
        values += found
        wrong += [one for one in found if one.verdict == "fail"]
        if len(wrong) >= most:
            break
    return wrong, values


def told(library: WrongLibrary, quantity: str, most: int = 1000) -> str:
    """Return what the page says of the failures of a quantity."""
    wrong, values = failures(library, quantity, most)
    return heading(wrong, values) if wrong else "nothing fails"
