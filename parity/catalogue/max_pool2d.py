"""MaxPool2d."""

import torch

from parity.catalogue.page import Case, Page, Space, Timing
from parity.catalogue.pooling import IMAGES, of_input, of_windows, refused

PAGE = Page(
    module="MaxPool2d",
    reference=torch.nn.MaxPool2d,
    kinks=True,
    left_out={"return_indices": "which of several maxima is the one is a choice; the maxima are compared"},
    space=Space(
        options={
            "kernel_size": (3, 2, 4, (3, 2), (1, 3)),
            "stride": (None, 1, 2, 4, (2, 1)),
            "padding": (0, 1, (1, 0), (0, 1)),
            "dilation": (1, 2, (2, 1), (1, 3)),
            "ceil_mode": (False, True),
        },
        shapes={"x": IMAGES},
        together=(
            {"kernel_size": 2, "stride": 4},
            {"stride": 2, "padding": 1},
            {"stride": 2, "padding": 1, "ceil_mode": True},
            {"kernel_size": 4, "padding": 1, "ceil_mode": True},
        ),
        everything={
            "kernel_size": (3, 2),
            "stride": (2, 1),
            "padding": 1,
            "dilation": (2, 1),
            "ceil_mode": True,
        },
    ),
    cases=(
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
        refused("dilation zero", "dilation", kernel_size=3, dilation=0),
        refused("indices asked for", "return_indices", stricter=True, kernel_size=3, return_indices=True),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"kernel_size": 2}),
        Timing("stem", x=(16, 64, 56, 56), options={"kernel_size": 3, "stride": 2, "padding": 1}),
    ),
)
