"""Recurrent layers unrolled moment by moment, for autograd to differentiate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.altered.sequences.wrong import Function, Wrong

States = tuple[Tensor, ...]


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
        if wrong.turned_back:
            back, weight = now.passed("h", states[0]), held["weight_hh"].detach()
            units = of_units(back.detach()) + (back - back.detach()) @ weight
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


def used(wrong: Wrong, place: int) -> bool:
    """Return whether the cotangent of the output in a place is looked at: of y, h_n and c_n."""
    return place == 0 or wrong.ends_unused not in ("all", "hc"[place - 1])


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
        asked = [dy if used(wrong, at) else None for at, dy in enumerate(dys)]
        pairs = [(y, dy) for y, dy in zip(ys, asked, strict=True) if dy is not None and dy.shape == y.shape]
        gradients = torch.autograd.grad(
            [y for y, _ in pairs], list(leaves.values()), [dy for _, dy in pairs], materialize_grads=True
        )
    return found | {f"d{name}": value for name, value in zip(leaves, gradients, strict=True)}
