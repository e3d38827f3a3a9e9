"""Sequential: the networks are described by data, so that a subject builds them from its own layers.

Option layers: a tuple of (name in the catalogue, options). torch names the parameters 0.weight, 0.bias, 2.weight ...
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Timing
from parity.catalogue.upsampling import NearestThenConvolution

Named = tuple[str, Mapping[str, Any]]


def reference(layers: Sequence[Named]) -> torch.nn.Module:
    """Return torch.nn.Sequential of the layers named."""
    own: dict[str, Any] = {"Upsampling": NearestThenConvolution, "Sequential": reference}
    return torch.nn.Sequential(*((own.get(name) or getattr(torch.nn, name))(**options) for name, options in layers))


def parts(layers: Sequence[Named]) -> set[str]:
    """Return the names of the layers, nested ones too."""
    inner = (parts(**options) if name == "Sequential" else {name} for name, options in layers)
    return set().union(*inner)


def dense(activation: str) -> dict[str, Any]:
    """The network of papers 000 to 003: 2 - 25 - 25 - 25 - 2."""
    layers: list[Named] = []
    for inputs, outputs in pairwise((2, 25, 25, 25, 2)):
        layers += [("Linear", {"in_features": inputs, "out_features": outputs}), (activation, {})]
    return {"layers": tuple(layers[:-1])}


def convolution(in_channels: int, out_channels: int, stride: int = 1) -> dict[str, Any]:
    return {"in_channels": in_channels, "out_channels": out_channels, "kernel_size": 3, "stride": stride, "padding": 1}


# The network of paper 004, of narrow layers.
CONVOLUTIONAL: tuple[Named, ...] = (
    ("Conv2d", convolution(3, 4, stride=2)),
    ("ReLU", {}),
    ("Conv2d", convolution(4, 5, stride=2)),
    ("ReLU", {}),
    ("Upsampling", convolution(5, 4) | {"scale_factor": 2}),
    ("ReLU", {}),
    ("Upsampling", convolution(4, 3) | {"scale_factor": 2}),
    ("Sigmoid", {}),
)

# Networks of one kind of layer: a library that has no activation of the others above has these.
LINEAR: tuple[Named, ...] = (
    ("Linear", {"in_features": 2, "out_features": 5}),
    ("Linear", {"in_features": 5, "out_features": 3}),
)
CONVOLUTIONS: tuple[Named, ...] = (("Conv2d", convolution(2, 4)), ("Conv2d", convolution(4, 3)))

PAGE = Page(
    module="Sequential",
    reference=reference,
    parts=parts,
    cases=(
        Case("dense-relu", x=(6, 2), options=dense("ReLU"), widely=True),
        Case("dense-tanh", x=(6, 2), options=dense("Tanh"), loss="squares"),
        Case("convolutional", x=(2, 3, 8, 12), options={"layers": CONVOLUTIONAL}, crossed=True),
        Case("activations", x=(6, 5), options={"layers": (("Tanh", {}), ("LeakyReLU", {}), ("Sigmoid", {}))}),
        # Derivatives of single elements may be multiplied in any order; that of a softmax between them may not.
        Case("around-softmax", x=(6, 5), options={"layers": (("Tanh", {}), ("Softmax", {"dim": 1}), ("Sigmoid", {}))}),
        Case("nested", x=(4, 2), options={"layers": (("Sequential", dense("Tanh")), ("Softmax", {"dim": 1}))}),
        Case(
            "flatten",
            x=(3, 2, 3, 4),
            options={"layers": (("Flatten", {}), ("Linear", {"in_features": 24, "out_features": 3}), ("Sigmoid", {}))},
        ),
        Case("linear", x=(6, 2), options={"layers": LINEAR}),
        Case("convolutions", x=(2, 2, 5, 6), options={"layers": CONVOLUTIONS}),
        Case("photographs", x=(2, 3, 32, 32), options={"layers": CONVOLUTIONAL}, regime="photograph"),
    ),
    refusals=(Refusal("wrong features", "x", x=lambda x: x[:, :1]),),
    degenerate={
        "* not-finite 1.0 d[0-9]*": "a sample that is not finite reaches every parameter",
    },
    timings=(Timing("papers", x=(100, 2), options=dense("ReLU")),),
)
