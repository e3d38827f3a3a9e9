"""Conv3d."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def options(**changed: Any) -> dict[str, Any]:
    return {"in_channels": 3, "out_channels": 4, "kernel_size": (2, 3, 2)} | changed


# 5 x 4 x 6 does not divide by the strides; in (2, 0, 1) every axis is padded otherwise.
SPACE = Space(
    options={
        "stride": (1, 2, (1, 2, 3)),
        "padding": (0, 1, (2, 0, 1), "same"),
        "kernel_size": ((2, 3, 2), 1, 2, (1, 2, 3)),
        "dilation": (1, (2, 1, 2)),
        "groups": (1, 2),
    },
    besides={
        "padding_mode": ("zeros", "reflect", "replicate", "circular"),
        "bias": (True, False),
        "in_channels": (2, 1),
        "out_channels": (4, 1),
    },
    shapes={"volume": ((5, 4, 6), (6, 4, 5))},
    x=lambda values: (2, values["in_channels"], *values["volume"]),
    together=(
        {"stride": 2, "padding": 1},
        {"padding": (2, 0, 1), "padding_mode": "reflect"},
        {"padding": "same", "padding_mode": "replicate"},
        {"padding": (2, 0, 1), "padding_mode": "circular", "stride": (1, 2, 3)},
    ),
    everything={
        "kernel_size": (1, 2, 3),
        "stride": (1, 2, 3),
        "padding": (2, 0, 1),
        "padding_mode": "circular",
        "dilation": (2, 1, 2),
        "groups": 2,
        "volume": (6, 4, 5),
    },
)

PAGE = Page(
    module="Conv3d",
    reference=torch.nn.Conv3d,
    multilinear=True,
    space=SPACE,
    cases=(
        Case(
            "alone",
            x=(4, 4, 3, 5),
            options=options(in_channels=4, out_channels=6, groups=2, padding=1, padding_mode="replicate"),
        ),
        Case("depthwise", x=(2, 4, 3, 4, 2), options=options(in_channels=4, out_channels=8, kernel_size=2, groups=4)),
        Case("kernel-is-volume", x=(3, 2, 3, 2, 4), options=options(in_channels=2, kernel_size=(3, 2, 4))),
        Case("valid", x=(2, 3, 4, 5, 3), options=options(padding="valid", padding_mode="circular")),
        Case(
            "large",
            x=(1, 1, 42, 41, 43),
            options=options(in_channels=1, out_channels=1, kernel_size=2),
            large=True,
        ),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :1]),
        Refusal("wrong rank", "x", x=lambda x: x[0, 0]),
        Refusal("volume smaller than kernel", "x", x=lambda x: x[..., :1]),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("stride zero", "stride", options=options(stride=(1, 0, 1))),
        Refusal("negative padding", "padding", options=options(padding=-1)),
        Refusal("padding in other words", "padding", options=options(padding="full")),
        Refusal("same with a stride", "padding", options=options(padding="same", stride=(1, 1, 2))),
        Refusal("unknown mode", "padding_mode", options=options(padding_mode="mirror")),
        Refusal("dilation zero", "dilation", options=options(dilation=0)),
        Refusal("kernel of two", "kernel_size", options=options(kernel_size=(1, 2))),
        Refusal("inputs not divisible", "groups", options=options(groups=2)),
        Refusal("outputs not divisible", "groups", options=options(groups=3)),
    ),
    timings=(
        Timing("papers", x=(20, 3, 5, 6, 7), options=options()),
        Timing("video", x=(2, 8, 8, 28, 28), options=options(in_channels=8, out_channels=16, kernel_size=3, padding=1)),
    ),
)
