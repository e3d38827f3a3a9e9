"""The signature of a module: what forward takes and returns, and what of it is differentiated.

Everything downstream reads it, so that nothing knows a module by its name. The plain one, of most modules, is one input
x that gets a gradient, and of a loss a target t that gets none; one output, with one cotangent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

BY_REGIME = "by regime"
# How a further input is drawn, and the type of what is drawn so, where it is no floating-point number.
TYPES = {"indices": torch.int64, "offsets": torch.int64, "mask": torch.bool}


@dataclass(frozen=True)
class Input:
    """An argument of forward.

    name      torch's; its gradient is the quantity d<name>
    drawn     how its values are drawn: BY_REGIME, as x is, or a word of parity/verdict/draw.py
    gradient  whether it gets one
    below     the option that bounds it, of indices
    """

    name: str
    drawn: str = BY_REGIME
    gradient: bool = True
    below: str = ""

    def empty(self, shape: Sequence[int]) -> Tensor:
        """Return zeros of the shape and of the type that is drawn, to ask torch whether it takes them."""
        return torch.zeros(tuple(shape), dtype=TYPES.get(self.drawn, torch.float64))


@dataclass(frozen=True)
class Signature:
    """The arguments of forward in their order, and the names of what it returns.

    A call may leave arguments out: at the end they are not given, before the end they are None. It returns one tensor,
    or as many as there are names; backward takes a cotangent for each, in their order, None for one that nothing
    depends on, and returns the gradients of the arguments that were given and get one, in theirs.

    prefix  what the name of a gradient begins with
    """

    inputs: tuple[Input, ...] = (Input("x"), Input("t", gradient=False))
    outputs: tuple[str, ...] = ("output",)
    prefix: str = "d"

    @property
    def is_plain(self) -> bool:
        """Whether it is that of most modules."""
        return self == PLAIN

    @property
    def first(self) -> Input:
        """The argument that every call gives, whose shape is a case's x."""
        return self.inputs[0]

    @property
    def output(self) -> str:
        """The output that is named first."""
        return self.outputs[0]

    def differentiated(self, given: Sequence[Tensor | None]) -> list[tuple[str, Tensor]]:
        """Return the quantity and the tensor of each argument given that gets a gradient."""
        named = zip(self.inputs, given, strict=False)
        return [(f"{self.prefix}{entry.name}", value) for entry, value in named if entry.gradient and value is not None]

    def gradients(self, given: Sequence[Tensor | None]) -> list[str]:
        """Return the quantities that backward returns for these arguments, in order."""
        return [quantity for quantity, _ in self.differentiated(given)]

    def named_outputs(self, returned: Any) -> dict[str, Any]:
        """Return what forward returned, by name. What lacks has no name, what is too much none either."""
        return dict(zip(self.outputs, several(returned, len(self.outputs)), strict=False))

    def named_gradients(self, given: Sequence[Tensor | None], returned: Any) -> dict[str, Any]:
        """Return what backward returned for these arguments, by name."""
        wanted = self.gradients(given)
        return dict(zip(wanted, several(returned, len(wanted)), strict=False))


PLAIN = Signature()


def plainly(module: torch.nn.Module, *inputs: Any) -> Any:
    """Call a module of torch that takes its arguments as the signature has them."""
    return module(*inputs)


def several(returned: Any, wanted: int) -> Sequence[Any]:
    """Return what was returned as a sequence: where one thing is wanted, whatever it is; of several, one or more."""
    return returned if wanted > 1 and isinstance(returned, (tuple, list)) else (returned,)


def pulled_back(
    outputs: Sequence[Tensor],
    leaves: Sequence[Tensor],
    cotangents: Sequence[Tensor | None],
    again: bool = False,
    further: bool = False,
) -> list[Tensor]:
    """Return the gradients of the leaves by torch's reverse mode; `again` keeps the graph for another time.

    further  whether the gradients can be differentiated in their turn
    Of a single output, a cotangent of None stands for 1.
    """
    if len(outputs) > 1:
        used = [(y, dy) for y, dy in zip(outputs, cotangents, strict=True) if dy is not None]
        outputs, cotangents = [y for y, _ in used], [dy for _, dy in used]
    return list(
        torch.autograd.grad(
            outputs, leaves, cotangents, retain_graph=again or further, create_graph=further, materialize_grads=True
        )
    )
