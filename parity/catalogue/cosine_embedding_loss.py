"""CosineEmbeddingLoss."""

import torch

from parity.catalogue.losses import of_several
from parity.catalogue.page import Case, Refusal
from parity.catalogue.signature import Input

PAGE = of_several(
    torch.nn.CosineEmbeddingLoss,
    (Input("input1"), Input("input2"), Input("target", drawn="signs", gradient=False)),
    options={"margin": (0.0, 0.4, -0.5)},
    shapes=((6, 5), (4, 2)),
    others=lambda x: (x, x[:-1]),
    timings={"papers": (100, 20), "large": (4096, 256)},
    cases=(Case("one-alone", x=(11,), options={"margin": -1.5}, others={"input2": (11,), "target": ()}),),
    refusals=(
        Refusal(
            "target of zero",
            "target",
            target=lambda value: value if value.is_floating_point() else value * 0,
            stricter=True,
        ),
        Refusal("three axes", "input1", x=lambda x: x[None]),
        Refusal("margin in words", "margin", options={"margin": "wide"}),
    ),
    degenerate={
        "* bfloat16 offset 1.0 *": "all vectors near 100 have one direction, to the digits of the dtype",
        "* float16 offset 1.0 *": "all vectors near 100 have one direction, to the digits of the dtype",
        "* float16 tiny 1.0 d*": "squares of what is tiny are below the normal numbers of float16",
        "* float16 huge 1.0 d*": "what is divided by huge lengths is below the normal numbers of float16",
    },
)
