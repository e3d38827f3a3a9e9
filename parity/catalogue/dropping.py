"""What the pages of modules share that drop a part of what they are given: reading what was dropped."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Conditioned, Page, Refusal, Shape, Space, Timing

Conditioning = Callable[[Case, Sequence[Any], Mapping[str, Any]], Conditioned]


class Dropped(torch.nn.Module):
    """Dropout whose draw is known.

    Where x is not finite, what is dropped is nan, since 0 times that is, or by choice 0: which one, `nothing` says.
    """

    def __init__(self, kept: Tensor, nothing: Tensor, p: float) -> None:
        super().__init__()
        self.kept, self.nothing, self.p = kept, nothing, p

    def forward(self, x: Tensor) -> Tensor:
        lost = (0 * x).masked_fill(self.nothing.to(x.device), 0)
        return torch.where(self.kept.to(x.device), x / (1 - self.p), lost) if self.p < 1 else lost


def fitting(value: object, x: Tensor) -> Tensor | None:
    """Return a quantity on the CPU, if it is a tensor in the shape of x."""
    return value.cpu() if isinstance(value, Tensor) and value.shape == x.shape else None


def told(x: Tensor, got: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Return which elements are seen to be kept, and which to be dropped; of some neither can be seen.

    The output tells it where x is not 0 and not nan; elsewhere, and where there is no output, the gradient does. What
    is no number, of an x that is one, tells nothing.
    """
    y, dx = (fitting(got.get(name), x) for name in ("output", "dx"))
    kept = dropped = torch.zeros_like(x, dtype=torch.bool)
    if y is not None:
        dropped = (y == 0) & (x != 0) | x.isinf() & y.isnan()
        kept = (x != 0) & ~x.isnan() & ~dropped & ~(y.isnan() & x.isfinite())
    if dx is not None:
        open_yet = ~kept & ~dropped
        kept, dropped = kept | open_yet & (dx != 0) & ~dx.isnan(), dropped | open_yet & (dx == 0)
    return kept, dropped


def by_element(kept: Tensor, dropped: Tensor) -> tuple[Tensor, Tensor, int]:
    """Return what was drawn, where it is known, and of how many draws a part only, if each element is drawn for."""
    return ~dropped, kept | dropped, 0


def by_channel(kept: Tensor, dropped: Tensor) -> tuple[Tensor, Tensor, int]:
    """Return the same if each channel of each sample is: it is kept if anything of it is."""
    any_kept, any_dropped = (value.flatten(2).any(2) for value in (kept, dropped))
    return any_kept | ~any_dropped, any_kept | any_dropped, int((any_kept & any_dropped).sum())


def conditioned(
    units: Callable[[Tensor, Tensor], tuple[Tensor, Tensor, int]],
    case: Case,
    inputs: Sequence[Any],
    got: Mapping[str, Any],
) -> Conditioned:
    """Return what dropout gives that dropped what a subject did."""
    (x,) = inputs
    p = case.options.get("p", 0.5)
    drawn, known, torn = units(*told(x, got))
    kept = drawn.reshape(*drawn.shape, *[1] * (x.dim() - drawn.dim())).expand(x.shape)
    y = fitting(got.get("output"), x)
    nothing = torch.zeros_like(kept) if y is None else y == 0
    return Conditioned(lambda **_: Dropped(kept, nothing, p), drawn, known, 1 - p, torn)


ELEMENTS: Conditioning = partial(conditioned, by_element)
CHANNELS: Conditioning = partial(conditioned, by_channel)


def page(
    reference: type[torch.nn.Module],
    conditioning: Conditioning,
    shapes: Sequence[Shape],
    cases: tuple[Case, ...] = (),
    refusals: tuple[Refusal, ...] = (),
    timings: tuple[Timing, ...] = (),
) -> Page:
    """Return the page of a module that drops; of the shapes, the first is drawn widely, in training and evaluation."""
    return Page(
        module=reference.__name__,
        reference=reference,
        conditioned=conditioning,
        space=Space(options={"p": (0.5, 0.1, 0.0, 0.9)}, shapes={"x": shapes, "training": (True, False)}),
        cases=(
            Case("evaluation", x=shapes[0], training=False, widely=True),
            Case("all dropped", x=shapes[0], options={"p": 1.0}),
            *cases,
        ),
        refusals=(
            Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
            Refusal("not a tensor", "x", x=lambda x: x.tolist()),
            Refusal("p above 1", "p", options={"p": 1.5}),
            Refusal("p below 0", "p", options={"p": -0.1}),
            *refusals,
        ),
        timings=timings,
        degenerate={"all dropped * *": "all is dropped"},
    )
