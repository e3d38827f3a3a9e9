"""ConvTranspose2d."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Timing
from parity.catalogue.pairs import pairwise


def options(**changed: Any) -> dict[str, Any]:
    return {"in_channels": 3, "out_channels": 4, "kernel_size": 3} | changed


PAIRS = tuple(
    Case(f"pair{number:02d}", x=(2, 4, 4, 5), options=options(in_channels=4, out_channels=6, **combination))
    for number, combination in enumerate(
        pairwise(
            {
                "kernel_size": ((3, 2), (2, 3)),
                "stride": (2, (3, 2)),
                "padding": (0, 1, (1, 0)),
                "output_padding": (0, 1, (0, 1)),
                "dilation": (1, 2, (2, 1)),
                "groups": (1, 2),
                "bias": (True, False),
            }
        )
    )
)

PAGE = Page(
    module="ConvTranspose2d",
    reference=torch.nn.ConvTranspose2d,
    multilinear=True,
    cases=(
        Case("plain", x=(2, 3, 4, 5), options=options(), widely=True),
        Case(
            "everything",
            x=(3, 4, 4, 5),
            widely=True,
            options=options(
                in_channels=4,
                out_channels=6,
                kernel_size=(3, 2),
                stride=(2, 3),
                padding=(1, 2),
                output_padding=(1, 2),
                dilation=(2, 3),
                groups=2,
            ),
        ),
        *PAIRS,
        Case("stride-one", x=(2, 4, 5, 6), options=options(in_channels=4, padding=(2, 1), dilation=(1, 2))),
        Case("depthwise", x=(2, 4, 5, 4), options=options(in_channels=4, out_channels=8, groups=4)),
        Case("pointwise", x=(2, 5, 4, 3), options=options(in_channels=5, kernel_size=1)),
        Case("one-pixel", x=(3, 2, 1, 1), options=options(in_channels=2, kernel_size=(3, 2))),
        Case("photographs", x=(4, 3, 32, 32), options=options(stride=2, padding=1), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :2]),
        Refusal("wrong rank", "x", x=lambda x: x[0], stricter=True),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("stride zero", "stride", options=options(stride=0)),
        Refusal("output padding over stride", "output_padding", options=options(stride=2, output_padding=2)),
        Refusal("negative padding", "padding", options=options(padding=-1)),
        Refusal("kernel of three", "kernel_size", options=options(kernel_size=(1, 2, 3))),
        Refusal("inputs not divisible", "groups", options=options(groups=2)),
        Refusal("outputs not divisible", "groups", options=options(groups=3)),
    ),
    timings=(Timing("papers", x=(100, 3, 10, 10), options=options()),),
)
