"""ConvTranspose1d."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def options(**changed: Any) -> dict[str, Any]:
    return {"in_channels": 3, "out_channels": 4, "kernel_size": 3} | changed


# An output padding must be below the stride or below the dilation: 2 is over a stride of 2, and below a dilation of 3.
SPACE = Space(
    options={
        "stride": (1, 2, 3),
        "padding": (0, 1, 3),
        "output_padding": (0, 1, 2),
        "kernel_size": (3, 1, 2, 4),
        "dilation": (1, 2, 3),
        "groups": (1, 2),
    },
    besides={"bias": (True, False), "in_channels": (4, 1), "out_channels": (6, 1, 4)},
    shapes={"length": (7, 6)},
    x=lambda values: (2, values["in_channels"], values["length"]),
    together=(
        {"stride": 2, "padding": 1},
        {"stride": 2, "output_padding": 1},
        {"stride": 2, "padding": 1, "output_padding": 1},
        {"stride": 2, "dilation": 3, "output_padding": 2},
        {"stride": 2, "output_padding": 1, "kernel_size": 2},
        {"stride": 3, "output_padding": 2, "groups": 2},
    ),
    everything={
        "kernel_size": 4,
        "stride": 3,
        "padding": 1,
        "output_padding": 2,
        "dilation": 2,
        "groups": 2,
        "length": 6,
    },
)

PAGE = Page(
    module="ConvTranspose1d",
    reference=torch.nn.ConvTranspose1d,
    multilinear=True,
    left_out={"padding_mode": "torch takes zeros alone"},
    space=SPACE,
    cases=(
        Case("alone", x=(4, 5), options=options(in_channels=4, out_channels=6, groups=2, stride=2, padding=1)),
        Case("depthwise", x=(2, 4, 5), options=options(in_channels=4, out_channels=8, groups=4)),
        Case("tuples", x=(2, 3, 5), options=options(kernel_size=(2,), stride=(3,), padding=(1,), output_padding=(2,))),
        Case("one-element", x=(3, 2, 1), options=options(in_channels=2)),
        Case("large", x=(1, 1, 2**16 + 7), options=options(in_channels=1, out_channels=1), large=True),
        Case("photographs", x=(4, 3, 40), options=options(stride=2, padding=1), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :2]),
        Refusal("wrong rank", "x", x=lambda x: x[..., None]),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("stride zero", "stride", options=options(stride=0)),
        Refusal("output padding over stride", "output_padding", options=options(stride=2, output_padding=2)),
        Refusal("negative padding", "padding", options=options(padding=-1)),
        Refusal("padding in words", "padding", options=options(padding="same")),
        Refusal("other mode", "padding_mode", options=options(padding_mode="reflect")),
        Refusal("kernel of two", "kernel_size", options=options(kernel_size=(1, 2))),
        Refusal("inputs not divisible", "groups", options=options(groups=2)),
        Refusal("outputs not divisible", "groups", options=options(groups=3)),
    ),
    timings=(
        Timing("papers", x=(100, 3, 20), options=options()),
        Timing("sound", x=(8, 32, 1000), options=options(in_channels=32, out_channels=16, kernel_size=4, stride=2)),
    ),
)
