"""neuralnetworknumpy: W and dW as attributes, images as (N, H, W, C), each backward replaces the gradients."""

from neuralnetworknumpy import layers

from parity.subjects import adapters as ad


def built(layer, inputs):
    layer.build(inputs)
    return layer


def conv2d(in_channels, out_channels, kernel_size, stride=1):
    stride = (stride, stride) if isinstance(stride, int) else stride
    return built(layers.Conv2D(out_channels, kernel_size, stride), in_channels)


LAYOUTS = {"Linear.weight": ad.TRANSPOSED, "Linear.bias": ad.ROW, "Conv2d.weight": ad.NHWC, "Conv2d.bias": ad.COLUMN}
LAYOUTS |= {"Conv2d.x": ad.NHWC, "Conv2d.y": ad.NHWC}
PLACES = ad.attributes(weight=("W", "dW"), bias=("b", "db"))
TABLE = {
    "Linear": lambda in_features, out_features: built(layers.Dense(out_features), in_features),
    "Conv2d": conv2d,
    "Softmax": lambda dim: layers.Softmax(),  # noqa: ARG005 - the library's is over the last axis
    "ReLU": layers.ReLu,
    "Sigmoid": layers.Sigmoid,
    "Tanh": layers.Tanh,
}
CONVENTION = ad.Convention(places=PLACES, arrays=ad.NUMPY, layouts=LAYOUTS, accumulates=False)
ONLY = {"Softmax": {"dim": (-1, 3)}, "Linear": {"rank": (2, 3)}, "Conv2d": {"rank": (4,)}}
subject = ad.Library("neuralnetworknumpy", TABLE, CONVENTION, ONLY)
