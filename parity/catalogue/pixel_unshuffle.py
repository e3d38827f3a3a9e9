"""PixelUnshuffle."""

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class Unshuffle(torch.nn.PixelUnshuffle):
    """torch.nn.PixelUnshuffle; of no samples its derivative fails, and a change of shape stands for it."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what torch returns."""
        if x.numel():
            return super().forward(x)
        *batch, channels, rows, columns = x.shape
        r = self.downscale_factor
        return x.reshape(*batch, channels * r**2, rows // r, columns // r)


PAGE = Page(
    module="PixelUnshuffle",
    reference=Unshuffle,
    multilinear=True,
    space=Space(
        options={"downscale_factor": (2, 1, 3)},
        shapes={"x": ((2, 3, 6, 12), (2, 3, 12, 6), (3, 4, 6, 6), (5, 6, 12), (2, 3, 4, 6, 6))},
        everything={"downscale_factor": 3, "x": (3, 4, 6, 6)},
        plain="twice",
    ),
    cases=(
        Case("one-pixel-left", x=(3, 2, 2, 2), options={"downscale_factor": 2}),
        Case("large-batch", x=(2**14 + 1, 1, 2, 2), options={"downscale_factor": 2}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"downscale_factor": 2}, regime="photograph"),
    ),
    refusals=(
        Refusal("wrong rank", "x", x=lambda x: x[0, 0]),
        Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("rows do not divide", "x", x=lambda x: x[:, :, :5]),
        Refusal("columns do not divide", "x", x=lambda x: x[..., :11]),
        Refusal("no factor", "downscale_factor", options={"downscale_factor": 0}),
        Refusal("fraction", "downscale_factor", options={"downscale_factor": 1.5}),
    ),
    degenerate={"* bfloat16 offset 1.0 output": "values near 100 are 0.5 apart: another draw is as near as rounding"},
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"downscale_factor": 2}),
        Timing("thrice", x=(4, 3, 384, 384), options={"downscale_factor": 3}),
    ),
)
