"""A stranger's activations in NumPy, each operation rounded to the dtype given: textbook formulas, and hasty ones."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import erf

from parity.subjects.adapters import NUMPY, Convention, Library

Formula = Callable[..., tuple[Any, Any]]  # (x, **options) -> y, dy/dx
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


def sigmoid(x: Any) -> tuple[Any, Any]:
    y = 1 / (1 + np.exp(-x))
    return y, y * (1 - y)


def tanh(x: Any) -> tuple[Any, Any]:
    return np.tanh(x), 1 - np.tanh(x) ** 2


def relu(x: Any) -> tuple[Any, Any]:
    return np.maximum(x, 0), x > 0


def leaky_relu(x: Any, negative_slope: float = 0.01) -> tuple[Any, Any]:
    slope = np.where(x > 0, 1, negative_slope).astype(x.dtype)
    return x * slope, slope


def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> tuple[Any, Any]:
    return np.clip(x, min_val, max_val), (x > min_val) & (x < max_val)


def elu(x: Any, alpha: float = 1.0) -> tuple[Any, Any]:
    return np.where(x > 0, x, alpha * np.expm1(x)), np.where(x > 0, 1, alpha * np.exp(x))


def celu(x: Any, alpha: float = 1.0) -> tuple[Any, Any]:
    return np.where(x > 0, x, alpha * np.expm1(x / alpha)), np.where(x > 0, 1, np.exp(x / alpha))


def selu(x: Any) -> tuple[Any, Any]:
    y, slope = elu(x, ALPHA)
    return SCALE * y, SCALE * slope


def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> tuple[Any, Any]:
    straight = beta * x > threshold
    return np.where(straight, x, np.log1p(np.exp(beta * x)) / beta), np.where(straight, 1, sigmoid(beta * x)[0])


def log_sigmoid(x: Any) -> tuple[Any, Any]:
    return np.minimum(x, 0) - np.log1p(np.exp(-abs(x))), sigmoid(-x)[0]


def silu(x: Any) -> tuple[Any, Any]:
    s = sigmoid(x)[0]
    return x * s, s * (1 + x * (1 - s))


def mish(x: Any) -> tuple[Any, Any]:
    t = np.tanh(np.log1p(np.exp(x)))
    return x * t, t + x * sigmoid(x)[0] * (1 - t * t)


def gelu(x: Any, approximate: str = "none") -> tuple[Any, Any]:
    if approximate == "tanh":
        c = np.sqrt(2 / np.pi).astype(x.dtype)
        t = np.tanh(c * (x + 0.044715 * x * x * x))
        return x * (1 + t) / 2, (1 + t) / 2 + x * (1 - t * t) / 2 * c * (1 + 3 * 0.044715 * x * x)
    below = (1 + erf(x / 2**0.5).astype(x.dtype)) / 2
    return x * below, below + x * np.exp(-x * x / 2) / (2 * np.pi) ** 0.5


def hardsigmoid(x: Any) -> tuple[Any, Any]:
    return np.clip(x + 3, 0, 6) / 6, ((x > -3) & (x < 3)).astype(x.dtype) / 6


def hardswish(x: Any) -> tuple[Any, Any]:
    return x * hardsigmoid(x)[0], np.where(x <= -3, 0, np.where(x >= 3, 1, x / 3 + 0.5))


def softsign(x: Any) -> tuple[Any, Any]:
    return x / (1 + abs(x)), 1 / (1 + abs(x)) ** 2


def tanhshrink(x: Any) -> tuple[Any, Any]:
    return x - np.tanh(x), np.tanh(x) ** 2


TEXTBOOK: dict[str, Formula] = {
    "Sigmoid": sigmoid,
    "Tanh": tanh,
    "ReLU": relu,
    "ReLU6": lambda x: hardtanh(x, 0, 6),
    "Hardtanh": hardtanh,
    "LeakyReLU": leaky_relu,
    "ELU": elu,
    "CELU": celu,
    "SELU": selu,
    "Softplus": softplus,
    "LogSigmoid": log_sigmoid,
    "SiLU": silu,
    "Mish": mish,
    "GELU": gelu,
    "Hardsigmoid": hardsigmoid,
    "Hardswish": hardswish,
    "Softsign": softsign,
    "Tanhshrink": tanhshrink,
}


def hasty_sigmoid(x: Any) -> tuple[Any, Any]:
    y = np.exp(x) / (1 + np.exp(x))
    return y, y * (1 - y)


def hasty_tanh(x: Any) -> tuple[Any, Any]:
    y = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
    return y, 1 - y * y


def hasty_elu(x: Any, alpha: float = 1.0) -> tuple[Any, Any]:
    above, below = (x > 0).astype(x.dtype), (x <= 0).astype(x.dtype)
    return above * x + below * alpha * np.expm1(x), above + below * alpha * np.exp(x)


def hasty_selu(x: Any) -> tuple[Any, Any]:
    y, slope = hasty_elu(x, ALPHA)
    return SCALE * y, SCALE * slope


def hasty_softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> tuple[Any, Any]:  # noqa: ARG001 - forgotten
    return np.log1p(np.exp(beta * x)) / beta, hasty_sigmoid(beta * x)[0]


def hasty_log_sigmoid(x: Any) -> tuple[Any, Any]:
    return -np.log1p(np.exp(-x)), hasty_sigmoid(-x)[0]


def hasty_silu(x: Any) -> tuple[Any, Any]:
    s = hasty_sigmoid(x)[0]
    return x * s, s * (1 + x * (1 - s))


def hasty_mish(x: Any) -> tuple[Any, Any]:
    n = np.exp(x) * (np.exp(x) + 2)
    t = n / (n + 2)
    return x * t, t + x * hasty_sigmoid(x)[0] * (1 - t * t)


HASTY: dict[str, Formula] = {
    "Sigmoid": hasty_sigmoid,
    "Tanh": hasty_tanh,
    "ELU": hasty_elu,
    "SELU": hasty_selu,
    "Softplus": hasty_softplus,
    "LogSigmoid": hasty_log_sigmoid,
    "SiLU": hasty_silu,
    "Mish": hasty_mish,
}


class Activation:
    """A formula, its options, and the slope that forward leaves for backward."""

    def __init__(self, formula: Formula, options: dict[str, Any]) -> None:
        self.formula, self.options = formula, options

    def forward(self, x: Any) -> Any:
        with np.errstate(all="ignore"):
            y, self.slope = self.formula(x, **self.options)
        return y

    def backward(self, dy: Any) -> Any:
        with np.errstate(all="ignore"):
            return (dy * self.slope).astype(dy.dtype)


def library(name: str, formulas: dict[str, Formula]) -> Library:
    """Return the library of some formulas as a subject."""
    return Library(name, {module: maker(formula) for module, formula in formulas.items()}, Convention(arrays=NUMPY))


def maker(formula: Formula) -> Callable[..., Activation]:
    return lambda **options: Activation(formula, options)
