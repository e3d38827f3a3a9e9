"""Every layout in memory gives the same values: strided, offset, channels-last, expanded."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from parity.verdict.trial import Trial, gradients
from reports.record import Parity


def strided(value: Tensor) -> Tensor:
    """Return the same values as every second element of a wider tensor that is filled with nan between them."""
    wide = torch.full((*value.shape, 2), float("nan"), dtype=torch.float64).to(value)
    wide[..., 0] = value
    return wide[..., 0]


def transposed(value: Tensor) -> Tensor:
    """Return the same values with the axes stored in reverse order."""
    axes = tuple(reversed(range(value.dim())))
    return value.permute(axes).contiguous().permute(axes)


def channels_last(value: Tensor) -> Tensor:
    """Return the same values with axis 1 stored last (N, ..., C); below 3 axes this is `transposed`."""
    if value.dim() < 3:
        return transposed(value)
    return value.movedim(1, -1).contiguous().movedim(-1, 1)


def offset(value: Tensor) -> Tensor:
    """Return the same values behind one stranger at the start of the storage."""
    return torch.cat([value.new_ones(1), value.reshape(-1)])[1:].view(value.shape)


LAYOUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "strided": strided,
    "transposed": transposed,
    "channels-last": channels_last,
    "offset": offset,
}


def check(trial: Trial) -> list[Parity]:
    """Give x and dy in every pair of layouts; then one sample expanded to a batch."""
    found = []
    for name, of_x in LAYOUTS.items():
        for name_dy, of_dy in LAYOUTS.items():
            built, dy = trial.build(), trial.dy()
            output = built.forward(*(of_x(value) for value in trial.inputs()))
            dx = built.backward(None if dy is None else of_dy(dy))
            judged = trial.judge({"output": output, "dx": dx} | gradients(built))
            found += [named(record, f"{name} x, {name_dy} dy") for record in judged]
    return found + expanded(trial)


def expanded(trial: Trial) -> list[Parity]:
    """Give the first sample three times over, as one sample in memory with a stride of zero."""
    drawn = trial.drawn
    triple = [value[:1].expand(3, *value.shape[1:]) for value in drawn.inputs]
    same_dy = None if drawn.dy is None else drawn.dy[:1].expand(3, *drawn.dy.shape[1:]) if drawn.dy.dim() else drawn.dy
    other = replace(trial, given=replace(drawn, inputs=tuple(triple), dy=same_dy))
    built, device = other.build(), trial.cell.device
    output = built.forward(*(value.to(device) for value in triple))
    dx = built.backward(None if same_dy is None else same_dy.to(device))
    judged = other.judge({"output": output, "dx": dx} | gradients(built))
    return [named(record, "one sample expanded") for record in judged]


def named(record: Parity, layout: str) -> Parity:
    """Return the record; a failing one says at which layout."""
    return record if record.verdict != "fail" else replace(record, detail=f"{layout}: {record.detail}")
