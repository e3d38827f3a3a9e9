"""ConvTranspose2d."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def options(**changed: Any) -> dict[str, Any]:
    return {"in_channels": 3, "out_channels": 4, "kernel_size": 3} | changed


# An output padding must be below the stride or below the dilation: 2 is over a stride of 2, and below a dilation of 3.
SPACE = Space(
    options={
        "stride": (1, 2, 3, (3, 2)),
        "padding": (0, 1, 3, (1, 0)),
        "output_padding": (0, 1, 2, (0, 1)),
        "kernel_size": (3, 1, 2, (3, 2), (2, 3)),
        "dilation": (1, 2, (2, 1), 3),
        "groups": (1, 2),
    },
    besides={"bias": (True, False), "in_channels": (4, 1, 24), "out_channels": (6, 1, 4, 24)},
    shapes={"image": ((5, 6), (6, 5), (6, 6))},
    x=lambda values: (2, values["in_channels"], *values["image"]),
    together=(
        {"stride": 2, "padding": 1},
        {"stride": 2, "output_padding": 1},
        {"stride": 2, "padding": 1, "output_padding": 1},
        {"stride": 2, "kernel_size": 1},
        {"stride": 2, "dilation": 3, "output_padding": 2},
        {"stride": 2, "output_padding": 1, "kernel_size": 2},
        {"stride": 2, "output_padding": (0, 1), "groups": 2},
    ),
    everything={
        "kernel_size": (3, 2),
        "stride": (3, 2),
        "padding": (1, 0),
        "output_padding": 1,
        "dilation": (2, 1),
        "groups": 2,
        "image": (6, 6),
    },
)

PAGE = Page(
    module="ConvTranspose2d",
    reference=torch.nn.ConvTranspose2d,
    multilinear=True,
    left_out={"padding_mode": "torch takes zeros alone"},
    space=SPACE,
    cases=(
        Case("alone", x=(4, 5, 4), options=options(in_channels=4, out_channels=6, groups=2, stride=2, padding=1)),
        Case("stride-one", x=(2, 4, 5, 6), options=options(in_channels=4, padding=(2, 1), dilation=(1, 2))),
        Case("depthwise", x=(2, 4, 5, 4), options=options(in_channels=4, out_channels=8, groups=4)),
        Case("one-pixel", x=(3, 2, 1, 1), options=options(in_channels=2, kernel_size=(3, 2))),
        Case(
            "large-batch",
            x=(2**16 + 1, 1, 1, 1),
            options=options(in_channels=1, out_channels=1, kernel_size=1),
            large=True,
        ),
        Case("large-image", x=(1, 1, 257, 258), options=options(in_channels=1, out_channels=1), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=options(stride=2, padding=1), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :2]),
        Refusal("wrong rank", "x", x=lambda x: x[0, 0]),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("stride zero", "stride", options=options(stride=0)),
        Refusal("output padding over stride", "output_padding", options=options(stride=2, output_padding=2)),
        Refusal("negative padding", "padding", options=options(padding=-1)),
        Refusal("padding in words", "padding", options=options(padding="same")),
        Refusal("other mode", "padding_mode", options=options(padding_mode="reflect")),
        Refusal("kernel of three", "kernel_size", options=options(kernel_size=(1, 2, 3))),
        Refusal("inputs not divisible", "groups", options=options(groups=2)),
        Refusal("outputs not divisible", "groups", options=options(groups=3)),
    ),
    timings=(Timing("papers", x=(100, 3, 10, 10), options=options()),),
)
