"""numpy_layers as a subject: dictionaries of parameters, float64 alone, channels last, losses that are floats."""

import numpy as np
from variant import variant

from parity.subjects.adapters import FLOAT64_NUMPY, HWIO, NHWC, TRANSPOSED, Convention, Library, Loss, attributes

lib = variant("numpy_layers")


def loss(make):
    return Loss(make, lambda made, p, t: np.float64(made.forward(p, t)), lambda made, *_: made.backward())


subject = Library(
    "numpy_layers",
    {
        "Linear": lambda in_features, out_features: lib.Dense(in_features, out_features),
        "Conv2d": lambda in_channels, out_channels, kernel_size, stride, padding: lib.Conv2D(
            in_channels, out_channels, kernel_size, stride, padding
        ),
        "ReLU": lib.ReLU,
        "LeakyReLU": lambda negative_slope: lib.LeakyReLU(negative_slope),
        "Sigmoid": lib.Sigmoid,
        "Tanh": lib.Tanh,
        "Softmax": lambda dim: lib.Softmax(),  # noqa: ARG005 - over the last axis alone
        "Flatten": lib.Flatten,
        "MSELoss": loss(lib.MSE),
        "CrossEntropyLoss": loss(lib.CrossEntropy),
    },
    Convention(
        arrays=FLOAT64_NUMPY,
        places=attributes(weight=("params.W", "grads.W"), bias=("params.b", "grads.b")),
        layouts={"Linear.weight": TRANSPOSED, "Conv2d.weight": HWIO, "Conv2d.x": NHWC, "Conv2d.y": NHWC},
    ),
    only={
        "Linear": {"rank": (2,)},
        "Conv2d": {"kernel_size": int, "stride": int, "padding": int, "rank": (4,)},
        "Softmax": {"dim": (-1,)},
        "CrossEntropyLoss": {"rank": (2,), "targets": ("classes",)},
    },
)
