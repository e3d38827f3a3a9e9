"""Recurrent layers moment by moment, with their gates apart and their gradients added up on the way back.

The slope of σ is σ(s) σ(-s), that of tanh 1 / cosh² s, both of the sums: no answer of theirs is read again.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors

States = tuple[Tensor, ...]
# From the gradients of the states after: of what is summed over inputs, over units, and of the states before beside.
StepBack = Callable[..., tuple[Tensor, Tensor, States]]
Step = Callable[[Options, Tensor, Tensor, States], tuple[States, StepBack]]


def slope(s: Tensor) -> Tensor:
    return torch.sigmoid(s) * torch.sigmoid(-s)


def slope_of_tanh(s: Tensor) -> Tensor:
    return torch.cosh(s).square().reciprocal()


def rnn(options: Options, inputs: Tensor, units: Tensor, _: States) -> tuple[States, StepBack]:
    s = inputs + units
    rectified = options.get("nonlinearity") == "relu"

    def back(dh: Tensor) -> tuple[Tensor, Tensor, States]:
        ds = torch.where(s <= 0, 0, dh) if rectified else dh * slope_of_tanh(s)
        return ds, ds, (torch.zeros_like(dh),)

    return (s.clamp_min(0) if rectified else torch.tanh(s),), back


def lstm(_: Options, inputs: Tensor, units: Tensor, states: States) -> tuple[States, StepBack]:
    sums, c_before = (inputs + units).chunk(4, -1), states[1]
    i, f, o = (torch.sigmoid(sums[at]) for at in (0, 1, 3))
    g = torch.tanh(sums[2])
    c = i * g + f * c_before
    shown = torch.tanh(c)

    def back(dh: Tensor, dc: Tensor) -> tuple[Tensor, Tensor, States]:
        total = dc + o * dh * slope_of_tanh(c)
        of_gates = (total * g, total * c_before, total * i, dh * shown)
        slopes = (slope(sums[0]), slope(sums[1]), slope_of_tanh(sums[2]), slope(sums[3]))
        ds = torch.cat([a * b for a, b in zip(of_gates, slopes, strict=True)], -1)
        return ds, ds, (torch.zeros_like(dh), total * f)

    return (shown * o, c), back


def gru(_: Options, inputs: Tensor, units: Tensor, states: States) -> tuple[States, StepBack]:
    (h,), (a_r, a_z, a_n), (u_r, u_z, u_n) = states, inputs.chunk(3, -1), units.chunk(3, -1)
    r, z = torch.sigmoid(a_r + u_r), torch.sigmoid(a_z + u_z)
    s = a_n + r * u_n
    n = torch.tanh(s)

    def back(dh: Tensor) -> tuple[Tensor, Tensor, States]:
        ds = dh * torch.sigmoid(-(a_z + u_z)) * slope_of_tanh(s)
        dr, dz = ds * u_n * slope(a_r + u_r), dh * (h - n) * slope(a_z + u_z)
        return torch.cat((dr, dz, ds), -1), torch.cat((dr, dz, ds * r), -1), (dh * z,)

    return (n + z * (h - n),), back


class Unrolled:
    """One direction of one layer: forward at once, then back."""

    def __init__(self, step: Step, options: Options, own: Tensors, x: Tensor, states: States, reverse: bool) -> None:
        self.own, self.x, self.order = own, x, list(range(len(x)))[:: -1 if reverse else 1]
        self.backs: list[tuple[int, Tensor, StepBack]] = []
        found: dict[int, Tensor] = {}
        for at in self.order:
            inputs = x[at] @ own["weight_ih"].t() + own.get("bias_ih", 0)
            units = states[0] @ own["weight_hh"].t() + own.get("bias_hh", 0)
            before = states[0]
            states, back = step(options, inputs, units, states)
            self.backs.append((at, before, back))
            found[at] = states[0]
        self.y, self.ends = torch.stack([found[at] for at in range(len(x))]), states

    def back(self, dy: Tensor, dstates: States) -> tuple[Tensor, States, dict[str, Tensor]]:
        """Return dx, the gradients of the first states, and those of the parameters."""
        dx, gradients = torch.zeros_like(self.x), {name: torch.zeros_like(value) for name, value in self.own.items()}
        for at, before, step_back in reversed(self.backs):
            dinputs, dunits, (dh, *others) = step_back(dstates[0] + dy[at], *dstates[1:])
            dx[at] = dinputs @ self.own["weight_ih"]
            dstates = (dh + dunits @ self.own["weight_hh"], *others)
            added = {"weight_ih": dinputs.t() @ self.x[at], "weight_hh": dunits.t() @ before}
            added |= {"bias_ih": dinputs.sum(0), "bias_hh": dunits.sum(0)}
            for name in gradients:
                gradients[name] += added[name]
        return dx, dstates, gradients


def recurrent(step: Step, count: int) -> Rule:
    """Return the rule of a layer whose cell has so many states."""

    def rule(options: Options, parameters: Tensors, x: Tensor, *given: Tensor) -> tuple[Any, Pullback]:
        layout = Axes(x.dim() == 2, bool(options.get("batch_first")))
        sides = ("", "_reverse")[: 1 + bool(options.get("bidirectional"))]
        suffixes = [f"_l{layer}{side}" for layer in range(options.get("num_layers", 1)) for side in sides]
        y = layout.turned(x)
        zeros = y.new_zeros(len(suffixes), y.shape[1], options["hidden_size"])
        starts = [layout.with_samples(state) for state in given] or [zeros] * count
        walks: list[Unrolled] = []
        for suffix in suffixes:
            own = {name.removesuffix(suffix): v for name, v in parameters.items() if name.endswith(suffix)}
            states = tuple(start[len(walks)] for start in starts)
            walks.append(Unrolled(step, options, own, y, states, suffix.endswith("_reverse")))
            if len(walks) % len(sides) == 0:
                y = torch.cat([walk.y for walk in walks[-len(sides) :]], -1)
        finals = [torch.stack(of_all) for of_all in zip(*(walk.ends for walk in walks), strict=True)]
        ys = (layout.turned_back(y), *(layout.without_samples(state) for state in finals))

        def back(*dys: Tensor | None) -> tuple[Any, dict[str, Tensor]]:
            asked = [torch.zeros_like(one) if dy is None else dy for one, dy in zip(ys, dys, strict=True)]
            dy, dends = layout.turned(asked[0]), [layout.with_samples(one) for one in asked[1:]]
            dx, dstarts, gradients = pulled(walks, len(sides), suffixes, dy, dends)
            given_back = (layout.turned_back(dx), *(layout.without_samples(one) for one in dstarts[: len(given)]))
            return given_back if given else given_back[0], gradients

        return ys, back

    return rule


def pulled(
    walks: Sequence[Unrolled], directions: int, suffixes: Sequence[str], dy: Tensor, dends: Sequence[Tensor]
) -> tuple[Tensor, list[Tensor], dict[str, Tensor]]:
    """Return dx, the gradients of the states, and those of the parameters, the last layer first."""
    gradients: dict[str, Tensor] = {}
    dstarts: dict[int, States] = {}
    for layer in reversed(range(0, len(walks), directions)):
        dxs = []
        for at, part in enumerate(dy.chunk(directions, -1), layer):
            dx, dstarts[at], own = walks[at].back(part, tuple(dend[at] for dend in dends))
            gradients |= {f"{name}{suffixes[at]}": value for name, value in own.items()}
            dxs.append(dx)
        dy = torch.stack(dxs).sum(0)
    in_order = [dstarts[at] for at in range(len(walks))]
    return dy, [torch.stack(of_all) for of_all in zip(*in_order, strict=True)], gradients


class Axes:
    """Where moments and samples lie in what is given; within, a sequence is (L, N, *) and states are (S, N, H)."""

    def __init__(self, single: bool, batch_first: bool) -> None:
        self.single, self.batch_first = single, batch_first

    def turned(self, x: Tensor) -> Tensor:
        return x.unsqueeze(1) if self.single else x.transpose(0, 1) if self.batch_first else x

    def turned_back(self, y: Tensor) -> Tensor:
        return y.squeeze(1) if self.single else y.transpose(0, 1) if self.batch_first else y

    def with_samples(self, state: Tensor) -> Tensor:
        return state.unsqueeze(1) if self.single else state

    def without_samples(self, state: Tensor) -> Tensor:
        return state.squeeze(1) if self.single else state


RULES: dict[str, Rule] = {"RNN": recurrent(rnn, 1), "LSTM": recurrent(lstm, 2), "GRU": recurrent(gru, 1)}
