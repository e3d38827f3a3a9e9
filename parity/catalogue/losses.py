"""What the pages of all losses share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from parity.catalogue.constants import numbers
from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing
from parity.catalogue.signature import Input, Signature

# Where zeros would pass: the patterns of a page's `degenerate`.
NOT_FINITE = {"* not-finite 1.0 output": "a loss summed over the batch is not finite if one term is not"}
DEGENERATE = {
    "* float16 normal 0.0001 dx": "1e-4 of a mean over the batch is below the normal numbers of float16",
    **NOT_FINITE,
}
COARSE = {"* bfloat16 offset 1.0 *": "values near 100 are 0.5 apart, as large as the differences between them"}
REDUCTIONS = ("mean", "sum", "none")
WEIGHTS = numbers(0.5, 2.0, 1.0, 0.25, 3.0)  # of five classes, or of five elements of the last axis
SHAPES = ((6, 5), (11,), (4, 2), (3, 2, 5, 4))


def elementwise(
    reference: Callable[..., torch.nn.Module],
    targets: Sequence[str],
    options: Mapping[str, Sequence[Any]] | None = None,
    reductions: Sequence[str] = REDUCTIONS,
    cases: tuple[Case, ...] = (),
    refusals: tuple[Refusal, ...] = (),
    kinks: bool = False,
    degenerate: Mapping[str, str] | None = None,
) -> Page:
    """Return the page of a loss of each element by itself, of a prediction and a target of one shape and dtype.

    targets  the kinds of target that it is asked of, the plain one first
    options  beside the reduction, with values worth trying, torch's own first
    """
    target = targets[0]
    return Page(
        module=reference.__name__,
        reference=reference,
        space=Space(
            options={"reduction": reductions, **(options or {})},
            shapes={"x": SHAPES, "target": targets},
            plain="mean",
        ),
        cases=(
            Case("sum", x=(6, 5), options={"reduction": "sum"}, target=target),
            Case("none", x=(6, 5), options={"reduction": "none"}, target=target, widely=True),
            *cases,
            Case("large-batch", x=(2**16 + 5, 1), target=target, large=True),
            Case("photographs", x=(4, 3, 32, 32), target=target, regime="photograph"),
        ),
        refusals=(
            Refusal("shapes differ", "t", target=lambda t: t[:, :1], stricter=True),  # torch.nn broadcasts
            Refusal("dtypes differ", "t", target=lambda t: t.half(), stricter=True),
            Refusal("integers", "p", x=lambda p: p.long(), stricter=True),
            Refusal("not a tensor", "p", x=lambda p: p.tolist()),
            Refusal("unknown reduction", "reduction", options={"reduction": "median"}),
            *refusals,
        ),
        kinks=kinks,
        degenerate={**DEGENERATE, **(degenerate or {})},
        timings=(
            Timing("papers", x=(100, 3, 10, 10), target=target),
            Timing("large", x=(1_000_000,), target=target),
        ),
    )


def of_several(
    reference: Callable[..., torch.nn.Module],
    inputs: tuple[Input, ...],
    options: Mapping[str, Sequence[Any]],
    shapes: Sequence[Shape],
    others: Callable[[Shape], Sequence[Shape]],
    timings: Mapping[str, Shape],
    cases: tuple[Case, ...] = (),
    refusals: tuple[Refusal, ...] = (),
    kinks: bool = False,
    degenerate: Mapping[str, str] | None = None,
) -> Page:
    """Return the page of a loss of several inputs, of which more than one gets a gradient.

    options  beside the reduction, with values worth trying, torch's own first
    shapes   of the first input, the plain one first
    others   what tells the shapes of the other inputs, of that of the first
    """
    first, *further = [entry.name for entry in inputs]

    def beside(x: Shape) -> Mapping[str, Shape]:
        return dict(zip(further, others(x), strict=True))

    plain, large = shapes[0], (2**16 + 5, 2)
    return Page(
        module=reference.__name__,
        reference=reference,
        signature=Signature(inputs),
        space=Space(
            options={"reduction": REDUCTIONS, **options},
            shapes={"x": shapes},
            others=lambda values: beside(values["x"]),
            plain="mean",
        ),
        cases=(
            Case("sum", x=plain, options={"reduction": "sum"}, others=beside(plain)),
            Case("none", x=plain, options={"reduction": "none"}, others=beside(plain), widely=True),
            *cases,
            Case("large-batch", x=large, others=beside(large), large=True),
        ),
        refusals=(
            Refusal("integers", first, x=lambda x: x.long(), stricter=True),
            Refusal("not a tensor", first, x=lambda x: x.tolist()),
            Refusal("another shape", further[0], target=lambda value: value[1:], stricter=True),  # it may broadcast
            Refusal("another dtype", further[0], target=lambda value: value.half(), stricter=True),
            Refusal("a list", further[0], target=lambda value: value.tolist()),
            Refusal("unknown reduction", "reduction", options={"reduction": "median"}),
            *refusals,
        ),
        kinks=kinks,
        degenerate={**NOT_FINITE, **(degenerate or {})},
        timings=tuple(Timing(name, x=x, others=beside(x)) for name, x in timings.items()),
    )


class QuietKLDivLoss(torch.nn.KLDivLoss):
    """torch's, without its warning that the mean is over all elements."""

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        if self.reduction == "mean":
            return torch.nn.functional.kl_div(input, target, reduction="none", log_target=self.log_target).mean()
        return super().forward(input, target)
