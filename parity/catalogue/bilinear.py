"""Bilinear."""

from collections.abc import Mapping
from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing
from parity.catalogue.signature import Input, Signature


def of_second(values: Mapping[str, Any]) -> Mapping[str, Shape]:
    """Return the shape of the second input beside that of the first."""
    return {"input2": (*values["batch"], values["in2_features"])}


SIZES = {"in1_features": 4, "in2_features": 3, "out_features": 5}
PAGE = Page(
    module="Bilinear",
    reference=torch.nn.Bilinear,
    signature=Signature((Input("input1"), Input("input2"))),
    space=Space(
        options={"bias": (True, False)},
        besides={"in1_features": (4, 1), "in2_features": (3, 6), "out_features": (5, 1)},
        shapes={"batch": ((7,), (), (2, 6), (3, 2, 4))},
        x=lambda values: (*values["batch"], values["in1_features"]),
        others=of_second,
    ),
    cases=(
        Case("square", x=(6, 3), others={"input2": (6, 3)}, options=dict.fromkeys(SIZES, 3)),
        Case(
            "large-batch",
            x=(2**16 + 1, 1),
            others={"input2": (2**16 + 1, 2)},
            options={"in1_features": 1, "in2_features": 2, "out_features": 1},
            large=True,
        ),
    ),
    refusals=(
        Refusal("wrong features", "input1", x=lambda x: x[..., :-1]),
        Refusal("wrong features of the second", "input2", target=lambda x: x[..., :-1]),
        Refusal("other samples", "input2", target=lambda x: x[:-1]),
        Refusal("no axis", "input1", x=lambda x: x.sum()),
        Refusal("wrong dtype", "input1", x=lambda x: x.half()),
        Refusal("integers", "input1", x=lambda x: x.long()),
        Refusal("not a tensor", "input1", x=lambda x: x.tolist()),
        Refusal("no features", "in1_features", options=SIZES | {"in1_features": 0}),
        Refusal("fractional outputs", "out_features", options=SIZES | {"out_features": 2.5}),
        Refusal("bias in words", "bias", options=SIZES | {"bias": "yes"}, stricter=True),
    ),
    timings=(
        Timing("papers", x=(100, 4), others={"input2": (100, 3)}, options=SIZES),
        Timing(
            "features",
            x=(128, 64),
            others={"input2": (128, 64)},
            options={"in1_features": 64, "in2_features": 64, "out_features": 32},
        ),
    ),
)
