"""BilinearUpsampling: torch.nn.Upsample in its bilinear mode."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def reference(
    scale_factor: float | tuple[float, ...] | None = None,
    size: Any = None,
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> torch.nn.Module:
    """Return torch's module."""
    return torch.nn.Upsample(size, scale_factor, "bilinear", align_corners, recompute_scale_factor)


SIZES = (7, (13, 9), (2, 17), (1, 3), (5, 6), (9, 11))
# Linear in x, but its shares are rounded too, which the gauge in closed form does not know.
PAGE = Page(
    module="BilinearUpsampling",
    reference=reference,
    space=Space(
        options={
            "scale_factor": (2, 1, 3, (3, 2), 1.7, (0.6, 2.5), None),
            "align_corners": (None, True, False),
        },
        besides={"recompute_scale_factor": (None, True), "size": (None, *SIZES)},
        shapes={"x": ((3, 4, 5, 6), (3, 4, 6, 5), (2, 1, 5, 5))},
        together=(
            *({"scale_factor": None, "size": size} for size in SIZES),
            *({"scale_factor": None, "size": size, "align_corners": True} for size in SIZES),
            {"scale_factor": 1.7, "recompute_scale_factor": True},
            {"scale_factor": 1.7, "align_corners": True},
        ),
        everything={"scale_factor": None, "size": (9, 11), "align_corners": True},
        plain="twice",
    ),
    cases=(
        Case("fraction", x=(3, 2, 5, 4), options={"scale_factor": (1.7, 0.6)}, widely=True),
        Case("four-and-half", x=(3, 2, 4, 6), options={"scale_factor": (4, 0.5)}),
        Case("one-pixel", x=(2, 3, 1, 1), options={"scale_factor": 4}),
        Case("one-pixel-aligned", x=(2, 3, 1, 4), options={"size": (3, 1), "align_corners": True}),
        Case("long", x=(1, 1, 33, 1999), options={"size": (37, 2741)}, large=True),
        Case("large-batch", x=(2**16 + 1, 1, 1, 1), options={"scale_factor": 2}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"scale_factor": 2}, regime="photograph"),
    ),
    refusals=(
        Refusal("wrong rank", "x", x=lambda x: x[0]),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("no scale", "scale_factor", options={"scale_factor": 0}),
        Refusal("negative scale", "scale_factor", options={"scale_factor": -2.0}),
        Refusal("triple", "scale_factor", options={"scale_factor": (1, 2, 3)}),
        Refusal("no size", "size", options={"size": 0}),
        Refusal("size and scale", "scale_factor", options={"scale_factor": 2, "size": 8}),
        Refusal(
            "corners in words", "align_corners", options={"scale_factor": 2, "align_corners": "yes"}, stricter=True
        ),
        Refusal("size recomputed", "recompute_scale_factor", options={"size": 8, "recompute_scale_factor": True}),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"scale_factor": 2}),
        Timing("twice", x=(4, 32, 56, 56), options={"scale_factor": 2}),
    ),
)
