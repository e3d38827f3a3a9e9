"""PureML (ym-pure-ml): operations as pairs of NumPy functions, forward and gradient, on tensors of its own."""

import numpy as np
from pureml import activations, layers, losses
from pureml.machinery import Tensor

from parity.subjects.adapters import Arrays, Autodiff, from_numpy, of_x, taped


def given(t):
    return Tensor(t.numpy(), requires_grad=t.is_floating_point(), copy=True)


def taken(value):
    return from_numpy(np.array(value.data if isinstance(value, Tensor) else value))


def linear(p, x):
    layer = layers.Affine(*p["weight"].shape[::-1])
    layer.W, layer.b = p["weight"].T, p["bias"]
    return layer(x)


def conv(kind):
    def called(p, x, stride=1, padding=0, dilation=1):
        out, channels, *kernel = p["weight"].shape
        kernel = tuple(kernel) if len(kernel) > 1 else kernel[0]
        layer = kind(channels, out, kernel, stride, padding, dilation, use_bias="bias" in p)
        layer.W, layer.b = p["weight"].reshape(*layer.W.shape), p.get("bias")
        return layer(x)

    return called


def max_pool(kind):
    return of_x(
        lambda x, kernel_size, stride=None, padding=0, dilation=1: kind(
            kernel_size, kernel_size if stride is None else stride, padding, dilation, -np.inf
        )(x)
    )


def mean_pool(kind):
    return of_x(
        lambda x, kernel_size, stride=None, padding=0: kind(
            kernel_size, kernel_size if stride is None else stride, padding
        )(x)
    )


def norm(kind):
    def called(p, x, eps=1e-5):
        layer = kind(x.shape[1 if kind is not layers.LayerNorm1d else -1], eps=eps)
        layer.gamma, layer.beta = p["weight"], p["bias"]
        return layer(x)

    return called


FUNCTIONS = {
    "Linear": linear,
    "Conv1d": conv(layers.Conv1D),
    "Conv2d": conv(layers.Conv2D),
    "MaxPool1d": max_pool(layers.MaxPool1D),
    "MaxPool2d": max_pool(layers.MaxPool2D),
    "AvgPool1d": mean_pool(layers.MeanPool1D),
    "AvgPool2d": mean_pool(layers.MeanPool2D),
    "BatchNorm1d": norm(layers.BatchNorm1d),
    "LayerNorm": lambda p, x, normalized_shape, eps=1e-5: norm(layers.LayerNorm1d)(p, x, eps),  # noqa: ARG005 - shown
    "ReLU": of_x(activations.relu),
    "LeakyReLU": of_x(activations.leaky_relu),
    "Sigmoid": of_x(activations.sigmoid),
    "Tanh": of_x(activations.tanh),
    "Softmax": of_x(activations.softmax, dim="axis"),
    "LogSoftmax": of_x(activations.log_softmax, dim="axis"),
    "MSELoss": of_x(lambda p, t: losses.MSE(t, p)),
    "BCELoss": of_x(lambda p, t: losses.BCE(t, p)),
    "BCEWithLogitsLoss": of_x(lambda p, t: losses.BCE(t, p, from_logits=True)),
    "CrossEntropyLoss": of_x(
        lambda p, t, label_smoothing=0.0: losses.CCE(t, p, from_logits=True, label_smoothing=label_smoothing)
    ),
}
NUMBER, RANKS = {"stride": int | None, "padding": int}, {"1d": (3,), "2d": (4,)}
ONLY = {name: {"rank": RANKS[name[-2:]]} for name in FUNCTIONS if name[-2:] in RANKS and name != "BatchNorm1d"}
ONLY |= {name: {"kernel_size": int, "rank": (3,), **NUMBER} for name in ("MaxPool1d", "AvgPool1d")}
ONLY |= {name: {"rank": ONLY[name]["rank"], "padding": int | tuple} for name in ("Conv1d", "Conv2d")}
ONLY |= {"CrossEntropyLoss": {"rank": (2,), "targets": ("probabilities",)}, "Linear": {"rank": (1, 2)}}
ONLY |= {"BatchNorm1d": {"rank": (2,)}, "LayerNorm": {"normalized_shape": int, "eps": (1e-5, 0.1, 1e-3)}}
VJP = taped(lambda y, dy: y.backward(dy.data))
subject = Autodiff("pureml", FUNCTIONS, VJP, Arrays(given, taken, ("float64", "float32"), ("cpu",)), ONLY)
