"""MAYINI: tensors whose operations carry their own backward; modules and functions of mayini.nn."""

from mayini import Tensor, nn
from mayini.nn import activations

from parity.subjects.adapters import Autodiff, boxed, of_layer, of_x, taped


def linear(in_features, out_features, bias=True):
    return nn.Linear(in_features, out_features, bias=bias)


def conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
    return nn.Conv2D(in_channels, out_channels, kernel_size, stride, padding, bias=bias)


def pool(kind):
    return of_layer(lambda kernel_size, stride=None, padding=0: kind(kernel_size, stride, padding))


def batch_norm(num_features, eps=1e-5):
    return nn.BatchNorm1d(num_features, eps)


FUNCTIONS = {
    "Linear": of_layer(linear, weight=("weight", lambda w: w.transpose()), bias="bias"),
    "Conv2d": of_layer(conv2d, weight="weight", bias="bias"),
    "MaxPool2d": pool(nn.MaxPool2D),
    "AvgPool2d": pool(nn.AvgPool2D),
    "BatchNorm1d": of_layer(batch_norm, weight="gamma", bias="beta"),
    "ReLU": of_x(activations.relu),
    "Sigmoid": of_x(activations.sigmoid),
    "Tanh": of_x(activations.tanh),
    "Softmax": of_x(activations.softmax),
    "GELU": of_x(lambda x, approximate: activations.gelu(x)),  # noqa: ARG005 - it has the one of tanh
    "LeakyReLU": of_x(activations.leaky_relu),
    "MSELoss": of_x(lambda p, t, reduction="mean": nn.MSELoss(reduction)(p, t)),
    "L1Loss": of_x(lambda p, t, reduction="mean": nn.MAELoss(reduction)(p, t)),
    "BCELoss": of_x(lambda p, t, reduction="mean": nn.BCELoss(reduction)(p, t)),
    "HuberLoss": of_x(lambda p, t, delta=1.0, reduction="mean": nn.HuberLoss(delta, reduction)(p, t)),
    "CrossEntropyLoss": of_x(lambda p, t, reduction="mean": nn.CrossEntropyLoss(reduction)(p, t)),
}
VJP = taped(lambda y, dy: y.backward(dy.data))
ONE = {"kernel_size": int, "stride": int, "padding": int, "rank": (4,)}
ONLY = {
    "Conv2d": ONE,
    "MaxPool2d": {**ONE, "stride": int | type(None)},
    "AvgPool2d": {**ONE, "stride": int | type(None)},
}
ONLY |= {
    "BatchNorm1d": {"rank": (2,)},
    "GELU": {"approximate": ("tanh",)},
    "CrossEntropyLoss": {"rank": (2,), "targets": ("classes", "probabilities", "weights")},
}
ARRAYS = boxed(lambda array, floating: Tensor(array, requires_grad=floating), lambda t: t.data, "float64", "float32")
subject = Autodiff("mayini", FUNCTIONS, VJP, ARRAYS, ONLY)
