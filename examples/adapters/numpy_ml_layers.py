"""numpy-ml: parameters in dictionaries, images as (N, H, W, C), and it computes in float64."""

import collections.abc

collections.Hashable = collections.abc.Hashable  # it was written for Python below 3.10
from numpy_ml.neural_nets import activations, layers  # noqa: E402 - after the name that it misses

from parity.subjects import adapters as ad  # noqa: E402 - as above


def built(layer, **extents):
    vars(layer).update(extents)
    layer._init_params()
    return layer


def forward(layer, x):
    for kept in (layer.X, *layer.derived_variables.values()):
        kept.clear()  # it wants a gradient for every forward; here only the last is asked for
    return layer.forward(x)


def conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0):
    kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return built(layers.Conv2D(out_channels, kernel, padding, stride), in_ch=in_channels)


PLACES = ad.attributes(weight=("parameters.W", "gradients.W"), bias=("parameters.b", "gradients.b"))
LAYOUTS = {"Linear.weight": ad.TRANSPOSED, "Linear.bias": ad.ROW, "Conv2d.weight": ad.HWIO, "Conv2d.bias": ad.ROW * 3}
LAYOUTS |= {"Conv2d.x": ad.NHWC, "Conv2d.y": ad.NHWC}
LAYERS = ad.Convention(forward, places=PLACES, clear="flush_gradients", arrays=ad.FLOAT64_NUMPY, layouts=LAYOUTS)
FUNCTIONS = ad.Convention(lambda f, x: f.fn(x), lambda f, dy, x: dy * f.grad(x), ad.none(), arrays=ad.FLOAT64_NUMPY)
TABLE = {
    "Linear": lambda in_features, out_features: built(layers.FullyConnected(out_features), n_in=in_features),
    "Softmax": lambda dim: layers.Softmax(dim),
    "Conv2d": conv2d,
    "LeakyReLU": (lambda negative_slope=0.01: activations.LeakyReLU(negative_slope), FUNCTIONS),
} | {name: (getattr(activations, name), FUNCTIONS) for name in ("ReLU", "Sigmoid", "Tanh")}
ONLY = {"Conv2d": {"stride": int, "padding": int, "rank": (4,)}, "Linear": {"rank": (2,)}, "Softmax": {"rank": (2,)}}
subject = ad.Library("numpy_ml", TABLE, LAYERS, ONLY)
