"""ConvTranspose3d."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def options(**changed: Any) -> dict[str, Any]:
    return {"in_channels": 3, "out_channels": 4, "kernel_size": (2, 3, 2)} | changed


SPACE = Space(
    options={
        "stride": (1, 2, (1, 2, 3)),
        "padding": (0, 1, (1, 0, 2)),
        "output_padding": (0, 1, (0, 1, 2)),
        "kernel_size": ((2, 3, 2), 2, 3, (1, 2, 3)),
        "dilation": (1, 2, (2, 1, 3)),
        "groups": (1, 2),
    },
    besides={"bias": (True, False), "in_channels": (2, 1), "out_channels": (4, 1)},
    shapes={"volume": ((3, 4, 5), (4, 3, 3))},
    x=lambda values: (2, values["in_channels"], *values["volume"]),
    together=(
        {"stride": 2, "padding": 1},
        {"stride": 2, "output_padding": 1},
        {"stride": 2, "padding": 1, "output_padding": 1},
        {"stride": (1, 2, 3), "output_padding": (0, 1, 2), "kernel_size": 2},
        {"stride": 2, "output_padding": 1, "groups": 2},
    ),
    everything={
        "kernel_size": (1, 2, 3),
        "stride": (1, 2, 3),
        "padding": (1, 0, 2),
        "output_padding": (0, 1, 2),
        "dilation": (2, 1, 3),
        "groups": 2,
        "volume": (4, 3, 3),
    },
)

PAGE = Page(
    module="ConvTranspose3d",
    reference=torch.nn.ConvTranspose3d,
    multilinear=True,
    left_out={"padding_mode": "torch takes zeros alone"},
    space=SPACE,
    cases=(
        Case("alone", x=(4, 2, 3, 2), options=options(in_channels=4, out_channels=6, groups=2, stride=2)),
        Case("depthwise", x=(2, 4, 3, 2, 4), options=options(in_channels=4, out_channels=8, kernel_size=2, groups=4)),
        Case("one-pixel", x=(3, 2, 1, 1, 1), options=options(in_channels=2)),
        Case(
            "large",
            x=(1, 1, 41, 40, 42),
            options=options(in_channels=1, out_channels=1, kernel_size=2),
            large=True,
        ),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :1]),
        Refusal("wrong rank", "x", x=lambda x: x[0, 0]),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("stride zero", "stride", options=options(stride=(1, 0, 1))),
        Refusal("output padding over stride", "output_padding", options=options(stride=2, output_padding=2)),
        Refusal("negative padding", "padding", options=options(padding=-1)),
        Refusal("padding in words", "padding", options=options(padding="same")),
        Refusal("other mode", "padding_mode", options=options(padding_mode="reflect")),
        Refusal("kernel of two", "kernel_size", options=options(kernel_size=(1, 2))),
        Refusal("inputs not divisible", "groups", options=options(groups=2)),
        Refusal("outputs not divisible", "groups", options=options(groups=3)),
    ),
    timings=(
        Timing("papers", x=(20, 3, 5, 6, 7), options=options()),
        Timing("video", x=(2, 16, 4, 14, 14), options=options(in_channels=16, out_channels=8, stride=2)),
    ),
)
