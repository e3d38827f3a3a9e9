"""The framework's dense layers and losses again, composed of elementary operators: the tape derives them by itself.

A second road to every gradient, which shares no formula of a derivative with the layers' own files.
Each function takes the layer (for its options), the inputs, and the layer's parameters as Variables by name.
"""

from torch import Tensor

import framework
from framework.losses.bce import LEAST_VARIANCE, LOWEST_LOG
from framework.tape.joining import where
from framework.tape.operators.elementwise import Tangent
from framework.tape.variable import Variable, apply

# Options of losses that nothing here is composed with, and the values that leave them out.
WITHOUT = {"weight": None, "pos_weight": None, "label_smoothing": 0}


def linear(_: framework.Linear, x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    y = x @ weight.t()
    return y if bias is None else y + bias


def relu(_: framework.ReLU, x: Variable) -> Variable:
    return where(x.tensor <= 0, 0.0, x)


def leaky_relu(layer: framework.LeakyReLU, x: Variable) -> Variable:
    return where(x.tensor > 0, x, x * layer.negative_slope)


def magnitude(x: Variable) -> tuple[Variable, Tensor]:
    """Return |x|, which passes the gradient at 0 too, and where x is negative."""
    negative = x.tensor < 0
    return where(negative, -x, x), negative


def sigmoid(_: framework.Sigmoid, x: Variable) -> Variable:
    size, negative = magnitude(x)
    e = (-size).exp()  # at most 1, so that nothing overflows
    return where(negative, e, 1.0) / (1 + e)


def tanh(_: framework.Tanh, x: Variable) -> Variable:
    size, negative = magnitude(x)
    e = (size * -2).expm1()  # in (-1, 0]
    y = -e / (e + 2)
    return where(negative, -y, y)


def normalised(layer: framework.Softmax, x: Variable) -> Variable:
    if x.tensor.numel() == 0:
        return x.exp()
    e = (x - x.tensor.amax(layer.dim, keepdim=True)).exp()
    return e / e.sum(layer.dim, keepdim=True)


def flatten(layer: framework.Flatten, x: Variable) -> Variable:
    return x.flatten(layer.start_dim, layer.end_dim)


def reduced(layer: framework.Loss, values: Variable) -> Variable:
    """Return the values reduced as the loss says."""
    return {"mean": values.mean, "sum": values.sum, "none": lambda: values}[layer.reduction]()


def mse(layer: framework.MSELoss, p: Variable, t: Variable) -> Variable:
    return reduced(layer, (p - t).pow(2))


def cross_entropy(layer: framework.CrossEntropyLoss, p: Variable, t: Variable | Tensor) -> Variable:
    axis = layer.axis(p.tensor)
    shifted = p - p.tensor.amax(axis, keepdim=True) if p.tensor.numel() else p
    log_q = shifted - shifted.exp().sum(axis, keepdim=True).log()
    if isinstance(t, Variable):
        return reduced(layer, -(log_q * t).sum(axis))
    ignored = t == layer.ignore_index
    chosen = log_q.gather(axis, t.masked_fill(ignored, 0).unsqueeze(axis)).reshape(t.shape)
    if not ignored.any():
        return reduced(layer, -chosen)
    values = where(ignored, 0.0, -chosen)
    return values.sum() / (~ignored).sum().to(p.tensor) if layer.reduction == "mean" else reduced(layer, values)


def bce(layer: framework.BCELoss, p: Variable, t: Variable) -> Variable:
    variance = p.tensor.double() * (1 - p.tensor.double())  # float16 has no 1e-12
    certain = variance < LEAST_VARIANCE
    inside = where(certain, 0.5, p)
    values = (t - 1) * (-inside).log1p() - t * inside.log()
    return reduced(layer, where(certain, at_certainty(p, t.tensor, certain), values))


def at_certainty(p: Variable, t: Tensor, certain: Tensor) -> Variable:
    """Return torch's convention for p of 0 or 1: logarithms end at -100, and the slope is (p - t) / 1e-12."""
    value = (t - 1) * (-p.tensor).log1p().clamp(min=LOWEST_LOG) - t * p.tensor.log().clamp(min=LOWEST_LOG)
    slope = ((p.tensor - t).double() / LEAST_VARIANCE).to(t.dtype)
    return apply(Tangent, (p,), value, slope.masked_fill(~certain, 0))


def bce_with_logits(layer: framework.BCEWithLogitsLoss, p: Variable, t: Variable) -> Variable:
    size, negative = magnitude(p)
    below = where(negative, p, 0.0)
    # the slope of the straight part is -t below 0 and 1 - t above; below - below is nan at -inf, as torch's loss is
    values = where(negative, -t, 1 - t) * p + (below - below) + (-size).exp().log1p()
    return reduced(layer, values)
