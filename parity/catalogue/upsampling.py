"""Upsampling as paper 004 has it: nearest neighbours, then a convolution."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.nearest_upsampling import reference
from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class NearestThenConvolution(torch.nn.Conv2d):
    """torch.nn.Upsample and torch.nn.Conv2d in one module, so that its parameters are weight and bias."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        scale_factor: int | Sequence[int] | None = None,
        size: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, **options)
        self.nearest = reference(scale_factor, size)

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of the enlarged x."""
        y: Tensor = super().forward(self.nearest(x))
        return y


def options(**changed: Any) -> dict[str, Any]:
    return {"in_channels": 3, "out_channels": 4, "kernel_size": 3, "scale_factor": 2} | changed


SPACE = Space(
    options={
        "scale_factor": (2, 1, 3, (2, 3)),
        "stride": (1, 2, (2, 1)),
        "padding": (0, 1, (0, 1)),
        "kernel_size": (3, 1, 2, (2, 3)),
        "dilation": (1, 2, (1, 2)),
        "groups": (1, 2),
    },
    besides={"bias": (True, False), "in_channels": (4, 1, 24), "out_channels": (6, 1, 4, 24)},
    shapes={"image": ((4, 5), (5, 4), (5, 5))},
    x=lambda values: (2, values["in_channels"], *values["image"]),
    together=({"stride": 2, "padding": 1},),
    everything={
        "scale_factor": (2, 3),
        "kernel_size": (2, 3),
        "stride": (2, 1),
        "padding": (0, 1),
        "dilation": (1, 2),
        "groups": 2,
        "image": (5, 5),
    },
    plain="twice",
)

PAGE = Page(
    module="Upsampling",
    reference=NearestThenConvolution,
    multilinear=True,
    space=SPACE,
    cases=(
        Case("stride-dilation", x=(2, 3, 5, 6), options=options(stride=(2, 1), dilation=(1, 2), padding=2)),
        Case("size", x=(2, 3, 5, 4), options=options(scale_factor=None, size=(7, 9), padding=1)),
        Case("smaller", x=(2, 3, 5, 8), options=options(scale_factor=None, size=(4, 5), stride=2)),
        Case("whole-size", x=(2, 3, 4, 5), options=options(scale_factor=None, size=(8, 15), groups=1)),
        Case("same", x=(2, 3, 4, 5), options=options(kernel_size=2, padding="same", padding_mode="circular")),
        Case("large-image", x=(1, 1, 257, 258), options=options(in_channels=1, out_channels=1), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=options(padding=1), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :2]),
        Refusal("wrong rank", "x", x=lambda x: x[0], stricter=True),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("no scale", "scale_factor", options=options(scale_factor=0)),
        Refusal("size and scale", "scale_factor", options=options(size=8)),
        Refusal("no size", "size", options=options(scale_factor=None, size=0)),
        Refusal("stride zero", "stride", options=options(stride=0)),
        Refusal("groups do not divide", "groups", options=options(groups=2)),
        Refusal("kernel of three", "kernel_size", options=options(kernel_size=(1, 2, 3))),
    ),
    timings=(Timing("papers", x=(100, 3, 10, 10), options=options()),),
)
