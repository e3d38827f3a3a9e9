"""LPPool2d."""

import torch

from parity.catalogue.page import Case, Page, Space, Timing
from parity.catalogue.pooling import IMAGES, of_input, of_windows, refused

PLAIN = {"norm_type": 2.0, "kernel_size": 3}

PAGE = Page(
    module="LPPool2d",
    reference=torch.nn.LPPool2d,
    space=Space(
        options={
            "norm_type": (2.0, 1, 3.0, 4),
            "kernel_size": (3, 2, 4, (3, 2), (1, 3)),
            "stride": (None, 1, 2, 4, (2, 1)),
            "ceil_mode": (False, True),
        },
        shapes={"x": IMAGES},
        together=({"kernel_size": 2, "stride": 4}, {"stride": 2, "ceil_mode": True}),
        everything={"norm_type": 4, "kernel_size": (3, 2), "stride": (2, 1), "ceil_mode": True},
    ),
    cases=(
        Case("gaps", x=(2, 3, 4, 7), options=PLAIN | {"kernel_size": (1, 2), "stride": (1, 3)}),
        # windows of two see no nan beside an infinite pixel
        Case(
            "infinities",
            x=(2, 3, 4, 7),
            options=PLAIN | {"kernel_size": (1, 2), "stride": (1, 3)},
            regime="not-finite",
        ),
        Case("kernel-is-image", x=(3, 2, 5, 4), options=PLAIN | {"kernel_size": (5, 4)}),
        Case("kernel-beyond-image", x=(3, 2, 2, 4), options=PLAIN | {"stride": 4, "ceil_mode": True}),
        Case("large-batch", x=(2**16 + 1, 1, 3, 2), options=PLAIN | {"kernel_size": 2}, large=True),
        Case("large-image", x=(1, 1, 259, 260), options=PLAIN | {"kernel_size": 2, "stride": 1}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options=PLAIN | {"kernel_size": 2}, regime="photograph"),
    ),
    refusals=(
        *of_input(takes_integers=True),
        *of_windows(PLAIN),
        refused("norm zero", "norm_type", stricter=True, norm_type=0, kernel_size=3),
        refused("norm in words", "norm_type", norm_type="two", kernel_size=3),
        refused("norm infinite", "norm_type", stricter=True, norm_type=float("inf"), kernel_size=3),
    ),
    degenerate={
        "* float16 huge 1.0 dx": "the sum of powers overflows in float16, so that torch.nn's own gradient is zero",
        "* float16 offset 1.0 dx": "the sum of powers overflows in float16, so that torch.nn's own gradient is zero",
        "everything float16 tiny 1.0 *": "fourth powers vanish in float16, so that torch.nn's own results are zero",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options=PLAIN | {"kernel_size": 2}),
        Timing("3x3", x=(16, 64, 56, 56), options=PLAIN | {"stride": 2}),
    ),
)
