"""Recurrent layers unrolled moment by moment, for autograd to differentiate; and what may be wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

States = tuple[Tensor, ...]
Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Wrong:
    """What is wrong; nothing, unless it is said.

    order        in which the rows of the gates are read
    cut          gates, and states after the first, through which nothing is passed back
    straight     what stands where a slope is taken as 1: gates, the sum of an RNN, the c that is shown ("c shown"),
                 the c before by the c after ("c before"), what r is multiplied with by what comes of it ("reset")
    negated      gates whose derivative has the wrong sign
    carried      what an RNN hands back to the moment before has a slope of 1
    forget_bias  what is added to the sum of the forget gate
    beside       by what gates of an LSTM are differentiated, in place of what they are multiplied with
    value_alone  what is wrong is so on the way there alone: the way back is that of the right formula
    unstarted    walks begin with h of zeros; what weight_hh is differentiated by is the h that was given
    cut_off      at what size gradients are cut off: of the sums of the gates ("sums"), or of what is handed back ("h")
    forwards     the second direction reads from the first moment on
    unturned     what the second direction gives is left in the order in which it was found
    reset_first  r is multiplied with h, before the product
    bias_apart   bias_hh of n is added after the product with r, not before
    exchanged    the states of the walks are given out from the last on
    samples      batch_first is not looked at
    alone        the one moment at which parameters are differentiated: "first" or "last"
    state_after  weight_hh is differentiated by the h after, not before
    input_before weight_ih is differentiated by the x before, at the first moment the last
    slopes       what stands for the slope of a gate, or of c as shown, in terms of its value
    ends_unused  the cotangents of the last states are taken for zeros
    handed       in which the gradients of the gates are handed back, where it is another than theirs
    complement   the update gate of a GRU counts what is new, and 1 less it what was
    shown        what tanh is taken of, where h is made of it: "c", or the "c before"
    handing      what z counts in what is handed back beside the product: "z", or "1 - z"
    reset_met    the gates of whose sums weight_hh is differentiated by r h, not by h
    ahead        the way back goes through the moments from the first to the last; the cotangents of the last states
                 come in at its beginning ("none late"), or with the last moment: that of h ("h late"), or "all late"
    """

    order: tuple[int, ...] = (0, 1, 2, 3)
    cut: tuple[str, ...] = ()
    straight: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    carried: bool = False
    forget_bias: float = 0.0
    beside: tuple[tuple[str, str], ...] = ()
    forwards: bool = False
    unturned: bool = False
    reset_first: bool = False
    bias_apart: bool = False
    exchanged: bool = False
    samples: bool = False
    alone: str = ""
    state_after: bool = False
    input_before: bool = False
    slopes: tuple[tuple[str, Function], ...] = ()
    ends_unused: bool = False
    handed: tuple[int, ...] = ()
    complement: bool = False
    shown: str = "c"
    handing: str = "z"
    reset_met: str = ""
    ahead: str = ""
    value_alone: bool = False
    unstarted: bool = False
    cut_off: tuple[tuple[str, float], ...] = ()

    def beside_another(self, other: "Wrong") -> "Wrong":
        """Return what is wrong where this is, and another."""
        fields: dict[str, Any] = {}
        for name, value in vars(other).items():
            own = getattr(self, name)
            both = own + value if isinstance(value, tuple) and name not in ("order", "handed") else value
            fields[name] = own if value == getattr(Wrong(), name) else both
        return Wrong(**fields)

    def at_first(self) -> "Wrong":
        """Return what is wrong at the first moment of a walk, whose states are those that were given."""
        return replace(self, cut=tuple(name for name in self.cut if name not in ("h", "h before", "c")))

    def gates(self, value: Tensor, count: int) -> Tensor:
        """Return what the gates are made of; on the way back they may be taken for one another, two by two."""
        if not self.handed:
            return value
        blocks = value.chunk(count, -1)
        others = torch.cat([blocks[at] for at in self.handed], -1)
        return value.detach() + (others - others.detach())

    def passed(self, name: str, value: Tensor) -> Tensor:
        return value.detach() if name in self.cut else value

    def in_place(self, value: Tensor, right: Tensor) -> Tensor:
        """Return a wrong value; where it is wrong on the way there alone, with the way back of the right one."""
        return right + (value - right).detach() if self.value_alone else value

    def bounded(self, name: str, value: Tensor) -> Tensor:
        """Return a value whose gradient is cut off, if it is."""
        for of, most in self.cut_off:
            if of == name and value.requires_grad:
                value = value.clone()
                cut_off = partial(torch.clamp, min=-most, max=most)
                value.register_hook(cut_off)  # type: ignore[no-untyped-call]
        return value

    def squashed(self, name: str, function: Function, value: Tensor) -> Tensor:
        y = self.passed(name, function(value))
        y = 2 * y.detach() - y if name in self.negated else y
        for gate, slope in self.slopes:
            if gate == name:
                y = y.detach() + slope(y.detach()) * (value - value.detach())
        return value + (y - value).detach() if name in self.straight else y


@dataclass(frozen=True)
class Summed:
    """What a cell sums: over inputs, and over units, with what gives the latter of another h."""

    inputs: Tensor
    units: Tensor
    of_units: Function


BESIDE = {"i": "g", "f": "c before", "g": "i", "o": "tanh c"}  # what each gate of an LSTM is multiplied with
Step = Callable[[Mapping[str, Any], Summed, States, Wrong], States]


def rnn(options: Mapping[str, Any], summed: Summed, states: States, wrong: Wrong) -> States:
    function = torch.relu if options.get("nonlinearity") == "relu" else torch.tanh
    if not wrong.carried:
        return (wrong.squashed("sum", function, wrong.bounded("sums", summed.inputs + summed.units)),)
    held = summed.of_units(states[0].detach())
    return (function(summed.inputs + held) + (summed.units - held),)


def lstm(_: Mapping[str, Any], summed: Summed, states: States, wrong: Wrong) -> States:
    parts = wrong.bounded("sums", wrong.gates(summed.inputs + summed.units, 4)).chunk(4, -1)
    i, f, g, o = (
        wrong.squashed(
            name, torch.tanh if name == "g" else torch.sigmoid, parts[at] + (wrong.forget_bias if name == "f" else 0.0)
        )
        for name, at in zip("ifgo", wrong.order, strict=True)
    )
    before = wrong.passed("c", states[1])
    kept = f * before
    if "c before" in wrong.straight:
        kept = f * before.detach() + (before - before.detach())
    c = kept + i * g
    shown = wrong.squashed("c shown", torch.tanh, c)
    held = {"i": i, "f": f, "g": g, "o": o, "c": c, "c before": before, "tanh c": shown}
    held["tanh c before"] = before.tanh()
    for gate, other in wrong.beside:
        if gate != "o":
            c = c + (held[gate] - held[gate].detach()) * (held[other] - held[BESIDE[gate]]).detach()
    shown = wrong.squashed("c shown", torch.tanh, c)
    if wrong.shown == "c before":
        y = before.tanh()
        shown = y.detach() + (1 - y * y).detach() * (c - c.detach()) if wrong.value_alone else y
    h = o * shown
    for gate, other in wrong.beside:
        if gate == "o":
            h = h + (o - o.detach()) * (held[other] - shown).detach()
    return h, c


def gru(_: Mapping[str, Any], summed: Summed, states: States, wrong: Wrong) -> States:
    h = wrong.passed("h before", states[0])
    (a_r, a_z, a_n), (u_r, u_z, u_n) = (
        [value.chunk(3, -1)[at] for at in wrong.order[:3]]
        for value in (wrong.gates(summed.inputs, 3), wrong.gates(summed.units, 3))
    )
    if wrong.reset_met:
        r = torch.sigmoid(a_r + u_r).detach()
        of_weight = (summed.of_units((r * h).detach()) - summed.of_units(h.detach())).chunk(3, -1)
        u_r, u_z, u_n = (
            units + (off - off.detach()) * (name in wrong.reset_met)
            for name, units, off in zip("rzn", (u_r, u_z, u_n), of_weight, strict=True)
        )
    r, z = wrong.squashed("r", torch.sigmoid, a_r + u_r), wrong.squashed("z", torch.sigmoid, a_z + u_z)
    reset = summed.of_units(r * h).chunk(3, -1)[2] if wrong.reset_first else r * u_n
    if "reset" in wrong.straight:
        reset = r * u_n.detach() + (u_n - u_n.detach())
    if wrong.bias_apart:
        reset = reset + (1 - r) * summed.of_units(torch.zeros_like(h)).chunk(3, -1)[2]
    reset = wrong.in_place(reset, r * u_n)
    n = wrong.squashed("n", torch.tanh, a_n + reset)
    kept = z * h
    if wrong.handing == "1 - z":
        kept = z * h.detach() + (1 - z).detach() * (h - h.detach())
    right = (1 - z) * n + kept
    return (wrong.in_place(z * n + (1 - z) * h, right) if wrong.complement else right,)


STEPS: Mapping[str, Step] = {"RNN": rnn, "LSTM": lstm, "GRU": gru}


def walk(
    step: Step, options: Mapping[str, Any], own: Mapping[str, Tensor], x: Tensor, states: States, wrong: Wrong
) -> tuple[list[Tensor], States]:
    """Return h of every moment of x, in the order of x, and the last states."""
    found = []
    for at, x_t in enumerate(x):
        now = wrong if at else wrong.at_first()
        counts = {"": True, "first": at == 0, "last": at == len(x) - 1}[wrong.alone]
        held = {k: v if counts else v.detach() for k, v in own.items()}
        bias_ih, bias_hh = held.get("bias_ih", 0), held.get("bias_hh", 0)

        def of_units(h: Tensor, held: Mapping[str, Tensor] = held, bias: Any = bias_hh) -> Tensor:
            summed: Tensor = h @ held["weight_hh"].t() + bias
            return summed

        if wrong.unstarted and not at:
            given, weight = states[0].detach(), held["weight_hh"]
            states = (states[0] - given, *states[1:])
        inputs, units = x_t @ held["weight_ih"].t() + bias_ih, of_units(now.passed("h", states[0]))
        if wrong.unstarted and not at:
            units = units + given @ (weight - weight.detach()).t()
        if wrong.input_before:
            weight = held["weight_ih"]
            inputs = x_t @ weight.detach().t() + bias_ih + x[at - 1].detach() @ (weight - weight.detach()).t()
        after = step(options, Summed(inputs, units, of_units), states, now)
        if wrong.state_after:
            weight = held["weight_hh"]
            units = states[0] @ weight.detach().t() + bias_hh + after[0].detach() @ (weight - weight.detach()).t()
            after = step(options, Summed(inputs, units, of_units), states, now)
        states = (wrong.bounded("h", after[0]), *after[1:])
        found.append(after[0])
    return found, states


def outputs(
    module: str, options: Mapping[str, Any], parameters: Mapping[str, Tensor], inputs: Sequence[Tensor], wrong: Wrong
) -> tuple[Tensor, ...]:
    """Return what a recurrent layer gives, output first, for inputs (L, N, D) or (N, L, D), and states (S, N, H)."""
    x, *given = inputs
    turned = bool(options.get("batch_first")) and not wrong.samples
    x = x.transpose(0, 1) if turned else x
    sides = ("", "_reverse")[: 1 + bool(options.get("bidirectional"))]
    layers = options.get("num_layers", 1)
    if not given:
        given = [x.new_zeros(layers * len(sides), x.shape[1], options["hidden_size"])] * (1 + (module == "LSTM"))
    if x.shape[1] != given[0].shape[1]:  # where moments are taken for samples
        given = [state[:, :1].expand(-1, x.shape[1], -1) for state in given]
    starts = [state.flip(0) if wrong.exchanged else state for state in given]
    ends: list[States] = []
    for layer in range(layers):
        beside = []
        for side in sides:
            own = of_walk(parameters, f"_l{layer}{side}")
            against = bool(side) and not wrong.forwards
            states = tuple(state[len(ends)] for state in starts)
            found, last = walk(STEPS[module], options, own, x.flip(0) if against else x, states, wrong)
            ends.append(last)
            y = torch.stack(found)
            beside.append(y.flip(0) if against and not wrong.unturned else y)
        x = torch.cat(beside, -1)
    return (x.transpose(0, 1) if turned else x, *map(torch.stack, zip(*ends, strict=True)))


def of_walk(parameters: Mapping[str, Tensor], suffix: str) -> dict[str, Tensor]:
    """Return the parameters of one walk by their names without layer and direction."""
    return {name.removesuffix(suffix): value for name, value in parameters.items() if name.endswith(suffix)}


def quantities(
    module: str,
    options: Mapping[str, Any],
    parameters: Mapping[str, Tensor],
    inputs: Sequence[Tensor],
    dys: Sequence[Tensor | None],
    wrong: Wrong,
) -> dict[str, Tensor]:
    """Return outputs and gradients by their names, of one call of a layer that is wrong so."""
    names = ("h0", "c0")
    with torch.enable_grad():
        leaves = {
            **{name: value.detach().requires_grad_() for name, value in zip(("x", *names), inputs, strict=False)},
            **{name: value.detach().requires_grad_() for name, value in parameters.items()},
        }
        own = {name: leaves[name] for name in parameters}
        ys = outputs(module, options, own, [leaves[n] for n in ("x", *names) if n in leaves], wrong)
        found = dict(zip(("output", "h_n", "c_n"), (y.detach() for y in ys), strict=False))
        asked = (dys[0], *(None for _ in dys[1:])) if wrong.ends_unused else dys
        used = [(y, dy) for y, dy in zip(ys, asked, strict=True) if dy is not None and dy.shape == y.shape]
        gradients = torch.autograd.grad(
            [y for y, _ in used], list(leaves.values()), [dy for _, dy in used], materialize_grads=True
        )
    return found | {f"d{name}": value for name, value in zip(leaves, gradients, strict=True)}
