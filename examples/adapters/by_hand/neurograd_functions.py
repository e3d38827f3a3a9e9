"""neurograd: functions with a forward and a backward of their own, on its tensors of NumPy."""

import neurograd as ng
from neurograd.functions import activations, conv, linalg
from neurograd.nn import losses
from neurograd.nn.layers.batchnorm import BatchNorm, BatchNorm2D

from parity.subjects.adapters import Autodiff, boxed, of_x, taped


def conv2d(p, x, stride=1, padding=0):
    y = conv.conv2d(x, p["weight"], stride, padding)
    return y + ng.reshape(p["bias"], (1, -1, 1, 1)) if "bias" in p else y


def norm(kind):
    def called(p, x, eps=1e-5):
        layer = kind(x.shape[1], epsilon=eps)
        scale, shift = (ng.reshape(p[name], layer.mean_scaler.shape) for name in ("weight", "bias"))
        layer.var_scaler, layer.mean_scaler = scale, shift
        return layer(x)

    return called


def pool(function):
    def called(x, kernel_size, stride=None, padding=0):
        return function(x, kernel_size, kernel_size if stride is None else stride, padding)

    return of_x(called)


FUNCTIONS = {
    "Linear": lambda p, x: linalg.linear(x, ng.transpose(p["weight"]), p.get("bias", 0)),
    "Conv2d": conv2d,
    "MaxPool2d": pool(conv.maxpool2d),
    "AvgPool2d": pool(conv.averagepool2d),
    "BatchNorm1d": norm(BatchNorm),
    "BatchNorm2d": norm(BatchNorm2D),
    "ReLU": of_x(activations.relu),
    "ReLU6": of_x(activations.relu6),
    "LeakyReLU": of_x(activations.leaky_relu),
    "Sigmoid": of_x(activations.sigmoid),
    "Tanh": of_x(activations.tanh),
    "Softmax": of_x(activations.softmax, dim="axis"),
    "Flatten": of_x(ng.flatten),
    "MSELoss": of_x(lambda p, t: losses.mse(t, p)),
    "L1Loss": of_x(lambda p, t: losses.mae(t, p)),
    "BCELoss": of_x(lambda p, t: losses.binary_crossentropy(t, p)),
    "BCEWithLogitsLoss": of_x(lambda p, t: losses.binary_crossentropy(t, p, from_logits=True)),
    "CrossEntropyLoss": of_x(lambda p, t: losses.categorical_crossentropy(t, p, from_logits=True)),
}
ONLY = {name: {"rank": (4,), "padding": int | tuple} for name in ("Conv2d", "MaxPool2d", "AvgPool2d")}
ONLY |= {"CrossEntropyLoss": {"rank": (2,), "targets": ("probabilities",)}, "BatchNorm1d": {"rank": (2,)}}
VJP = taped(lambda y, dy: y.backward(dy.data))
ARRAYS = boxed(lambda array, floating: ng.Tensor(array, requires_grad=floating), lambda t: t.data, "float64", "float32")
subject = Autodiff("neurograd", FUNCTIONS, VJP, ARRAYS, ONLY)
