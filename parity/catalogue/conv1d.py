"""Conv1d."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def options(**changed: Any) -> dict[str, Any]:
    return {"in_channels": 3, "out_channels": 4, "kernel_size": 3} | changed


# 11 does not divide by the strides; 5 pads more than a kernel of 3 reaches; "same" of an even kernel pads unevenly.
SPACE = Space(
    options={
        "stride": (1, 2, 3),
        "padding": (0, 1, 5, "same", "valid"),
        "kernel_size": (3, 1, 2, 4),
        "dilation": (1, 2, 3),
        "groups": (1, 2),
    },
    besides={
        "padding_mode": ("zeros", "reflect", "replicate", "circular"),
        "bias": (True, False),
        "in_channels": (4, 1),
        "out_channels": (6, 1, 4),
    },
    shapes={"length": (11, 8)},
    x=lambda values: (2, values["in_channels"], values["length"]),
    together=(
        {"stride": 2, "padding": 1},
        {"padding": 5, "padding_mode": "reflect"},
        {"padding": "same", "kernel_size": 4, "padding_mode": "replicate"},
        {"padding": 5, "padding_mode": "circular", "stride": 2},
    ),
    everything={
        "kernel_size": 4,
        "stride": 2,
        "padding": 5,
        "padding_mode": "reflect",
        "dilation": 2,
        "groups": 2,
        "length": 8,
    },
)

PAGE = Page(
    module="Conv1d",
    reference=torch.nn.Conv1d,
    multilinear=True,
    space=SPACE,
    cases=(
        Case(
            "alone",
            x=(4, 9),
            options=options(in_channels=4, out_channels=6, groups=2, padding="same", padding_mode="reflect"),
        ),
        Case("depthwise", x=(2, 4, 6), options=options(in_channels=4, out_channels=8, groups=4)),
        Case("tuples", x=(2, 3, 7), options=options(kernel_size=(2,), stride=(2,), padding=(1,), dilation=(3,))),
        Case("kernel-is-sequence", x=(3, 2, 5), options=options(in_channels=2, kernel_size=5)),
        Case("large", x=(1, 1, 2**16 + 7), options=options(in_channels=1, out_channels=1), large=True),
        Case("photographs", x=(4, 3, 40), options=options(padding=1), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :2]),
        Refusal("wrong rank", "x", x=lambda x: x[..., None]),
        Refusal("sequence shorter than kernel", "x", x=lambda x: x[..., :2]),
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
        Refusal("kernel of two", "kernel_size", options=options(kernel_size=(1, 2))),
        Refusal("fractional stride", "stride", options=options(stride=1.5)),
        Refusal("inputs not divisible", "groups", options=options(groups=2)),
        Refusal("outputs not divisible", "groups", options=options(groups=3)),
        Refusal("no channels", "in_channels", options=options(in_channels=0)),
    ),
    timings=(
        Timing("papers", x=(100, 3, 20), options=options()),
        Timing("sound", x=(8, 32, 4000), options=options(in_channels=32, out_channels=32, kernel_size=9, padding=4)),
    ),
)
