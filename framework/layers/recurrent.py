"""What the layers that walk along sequences share: options, parameters, the shapes of input and states."""

from typing import ClassVar

import torch
from torch import Tensor

from framework import arguments, init, placement, recurrence
from framework.memory import Saved
from framework.placement import Device
from framework.recurrence import Recurrence, Weights
from framework.several import Given, Several


class Recurrent(Several, Recurrence):
    """A layer of cells along sequences (L, N, D), (N, L, D) if batch_first, or (L, D): S = layers x directions walks.

    Raises    TypeError or ValueError if an option is out of range, dropout is not 0, x has other axes or features or
              no moment, or a state is missing or of another shape, dtype or device.
    """

    gates: ClassVar[int]  # rows of the weights for every unit

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        device: Device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        layer = self.label()
        self.input_size = arguments.whole(layer, "input_size", input_size, 1)
        self.hidden_size = arguments.whole(layer, "hidden_size", hidden_size, 1)
        self.num_layers = arguments.whole(layer, "num_layers", num_layers, 1)
        self.bias = arguments.boolean(layer, "bias", bias)
        self.batch_first = arguments.boolean(layer, "batch_first", batch_first)
        self.bidirectional = arguments.boolean(layer, "bidirectional", bidirectional)
        arguments.absent(layer, "dropout", dropout)
        self.directions, self.stated = 1 + bidirectional, False  # stated: whether the last forward was given states
        names = [f"l{number}{side}" for number in range(num_layers) for side in ("", "_reverse")[: self.directions]]
        rows = self.gates * self.hidden_size
        for at, name in enumerate(names):
            features = self.input_size if at < self.directions else self.directions * self.hidden_size
            shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, features), "weight_hh": (rows, self.hidden_size)}
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else {}
            for kind, shape in shapes.items():
                value = init.torch_default(placement.empty(layer, *shape, on=device, of=dtype), self.hidden_size)
                setattr(self, f"{kind}_{name}", self.register(f"{kind}_{name}", value))

    def options(self) -> dict[str, object]:
        names = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "bidirectional")
        return {name: getattr(self, name) for name in names}

    def weights(self) -> list[Weights]:
        """Return the parameters of every walk."""
        values, size = [value for value, _ in self._parameters.values()], 4 if self.bias else 2
        return [Weights(*values[at : at + size]) for at in range(0, len(values), size)]

    def validate(self, given: Given) -> None:
        layer, model = self.label(), next(iter(self._parameters.values())).value
        x, *states = given
        arguments.floating(layer, "x", x)
        if x.dim() not in (2, 3) or x.shape[-1] != self.input_size or not self.laid_out(x).shape[0]:
            axes = "(N, L, D)" if self.batch_first else "(L, N, D)"
            raise ValueError(
                f"{layer}: x must be {axes} or (L, D) with {self.input_size} features D and at least one moment L, "
                f"had shape {tuple(x.shape)}"
            )
        arguments.alike(layer, "x", x, model, "weight_ih_l0")
        samples = self.laid_out(x).shape[1:2] if x.dim() == 3 else ()
        shape = (self.num_layers * self.directions, *samples, self.hidden_size)
        if any(state is not None for state in states):
            for name, state in zip(self.takes[1:], states, strict=True):
                arguments.shaped(layer, name, arguments.floating(layer, name, state), shape)
                arguments.alike(layer, name, state, x, "x")

    def laid_out(self, x: Tensor) -> Tensor:
        """Return a sequence as (L, N, *)."""
        return x.unsqueeze(1) if x.dim() == 2 else x.transpose(0, 1) if self.batch_first else x

    def laid_back(self, y: Tensor, batched: bool) -> Tensor:
        """Return what is (L, N, *) as the caller has sequences."""
        return y.squeeze(1) if not batched else y.transpose(0, 1) if self.batch_first else y

    def compute(self, given: Given) -> tuple[tuple[Tensor, ...], Saved]:
        x, *states = given
        batched, x = x.dim() == 3, self.laid_out(x)
        weights, self.stated = self.weights(), states[0] is not None
        if not self.stated:
            states = [x.new_zeros(len(weights), x.shape[1], self.hidden_size)] * len(states)
        starts = recurrence.of_walks(states)
        y, ends, saved = recurrence.forward(x, starts, weights, self.directions, self)
        return (self.laid_back(y, batched), *recurrence.of_states(ends, batched)), saved

    def differentiate(self, dys: tuple[Tensor, ...], saved: Saved) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        dy, *dends = dys
        batched, dy = dy.dim() == 3, self.laid_out(dy)
        dx, dstarts, dweights = recurrence.backward(dy, recurrence.of_walks(dends), saved, self.directions, self)
        gradients = tuple(value for one in dweights for value in one[: 4 if self.bias else 2] if value is not None)
        dstates = recurrence.of_states(dstarts, batched) if self.stated else ()
        return (self.laid_back(dx, batched), *dstates), gradients
