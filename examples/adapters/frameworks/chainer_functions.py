"""Chainer: functions of chainer.functions on NumPy, differentiated by Variable.backward."""

from functools import partial

import chainer
from chainer import functions as F  # noqa: N812 - as its own documentation calls it

from parity.subjects.adapters import Autodiff, boxed, of_named, of_x, taped


def backward(y, dy):
    y.grad = dy.array
    y.backward()


def clear(leaf):
    if isinstance(leaf, chainer.Variable):
        leaf.cleargrad()


def conv(function):
    def called(x, W, b=None, stride=1, pad=0, dilate=1, groups=1):  # noqa: N803 - the library's words
        return function(x, W, b, stride, pad, dilate=dilate, groups=groups)

    return of_named(called, weight="W", bias="b", padding="pad", dilation="dilate")


def cross_entropy(x, t, ignore_index=-100, reduction="mean"):
    return F.softmax_cross_entropy(x, t, ignore_label=ignore_index, reduce=MEAN[reduction])


def lrn(x, size, alpha=1e-4, beta=0.75, k=1.0):
    return F.local_response_normalization(x, size, k, alpha / size, beta)


MEAN = {"mean": "mean", "none": "no"}
ALIKE = {name: of_x(getattr(F, name.lower())) for name in "ELU ReLU ReLU6 SELU Sigmoid Tanh".split()}
FUNCTIONS = ALIKE | {f"Conv{n}d": conv(getattr(F, f"convolution_{n}d")) for n in (1, 2, 3)}
FUNCTIONS |= {f"ConvTranspose{n}d": conv(getattr(F, f"deconvolution_{n}d")) for n in (1, 2, 3)}
FUNCTIONS |= {
    "AvgPool1d": of_x(F.average_pooling_1d, kernel_size="ksize", padding="pad"),
    "AvgPool2d": of_x(F.average_pooling_2d, kernel_size="ksize", padding="pad"),
    "BatchNorm1d": lambda p, x, eps=1e-5: F.batch_normalization(x, p["weight"], p["bias"], eps=eps),
    "BatchNorm2d": lambda p, x, eps=1e-5: F.batch_normalization(x, p["weight"], p["bias"], eps=eps),
    "CrossEntropyLoss": of_x(cross_entropy),
    "Embedding": lambda p, i, padding_idx=None: F.embed_id(i, p["weight"], padding_idx),
    "GroupNorm": lambda p, x, num_groups, eps=1e-5: F.group_normalization(x, num_groups, p["weight"], p["bias"], eps),
    "L1Loss": of_x(F.mean_absolute_error),
    "LayerNorm": lambda p, x, normalized_shape, eps=1e-5: F.layer_normalization(x, p["weight"], p["bias"], eps),  # noqa: ARG005
    "LeakyReLU": of_x(F.leaky_relu, negative_slope="slope"),
    "Linear": lambda p, x: F.linear(x, p["weight"], p.get("bias"), n_batch_axes=x.ndim - 1),
    "LocalResponseNorm": of_x(lrn),
    "LogSoftmax": of_x(F.log_softmax, dim="axis"),
    "MSELoss": of_x(F.mean_squared_error),
    "MaxPool1d": of_x(partial(F.max_pooling_1d, cover_all=False), kernel_size="ksize", padding="pad"),
    "MaxPool2d": of_x(partial(F.max_pooling_2d, cover_all=False), kernel_size="ksize", padding="pad"),
    "PReLU": lambda p, x: F.prelu(x, p["weight"]),
    "Softmax": of_x(F.softmax, dim="axis"),
    "Softplus": of_x(F.softplus),
}
WINDOWED = [name for name in FUNCTIONS if name.startswith(("Conv", "MaxPool", "AvgPool"))]
ONLY = {name: {"rank": (int(name[-2]) + 2,)} for name in WINDOWED}
ONLY |= {f"Conv{n}d": {"rank": (n + 2,), "padding": int | tuple} for n in (1, 2, 3)}
ONLY |= {"LayerNorm": {"normalized_shape": int, "rank": (2,)}, "Linear": {"rank": (2, 3, 4)}}
ONLY["CrossEntropyLoss"] = {"targets": ("classes", "ignored"), "reduction": ("mean", "none"), "rank": (2, 3, 4)}
ONLY |= {"Embedding": {"rank": (1, 2, 3), "padding_idx": (None,)}, "LocalResponseNorm": {"size": (1, 3, 5, 7)}}
ONLY |= {"PReLU": {"num_parameters": (6,)}}
ARRAYS = boxed(lambda a, floating: chainer.Variable(a) if floating else a, lambda v: v.array, "float64", "float32")
subject = Autodiff("chainer", FUNCTIONS, taped(backward, lambda v: getattr(v, "grad", None), clear), ARRAYS, ONLY)
