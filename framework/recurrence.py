"""Walks along sequences: what recurrent layers share, whatever their cell.

Shapes    L moments, N samples, D features, H units, G gates of a cell, R directions, S = layers x R walks. Sequences
          are (L, N, *). A walk backwards begins at the last moment; what it gives still lies at its moment.
Source    Werbos 1990, "Backpropagation through time"; Schuster & Paliwal 1997, "Bidirectional recurrent neural
          networks".
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from framework.layers import linear
from framework.memory import Saved


class Weights(NamedTuple):
    """The parameters of one walk: weights (GH, D) and (GH, H), biases (GH,) or None."""

    ih: Tensor
    hh: Tensor
    bias_ih: Tensor | None = None
    bias_hh: Tensor | None = None

    def both_biases(self) -> Tensor | None:
        """Return the sum of the biases, for a cell that adds both to one sum."""
        return None if self.bias_ih is None or self.bias_hh is None else self.bias_ih + self.bias_hh


class Walk(NamedTuple):
    """One direction of one layer: x (L, N, D), the states (N, H) that it starts from, and y (L, N, H), its h."""

    x: Tensor
    y: Tensor
    weights: Weights
    starts: Saved
    backwards: bool

    def inputs(self, bias: Tensor | None) -> Tensor:
        """Return what x gives to the gates at every moment: (L, N, GH)."""
        return linear.forward(self.x, self.weights.ih, bias)[0]

    def moments(self, *sequences: Tensor) -> list[tuple[Tensor, ...]]:
        """Return what the sequences hold at every moment, in the order of the walk."""
        moments = list(zip(*(sequence.unbind(0) for sequence in sequences), strict=True))
        return moments[::-1] if self.backwards else moments

    def meetings(self, values: Tensor, states: Tensor, start: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield values beside the states before them: at the first moment (1, N, *), then at the others."""
        if self.backwards:
            yield from ((values[-1:], start[None]), (values[:-1], states[1:]))
        else:
            yield from ((values[:1], start[None]), (values[1:], states[:-1]))

    def hh_gradient(self, dunits: Tensor) -> Tensor:
        """Return Σ over moments of dunitsᵀ times the h before."""
        (now, h), (later, earlier) = self.meetings(dunits, self.y, self.starts[0])
        return torch.addmm(now[0].t() @ h[0], later.flatten(0, 1).t(), earlier.flatten(0, 1))

    def returning(self, dy: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return dy of the last moment of the walk, and for every moment, the last first, that of the one before it."""
        (last,), *others = self.moments(dy)[::-1]
        return last, [*(value for (value,) in others), torch.zeros_like(last)]


class Pulled(NamedTuple):
    """What comes back from a walk: the gradients of what the gates sum over inputs and over units, and of the starts.

    Shapes    (L, N, GH) each; they are one tensor where the cell adds the two sums. dstarts are (N, H).
    """

    dinputs: Tensor
    dunits: Tensor
    dstarts: Saved


def of_walks(states: Sequence[Tensor]) -> list[Saved]:
    """Return the states of every walk (N, H), from those of all: (S, N, H), or (S, H) of a sample without its axis."""
    return list(zip(*(state.reshape(len(state), -1, state.shape[-1]).unbind(0) for state in states), strict=True))


def of_states(walks: Sequence[Saved], batched: bool) -> list[Tensor]:
    """Return the states of all, from those of every walk: the other way."""
    states = [torch.stack(of_all) for of_all in zip(*walks, strict=True)]
    return states if batched else [state.squeeze(1) for state in states]


class Recurrence(ABC):
    """What goes on in a walk."""

    @abstractmethod
    def along(self, walk: Walk) -> tuple[Saved, Saved]:
        """Write h of every moment into y; return the states at the end, and what the way back reads beside the walk."""

    @abstractmethod
    def back(self, dy: Tensor, dends: Saved, walk: Walk, kept: Saved) -> Pulled:
        """Return what comes back, given the gradients of y and of the states at the end."""


def forward(
    x: Tensor, starts: Sequence[Saved], weights: Sequence[Weights], directions: int, cell: Recurrence
) -> tuple[Tensor, list[Saved], Saved]:
    """Return y of the last layer (L, N, RH), the states at the end of every walk, and what backward reads."""
    ends, saved = list[Saved](), list[Tensor]()
    for layer in range(0, len(weights), directions):
        units = weights[layer].hh.shape[1]
        y = x.new_empty(*x.shape[:2], directions * units)
        for at, part in enumerate(y.chunk(directions, -1)):
            walk = Walk(x, part, weights[layer + at], starts[layer + at], at == 1)
            end, kept = cell.along(walk)
            ends.append(end)
            saved += (x, part, walk.weights.ih, walk.weights.hh, *walk.starts, *kept)
        x = y
    return x, ends, tuple(saved)


def backward(
    dy: Tensor, dends: Sequence[Saved], saved: Saved, directions: int, cell: Recurrence
) -> tuple[Tensor, list[Saved], list[Weights]]:
    """Return dx, and the gradients of the states and of the weights at the start of every walk."""
    size, states = len(saved) // len(dends), len(dends[0])
    dstarts, dweights = list[Saved](), list[Weights]()
    for layer in reversed(range(0, len(dends), directions)):
        found = []
        for at, part in enumerate(dy.chunk(directions, -1), layer):
            x, y, ih, hh, *rest = saved[at * size : (at + 1) * size]
            walk = Walk(x, y, Weights(ih, hh), tuple(rest[:states]), at > layer)
            pulled = cell.back(part, dends[at], walk, tuple(rest[states:]))
            found.append((*weighed(pulled, walk), pulled.dstarts))
        dxs, of_weights, of_starts = zip(*found, strict=True)
        dy = dxs[0] if directions == 1 else dxs[0].add_(dxs[1])
        dstarts[:0], dweights[:0] = of_starts, of_weights
    return dy, dstarts, dweights


def weighed(pulled: Pulled, walk: Walk) -> tuple[Tensor, Weights]:
    """Return dx of a walk, and the gradients of its weights."""
    dinputs, dunits, _ = pulled
    dx, dih, dbias = linear.backward(dinputs, (walk.x, walk.weights.ih))
    return dx, Weights(dih, walk.hh_gradient(dunits), dbias, dbias if dunits is dinputs else dunits.sum((0, 1)))
