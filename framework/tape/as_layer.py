"""A module of the tape in the framework's terms, to stand among layers."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

import framework
from framework.tape import again
from framework.tape.module import Module
from framework.tape.sweep import reachable
from framework.tape.variable import Variable, cotangent


class AsLayer(framework.Module):
    """A forward that records, a backward that sweeps.

    Forward   y  = module(x), or of several inputs, of which those at module.derived get a gradient; a tuple of several
    Backward  dx = the gradient that the sweep leaves at x, or a tuple of those of several that were given; the
              parameters' gradients accumulate
    Raises    TypeError if x is no floating-point tensor; RuntimeError if backward comes before forward.
    """

    def __init__(self, module: Module) -> None:
        super().__init__()
        if not isinstance(module, Module):
            raise TypeError(
                f"{self.label()}: module must be a module of the tape, was {type(module).__name__}; "
                f"framework.tape.on_tape makes one of a module of the framework"
            )
        self.module = module
        named = module.named_params()
        self._parameters = dict(zip(named, module.param(), strict=True))
        self._buffers = module.named_buffers()
        self._call: tuple[list[Variable], tuple[Variable, ...]] | None = None

    def forward(self, *inputs: Any) -> Any:
        if not inputs:
            raise TypeError(f"{self.module.label()}: forward must be given at least one input, was given none")
        places = [place for place in self.module.derived if place < len(inputs) and inputs[place] is not None]
        given = [leaf(value) if place in places else value for place, value in enumerate(inputs)]
        y = self.module(*given)
        for place in places:
            if not isinstance(given[place], Variable):
                kind = type(inputs[place]).__name__
                raise TypeError(f"{self.module.label()}: x must be a floating-point tensor, was {kind}")
        outputs = y if isinstance(y, tuple) else (y,)
        self._call = [given[place] for place in places], outputs
        return tuple(output.tensor for output in outputs) if isinstance(y, tuple) else y.tensor

    def backward(self, *cotangents: Tensor | None) -> Any:
        """Return dL/dx for the last forward; without dy, for dy = 1 at an output of a single element."""
        label = self.module.label()
        if self._call is None:
            raise RuntimeError(f"{label}: backward must follow a forward, but none was called")
        leaves, outputs = self._call
        dys = fitting(label, outputs, cotangents)
        root = outputs[0] if len(outputs) == 1 else contracted(outputs, dys)
        for x in leaves:
            x.grad = None
        if root is not None:
            root.backward(dys[0] if len(outputs) == 1 else None)
        gradients = tuple(torch.zeros_like(x.tensor) if x.grad is None else x.grad for x in leaves)
        return gradients if len(gradients) > 1 else gradients[0] if gradients else None

    def second(
        self, cotangents: Sequence[Tensor | None], directions: Sequence[Tensor]
    ) -> tuple[list[Tensor], list[Tensor | None], dict[str, Tensor]]:
        """Return the gradients of Σ <dx, v> for the last forward, dx of every input that gets one and v its direction:
        by these inputs, by the cotangents (None for one that is None), and by the parameters' names.

        Raises RuntimeError if there was no forward, or an operator of it cannot be differentiated twice.
        """
        label = self.module.label()
        if self._call is None:
            raise RuntimeError(f"{label}: second must follow a forward, but none was called")
        leaves, outputs = self._call
        dys = [None if dy is None else Variable(dy) for dy in fitting(label, outputs, cotangents)]
        root, parameters = contracted(outputs, dys), self.module.named_params()
        first = [] if root is None else again.grad(root, leaves)
        pairings = [(dx * v).sum() for dx, v in zip(first, directions, strict=root is not None)]
        wanted = [*leaves, *(dy for dy in dys if dy is not None), *parameters.values()]
        if not pairings:
            found = iter([torch.zeros_like(one.tensor) for one in wanted])
        else:
            found = iter([one.tensor for one in again.grad(sum(pairings[1:], pairings[0]), wanted)])
        by_inputs = [next(found) for _ in leaves]
        return by_inputs, [None if dy is None else next(found) for dy in dys], dict(zip(parameters, found, strict=True))

    @property
    def saved(self) -> tuple[Tensor, ...]:
        """The tensors that the graph of the last forward keeps for backward; empty where there is none."""
        roots = [] if self._call is None else [y.grad_op for y in self._call[1] if y.grad_op is not None]
        nodes = dict.fromkeys(node for root in roots for node in reachable(root))
        return tuple(value for node in nodes for value in node.tensors())

    def train(self, mode: bool = True) -> "AsLayer":
        self.module.train(mode)
        return super().train(mode)

    def forget(self) -> None:
        self._call = None
        super().forget()

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_call": None}


def leaf(value: Any) -> Any:
    """Return a floating-point tensor as a leaf; anything else as it is, for the module to refuse."""
    return Variable(value, name="x") if isinstance(value, Tensor) and value.is_floating_point() else value


def fitting(
    label: str, outputs: Sequence[Variable], cotangents: Sequence[Tensor | None]
) -> list[Tensor] | list[Tensor | None]:
    """Return a cotangent for every output: 1 for one that is left out of a single number, None among several."""
    if len(outputs) == 1:
        (dy,) = cotangents or (None,)
        return [cotangent(label, outputs[0].tensor, dy)]
    if len(cotangents) != len(outputs):
        raise TypeError(f"{label}: backward must be given {len(outputs)} cotangents, was given {len(cotangents)}")
    pairs = zip(outputs, cotangents, strict=True)
    return [None if dy is None else cotangent(label, y.tensor, dy) for y, dy in pairs]


def contracted(outputs: Sequence[Variable], cotangents: Sequence[Any]) -> Variable | None:
    """Return Σ y dy over the outputs, whose gradient at each is its dy: one sweep for all. None without any dy."""
    terms = [(y * dy).sum() for y, dy in zip(outputs, cotangents, strict=True) if dy is not None]
    return sum(terms[1:], terms[0]) if terms else None
