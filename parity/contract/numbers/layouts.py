"""Every layout in memory gives the same values: strided, offset, channels-last, expanded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import torch
from torch import Tensor

from parity.verdict.check import NUMBERS, Check
from parity.verdict.check import laid_out as of_layouts
from parity.verdict.draw import Draw
from parity.verdict.trial import Judged, Trial


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
    """Return the same values behind one other element at the start of the storage."""
    return torch.cat([value.new_ones(1), value.reshape(-1)])[1:].view(value.shape)


LAYOUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "strided": strided,
    "transposed": transposed,
    "channels-last": channels_last,
    "offset": offset,
}


def run(trial: Trial) -> Iterator[Judged]:
    """Give x and dy in every pair of layouts; then one sample expanded to a batch."""
    for of_x, of_dy in product(LAYOUTS, LAYOUTS):
        yield from (one.noted(f"{of_x} x, {of_dy} dy") for one in laid_out(trial, of_x, of_dy))
    yield from expanded(trial)


def laid_out(trial: Trial, of_x: str, of_dy: str) -> list[Judged]:
    """Judge a new module with its inputs and dy in these layouts; an empty name is contiguous."""
    given, dys = arranged(of_x, trial.inputs()), arranged(of_dy, trial.cotangents())
    return trial.judge(trial.called(trial.build(), given, dys))


def arranged(layout: str, values: Sequence[Tensor | None]) -> list[Tensor | None]:
    """Return tensors in a layout; an empty name leaves them as they are."""
    return [LAYOUTS[layout](value) if layout and value is not None else value for value in values]


def expanded(trial: Trial) -> list[Judged]:
    """Give the first sample as often as there are samples, as one sample in memory with a stride of zero."""
    device, other = trial.cell.device, replace(trial, given=repeated(trial.drawn))
    given, dys = (
        [value if value is None else apart(value).to(device) for value in values]
        for values in (other.drawn.inputs, other.drawn.cotangents)
    )
    judged = other.judge(other.called(other.build(), given, dys))
    return [one.noted("one sample expanded") for one in judged]


def repeated(drawn: Draw) -> Draw:
    """Return the draw in which every tensor holds its first sample as often as it has samples."""

    def repeat(value: Any) -> Any:
        return value[:1].expand(value.shape) if value is not None and value.dim() else value

    dy, *others = map(repeat, drawn.cotangents)
    return replace(drawn, inputs=tuple(map(repeat, drawn.inputs)), dy=dy, others=tuple(others))


def apart(value: Tensor) -> Tensor:
    """Return an expanded tensor in memory of its own: what the truth is made from is out of a subject's reach."""
    return value[:1].clone().expand(value.shape) if value.dim() else value.clone()


def right_where(base: Trial, failed: Trial, quantity: str) -> tuple[str, str]:
    """Return which tensor must be contiguous for the quantity to be right."""
    if failed.given is not None:
        return "contiguous", "right for tensors that fill their memory, wrong for an expanded x"

    def wrong(of_x: str, of_dy: str) -> bool:
        return any(one.fails for one in laid_out(base, of_x, of_dy) if one.record.quantity == quantity)

    of_x, of_dy = [name for name in LAYOUTS if wrong(name, "")], [name for name in LAYOUTS if wrong("", name)]
    said = [f"{', '.join(names)} {tensor}" for names, tensor in ((of_x, "x"), (of_dy, "dy")) if names]
    return "contiguous", f"right for contiguous tensors, wrong for {' and '.join(said) or 'others'}"


CHECK = Check(
    "layouts", run, NUMBERS, concerns=of_layouts, cost=3, right_where=right_where
)  # many runs, and a draw of its own
