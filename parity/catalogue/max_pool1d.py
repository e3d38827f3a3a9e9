"""MaxPool1d."""

import torch

from parity.catalogue.page import Case, Page, Space, Timing
from parity.catalogue.pooling import SEQUENCES, of_input, of_windows, refused

PAGE = Page(
    module="MaxPool1d",
    reference=torch.nn.MaxPool1d,
    kinks=True,
    left_out={"return_indices": "which of several maxima is the one is a choice; the maxima are compared"},
    space=Space(
        options={
            "kernel_size": (3, 2, 4, (5,)),
            "stride": (None, 1, 2, 5, (4,)),
            "padding": (0, 1, (2,)),
            "dilation": (1, 2, 3),
            "ceil_mode": (False, True),
        },
        shapes={"x": SEQUENCES},
        together=({"kernel_size": 2, "stride": 5}, {"stride": 2, "padding": 1, "ceil_mode": True}),
        everything={"kernel_size": 4, "stride": 2, "padding": (2,), "dilation": 2, "ceil_mode": True},
    ),
    cases=(
        # at the ends a window sees one number, which may be infinite, where a larger one sees nan beside it
        Case("ends", x=(2, 3, 6), options={"kernel_size": 2, "padding": 1}, widely=True),
        Case("kernel-is-sequence", x=(3, 2, 5), options={"kernel_size": 5}),
        Case("large-batch", x=(2**16 + 1, 1, 3), options={"kernel_size": 2}, large=True),
        Case("large-sequence", x=(1, 1, 2**16 + 3), options={"kernel_size": 2, "stride": 1}, large=True),
        Case("photographs", x=(4, 3, 256), options={"kernel_size": 2}, regime="photograph"),
    ),
    refusals=(
        *of_input(),
        *of_windows({"kernel_size": 3}),
        refused("padding beyond half", "padding", kernel_size=3, padding=2),
        refused("negative padding", "padding", kernel_size=3, padding=-1),
        refused("dilation zero", "dilation", kernel_size=3, dilation=0),
        refused("indices asked for", "return_indices", stricter=True, kernel_size=3, return_indices=True),
    ),
    timings=(
        Timing("papers", x=(100, 3, 100), options={"kernel_size": 2}),
        Timing("large", x=(64, 64, 1000), options={"kernel_size": 3, "stride": 2, "padding": 1}),
    ),
)
