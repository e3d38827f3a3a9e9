"""TensorFlow: pooling and resizing of images as (N, H, W, C)."""

import tensorflow as tf

from examples.adapters.frameworks.tensorflow_functions import ARRAYS, first, last, pair, vjp
from parity.subjects.adapters import Autodiff, of_x


def pool2d(function):
    return of_x(
        lambda x, kernel_size, stride=None: first(
            function(last(x), pair(kernel_size), pair(kernel_size if stride is None else stride), "VALID")
        )
    )


def resized(method):
    return of_x(
        lambda x, scale_factor: first(
            tf.image.resize(last(x), [int(s * f) for s, f in zip(x.shape[2:], pair(scale_factor), strict=True)], method)
        )
    )


FUNCTIONS = {"AvgPool2d": pool2d(tf.nn.avg_pool2d), "MaxPool2d": pool2d(tf.nn.max_pool2d)}
ONLY = {name: {"rank": (4,)} for name in FUNCTIONS}
FUNCTIONS |= {f"{method.capitalize()}Upsampling": resized(method) for method in ("nearest", "bilinear")}
ONLY |= {f"{method}Upsampling": {"scale_factor": int} for method in ("Nearest", "Bilinear")}
subject = Autodiff("tensorflow_images", FUNCTIONS, vjp, ARRAYS, ONLY)
