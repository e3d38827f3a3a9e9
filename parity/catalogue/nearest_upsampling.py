"""NearestUpsampling: torch.nn.Upsample in its nearest mode."""

from collections.abc import Sequence
from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def reference(scale_factor: int | Sequence[int] | None = None, size: Any = None) -> torch.nn.Module:
    """Return torch's module: it wants a pair of scales as a tuple of floats."""
    if scale_factor is not None:
        pair = scale_factor if isinstance(scale_factor, Sequence) else (scale_factor, scale_factor)
        return torch.nn.Upsample(size, tuple(float(scale) for scale in pair), mode="nearest")
    return torch.nn.Upsample(size, mode="nearest")


PAGE = Page(
    module="NearestUpsampling",
    reference=reference,
    multilinear=True,
    space=Space(
        options={"scale_factor": (2, 1, 3, (3, 2), (2, 1), None)},
        besides={"size": (None, 7, (13, 9), (2, 17), (10, 12), (5, 6))},
        shapes={"x": ((3, 4, 5, 6), (3, 4, 6, 5), (2, 1, 5, 5))},
        together=tuple({"scale_factor": None, "size": size} for size in (7, (13, 9), (2, 17), (10, 12), (5, 6))),
        everything={"scale_factor": None, "size": (13, 9)},
        plain="twice",
    ),
    cases=(
        Case("one-pixel", x=(2, 3, 1, 1), options={"scale_factor": 4}),
        Case("large-batch", x=(2**16 + 1, 1, 1, 1), options={"scale_factor": 2}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"scale_factor": 2}, regime="photograph"),
    ),
    refusals=(
        Refusal("wrong rank", "x", x=lambda x: x[0]),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("no scale", "scale_factor", options={"scale_factor": 0}),
        Refusal("fraction", "scale_factor", options={"scale_factor": 1.5}, stricter=True),
        Refusal("no size", "size", options={"size": 0}),
        Refusal("size and scale", "scale_factor", options={"scale_factor": 2, "size": 8}),
        Refusal("triple", "scale_factor", options={"scale_factor": (1, 2, 3)}),
    ),
    degenerate={"* bfloat16 offset 1.0 output": "values near 100 are 0.5 apart: another draw is as near as rounding"},
    timings=(Timing("papers", x=(100, 3, 10, 10), options={"scale_factor": 2}),),
)
