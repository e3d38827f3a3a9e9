"""Recurrent layers whose way back is not reversed: what a moment hands back goes to the one after it."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.altered.sequences import unrolled
from parity.diagnosis.altered.sequences.wrong import Wrong


def quantities(
    module: str,
    options: Mapping[str, Any],
    parameters: Mapping[str, Tensor],
    inputs: Sequence[Tensor],
    dys: Sequence[Tensor | None],
    ahead: str,
) -> dict[str, Tensor]:
    """Return the gradients of one layer in one direction; nothing of any other.

    ahead  where the cotangents of the last states come in, as in `Wrong`
    """
    turned = bool(options.get("batch_first"))
    if any(not name.endswith("_l0") for name in parameters):
        return {}
    x, dy = (one if one is None or not turned else one.transpose(0, 1) for one in (inputs[0], dys[0]))
    assert x is not None
    given = inputs[1:] or [x.new_zeros(1, x.shape[1], options["hidden_size"])] * (1 + (module == "LSTM"))
    states = tuple(state[0] for state in given)
    ends = [torch.zeros_like(state) if dy is None else dy[0] for state, dy in zip(states, dys[1:], strict=True)]
    late = {"none late": 0, "h late": 1, "all late": len(ends)}[ahead]
    handed = [torch.zeros_like(dy) if place < late else dy for place, dy in enumerate(ends)]
    found, dxs = {f"d{name}": torch.zeros_like(value) for name, value in parameters.items()}, []
    for at in range(len(x)):
        with torch.enable_grad():
            held = tuple(state.detach().requires_grad_() for state in states)
            own = {name: value.detach().requires_grad_() for name, value in parameters.items()}
            x_t = x[at : at + 1].detach().requires_grad_()
            _, states = unrolled.walk(unrolled.STEPS[module], options, unrolled.of_walk(own, "_l0"), x_t, held, Wrong())
            asked = [handed[0] if dy is None else handed[0] + dy[at], *handed[1:]]
            if at == len(x) - 1:
                asked = [
                    one + end if place < late else one for place, (one, end) in enumerate(zip(asked, ends, strict=True))
                ]
            dx, *rest = torch.autograd.grad(states, (x_t, *held, *own.values()), asked)
        handed = rest[: len(held)]
        dxs.append(dx[0])
        for name, value in zip(found, rest[len(held) :], strict=True):
            found[name] += value
    dx = torch.stack(dxs, int(turned))
    return found | {"dx": dx} | {f"d{name}0": value[None] for name, value in zip("hc", handed, strict=False)}
