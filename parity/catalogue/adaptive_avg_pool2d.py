"""AdaptiveAvgPool2d."""

import torch

from parity.catalogue.page import Case, Page, Space, Timing
from parity.catalogue.pooling import IMAGES, SIZES, of_input, of_sizes

PAGE = Page(
    module="AdaptiveAvgPool2d",
    reference=torch.nn.AdaptiveAvgPool2d,
    space=Space(options={"output_size": SIZES}, shapes={"x": IMAGES}),
    cases=(
        # a share of one pixel sees no nan beside an infinite one
        Case("larger", x=(2, 3, 4, 6), options={"output_size": (8, 12)}, widely=True),
        Case("one-number", x=(3, 2, 7, 6), options={"output_size": 1}),
        Case("large-batch", x=(2**16 + 1, 1, 3, 2), options={"output_size": 2}, large=True),
        Case("large-image", x=(1, 1, 259, 260), options={"output_size": (100, 130)}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"output_size": (7, 5)}, regime="photograph"),
    ),
    refusals=(*of_input(), *of_sizes()),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"output_size": 2}),
        Timing("global", x=(16, 512, 14, 14), options={"output_size": 1}),
    ),
)
