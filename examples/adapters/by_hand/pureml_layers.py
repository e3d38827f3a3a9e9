"""PureML (ym-pure-ml): operations as pairs of NumPy functions, forward and gradient, on tensors of its own."""

import numpy as np
from pureml import activations, layers, losses
from pureml.machinery import Tensor

from parity.subjects.adapters import Autodiff, boxed, of_layer, of_x, taped


def conv(kind):
    def called(p, x, stride=1, padding=0, dilation=1):
        out, channels, *kernel = p["weight"].shape
        kernel = tuple(kernel) if len(kernel) > 1 else kernel[0]
        layer = kind(channels, out, kernel, stride, padding, dilation, use_bias="bias" in p)
        layer.W, layer.b = p["weight"].reshape(*layer.W.shape), p.get("bias")
        return layer(x)

    return called


def pool(make):
    def called(x, kernel_size, stride=None, padding=0, dilation=1):
        return make(kernel_size, kernel_size if stride is None else stride, padding, dilation)(x)

    return of_x(called)


def affine(in_features, out_features):
    return layers.Affine(in_features, out_features)


def batch_norm(num_features, eps=1e-5):
    return layers.BatchNorm1d(num_features, eps=eps)


def layer_norm(normalized_shape, eps=1e-5):
    return layers.LayerNorm1d(normalized_shape, eps=eps)


def cross_entropy(p, t, label_smoothing=0.0):
    return losses.CCE(t, p, from_logits=True, label_smoothing=label_smoothing)


FUNCTIONS = {
    "Linear": of_layer(affine, weight=("W", lambda w: w.T), bias="b"),
    "Conv1d": conv(layers.Conv1D),
    "Conv2d": conv(layers.Conv2D),
    "MaxPool1d": pool(lambda *words: layers.MaxPool1D(*words, -np.inf)),
    "MaxPool2d": pool(lambda *words: layers.MaxPool2D(*words, -np.inf)),
    "AvgPool1d": pool(lambda *words: layers.MeanPool1D(*words[:3])),
    "AvgPool2d": pool(lambda *words: layers.MeanPool2D(*words[:3])),
    "BatchNorm1d": of_layer(batch_norm, weight="gamma", bias="beta"),
    "LayerNorm": of_layer(layer_norm, weight="gamma", bias="beta"),
    "ReLU": of_x(activations.relu),
    "LeakyReLU": of_x(activations.leaky_relu),
    "Sigmoid": of_x(activations.sigmoid),
    "Tanh": of_x(activations.tanh),
    "Softmax": of_x(activations.softmax, dim="axis"),
    "LogSoftmax": of_x(activations.log_softmax, dim="axis"),
    "MSELoss": of_x(lambda p, t: losses.MSE(t, p)),
    "BCELoss": of_x(lambda p, t: losses.BCE(t, p)),
    "BCEWithLogitsLoss": of_x(lambda p, t: losses.BCE(t, p, from_logits=True)),
    "CrossEntropyLoss": of_x(cross_entropy),
}
NUMBER, RANKS = {"stride": int | None, "padding": int}, {"1d": (3,), "2d": (4,)}
ONLY = {name: {"rank": RANKS[name[-2:]]} for name in FUNCTIONS if name[-2:] in RANKS and name != "BatchNorm1d"}
ONLY |= {name: {"kernel_size": int, "rank": (3,), **NUMBER} for name in ("MaxPool1d", "AvgPool1d")}
ONLY |= {name: {"rank": ONLY[name]["rank"], "padding": int | tuple} for name in ("Conv1d", "Conv2d")}
ONLY |= {"CrossEntropyLoss": {"rank": (2,), "targets": ("probabilities",)}, "Linear": {"rank": (1, 2)}}
ONLY |= {"BatchNorm1d": {"rank": (2,)}, "LayerNorm": {"normalized_shape": int, "eps": (1e-5, 0.1, 1e-3)}}
VJP = taped(lambda y, dy: y.backward(dy.data))
ARRAYS = boxed(lambda array, floating: Tensor(array, requires_grad=floating), lambda t: t.data, "float64", "float32")
subject = Autodiff("pureml", FUNCTIONS, VJP, ARRAYS, ONLY)
