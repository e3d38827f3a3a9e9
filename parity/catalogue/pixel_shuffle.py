"""PixelShuffle."""

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class Shuffle(torch.nn.PixelShuffle):
    """torch.nn.PixelShuffle; of no samples its derivative fails, and a change of shape stands for it."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what torch returns."""
        if x.numel():
            return super().forward(x)
        *batch, channels, rows, columns = x.shape
        r = self.upscale_factor
        return x.reshape(*batch, channels // r**2, rows * r, columns * r)


PAGE = Page(
    module="PixelShuffle",
    reference=Shuffle,
    multilinear=True,
    space=Space(
        options={"upscale_factor": (2, 1, 3)},
        shapes={"x": ((2, 36, 3, 4), (2, 36, 4, 3), (3, 36, 3, 3), (36, 2, 4), (2, 3, 36, 2, 1))},
        everything={"upscale_factor": 3, "x": (3, 36, 3, 3)},
        plain="twice",
    ),
    cases=(
        Case("one-channel", x=(3, 4, 5, 2), options={"upscale_factor": 2}),
        Case("large-batch", x=(2**14 + 1, 4, 1, 1), options={"upscale_factor": 2}, large=True),
        Case("photographs", x=(4, 12, 16, 20), options={"upscale_factor": 2}, regime="photograph"),
    ),
    refusals=(
        Refusal("wrong rank", "x", x=lambda x: x[0, 0]),
        Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("channels do not divide", "x", x=lambda x: x[:, :6]),
        Refusal("no factor", "upscale_factor", options={"upscale_factor": 0}),
        Refusal("fraction", "upscale_factor", options={"upscale_factor": 1.5}),
    ),
    degenerate={"* bfloat16 offset 1.0 output": "values near 100 are 0.5 apart: another draw is as near as rounding"},
    timings=(
        Timing("papers", x=(100, 4, 10, 10), options={"upscale_factor": 2}),
        Timing("thrice", x=(4, 27, 128, 128), options={"upscale_factor": 3}),
    ),
)
