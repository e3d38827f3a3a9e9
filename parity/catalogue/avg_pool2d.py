"""AvgPool2d."""

import torch

from parity.catalogue.page import Case, Page, Space, Timing
from parity.catalogue.pooling import IMAGES, of_input, of_windows, refused

PAGE = Page(
    module="AvgPool2d",
    reference=torch.nn.AvgPool2d,
    space=Space(
        options={
            "kernel_size": (3, 2, 4, (3, 2), (1, 3)),
            "stride": (None, 1, 2, 4, (2, 1)),
            "padding": (0, 1, (1, 0), (0, 1)),
            "ceil_mode": (False, True),
            "count_include_pad": (True, False),
            "divisor_override": (None, 1, 5, -2),
        },
        shapes={"x": IMAGES},
        together=(
            {"kernel_size": 2, "stride": 4},
            {"stride": 2, "padding": 1, "count_include_pad": False},
            {"stride": 2, "padding": 1, "ceil_mode": True},
            {"kernel_size": 4, "padding": 1, "ceil_mode": True},
            {"kernel_size": 4, "padding": 1, "ceil_mode": True, "count_include_pad": False},
        ),
        everything={
            "kernel_size": (3, 2),
            "stride": (2, 1),
            "padding": 1,
            "ceil_mode": True,
            "count_include_pad": False,
        },
    ),
    cases=(
        # in the corners a window sees one pixel, which may be infinite, where a larger one sees nan beside it
        Case("corners", x=(2, 3, 4, 6), options={"kernel_size": 2, "padding": 1}, widely=True),
        Case("kernel-is-image", x=(3, 2, 5, 4), options={"kernel_size": (5, 4)}),
        Case("kernel-beyond-image", x=(3, 2, 2, 4), options={"kernel_size": 3, "stride": 4, "ceil_mode": True}),
        Case("large-batch", x=(2**16 + 1, 1, 3, 2), options={"kernel_size": 2}, large=True),
        Case("large-image", x=(1, 1, 259, 260), options={"kernel_size": 2, "stride": 1}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"kernel_size": 2}, regime="photograph"),
    ),
    refusals=(
        *of_input(takes_integers=True),
        *of_windows({"kernel_size": 3}),
        refused("padding beyond half", "padding", kernel_size=3, padding=2),
        refused("negative padding", "padding", kernel_size=3, padding=-1),
        refused("counting in words", "count_include_pad", kernel_size=3, count_include_pad="no"),
        refused("divisor zero", "divisor_override", kernel_size=3, divisor_override=0),
        refused("fractional divisor", "divisor_override", kernel_size=3, divisor_override=2.5),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"kernel_size": 2}),
        Timing("3x3", x=(16, 64, 56, 56), options={"kernel_size": 3, "stride": 2, "padding": 1}),
    ),
)
