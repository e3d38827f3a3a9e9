"""Conv2d."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def options(**changed: Any) -> dict[str, Any]:
    return {"in_channels": 3, "out_channels": 4, "kernel_size": 3} | changed


# 9 x 8 does not divide by the strides; (1, 2) beside it pads one side alone, and 3 more than a kernel of 3 reaches.
SPACE = Space(
    options={
        "stride": (1, 2, 3, (2, 1)),
        "padding": (0, 1, 3, (0, 1), (1, 2), "same"),
        "kernel_size": (3, 1, 2, (3, 2), (2, 3)),
        "dilation": (1, 2, (2, 1)),
        "groups": (1, 2),
    },
    besides={"bias": (True, False), "in_channels": (4, 1, 24), "out_channels": (6, 1, 4, 24)},
    shapes={"image": ((9, 8), (8, 9), (8, 8))},
    x=lambda values: (2, values["in_channels"], *values["image"]),
    together=({"stride": 2, "padding": 1}, {"stride": 2, "kernel_size": 1}, {"stride": 2, "kernel_size": 2}),
    everything={
        "kernel_size": (3, 2),
        "stride": (2, 1),
        "padding": (1, 2),
        "dilation": (2, 1),
        "groups": 2,
        "image": (8, 8),
    },
)

PAGE = Page(
    module="Conv2d",
    reference=torch.nn.Conv2d,
    multilinear=True,
    space=SPACE,
    cases=(
        Case("alone", x=(4, 6, 5), options=options(in_channels=4, out_channels=6, groups=2, padding=1, stride=2)),
        Case("depthwise", x=(2, 4, 6, 5), options=options(in_channels=4, out_channels=8, groups=4)),
        Case("reflect", x=(2, 3, 5, 6), options=options(padding=(2, 1), padding_mode="reflect")),
        Case("replicate", x=(2, 3, 6, 5), options=options(padding=(1, 3), padding_mode="replicate", stride=2)),
        Case("circular", x=(2, 3, 5, 6), options=options(padding=(2, 1), padding_mode="circular", dilation=(1, 2))),
        Case("same-even", x=(2, 3, 6, 5), options=options(kernel_size=(4, 2), padding="same", padding_mode="reflect")),
        Case("valid", x=(2, 3, 5, 6), options=options(padding="valid", padding_mode="circular")),
        Case("kernel-is-image", x=(3, 2, 5, 4), options=options(in_channels=2, kernel_size=(5, 4))),
        Case(
            "large-batch",
            x=(2**16 + 1, 1, 2, 2),
            options=options(in_channels=1, out_channels=1, kernel_size=2),
            large=True,
        ),
        Case("large-image", x=(1, 1, 259, 260), options=options(in_channels=1, out_channels=1), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=options(padding=1), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :2]),
        Refusal("wrong rank", "x", x=lambda x: x[0, 0]),
        Refusal("image smaller than kernel", "x", x=lambda x: x[..., :2]),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("stride zero", "stride", options=options(stride=0)),
        Refusal("negative padding", "padding", options=options(padding=-1)),
        Refusal("padding in other words", "padding", options=options(padding="full")),
        Refusal("same with a stride", "padding", options=options(padding="same", stride=2)),
        Refusal("unknown mode", "padding_mode", options=options(padding_mode="mirror")),
        Refusal("dilation zero", "dilation", options=options(dilation=0)),
        Refusal("kernel zero", "kernel_size", options=options(kernel_size=0)),
        Refusal("kernel of three", "kernel_size", options=options(kernel_size=(1, 2, 3))),
        Refusal("fractional stride", "stride", options=options(stride=1.5)),
        Refusal("inputs not divisible", "groups", options=options(groups=2)),
        Refusal("outputs not divisible", "groups", options=options(groups=3)),
        Refusal("groups zero", "groups", options=options(groups=0)),
        Refusal("no channels", "in_channels", options=options(in_channels=0)),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options=options()),
        Timing("3x3", x=(16, 64, 56, 56), options=options(in_channels=64, out_channels=64, padding=1)),
        Timing("stem", x=(4, 3, 224, 224), options=options(out_channels=64, kernel_size=7, stride=2, padding=3)),
    ),
)
