"""Formulas of units with an exponential or a clamp, right and wrong: ELU, SELU, Softplus, LogSigmoid, Hardsigmoid."""

import torch
from torch import Tensor
from torch.nn import functional

from parity.diagnosis.altered.activation_formulas import Activation, Options
from parity.diagnosis.altered.model import Formula, Formulas

SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717  # of SELU
LARGE = 20.0  # where torch's Softplus is x


def nothing(*_: object) -> Formulas:
    yield from ()


def elu(x: Tensor, options: Options) -> Tensor:
    return functional.elu(x, options["alpha"])


def elu_values(options: Options) -> Formulas:
    a = options["alpha"]
    if a != 1:
        words = "alpha stands within the exponential in place of before it"
        yield Formula("option otherwise", words, lambda x: sided_value(x, torch.expm1(a * x)))


def sided_value(x: Tensor, below: Tensor) -> Tensor:
    return torch.where(x > 0, x, below)


def elu_slopes(_: str, options: Options) -> Formulas:
    a = options["alpha"]
    said = "alpha is left out of the derivative where x < 0: it is "
    if a != 1:
        yield Formula("option ignored", f"{said}y + 1 in place of y + alpha", lambda x, y: sided(x, y + 1))
        yield Formula("option ignored", f"{said}exp(x) in place of alpha exp(x)", lambda x, _: sided(x, x.exp()))
    yield Formula("term missing", f"{said}y in place of y + alpha", lambda x, y: sided(x, y))


def sided(x: Tensor, below: Tensor) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), below)


def selu(x: Tensor, _: Options) -> Tensor:
    return functional.selu(x)


def selu_values(_: Options) -> Formulas:
    yield Formula("factor missing", "the factor scale, 1.0507, is missing", lambda x: functional.selu(x) / SCALE)
    words = "the factor alpha, 1.6733, is missing where x < 0"
    yield Formula("factor missing", words, lambda x: SCALE * functional.elu(x))


def softplus(x: Tensor, options: Options) -> Tensor:
    return functional.softplus(x, options["beta"], options["threshold"])


def softplus_naive(limit: str, options: Options) -> Formulas:
    b = options["beta"]
    words = f"exp overflows above {limit}, and digits are lost below 0: it is log(1 + exp(x))"
    yield Formula("overflow", words, lambda x: (1 + (b * x).exp()).log() / b)


def log_sigmoid_naive(limit: str, _: Options) -> Formulas:
    words = "log of 0, and digits are lost: the sigmoid is rounded to 0 or 1 before its logarithm"
    yield Formula("overflow", words, lambda x: (1 / (1 + (-x).exp())).log())
    other = f"exp overflows above {limit}, and digits are lost above 0: it is -log(1 + exp(-x))"
    yield Formula("overflow", other, lambda x: -(1 + (-x).exp()).log())


def hard_sigmoid(x: Tensor, _: Options) -> Tensor:
    return functional.relu6(x + 3) / 6


def hard_sigmoid_values(_: Options) -> Formulas:
    words = "it is another hard sigmoid, max(0, min(1, 0.2 x + 0.5)): the slope is 1 / 5 in place of 1 / 6"
    yield Formula("formula", words, lambda x: (0.2 * x + 0.5).clamp(0, 1))
    quarter = "it is another hard sigmoid, max(0, min(1, x / 4 + 1 / 2)): the slope is 1 / 4 in place of 1 / 6"
    yield Formula("formula", quarter, lambda x: (0.25 * x + 0.5).clamp(0, 1))


UNITS = (
    Activation(elu, nothing, elu_values, elu_slopes),
    Activation(selu, nothing, selu_values, nothing),
    Activation(softplus, softplus_naive, nothing, nothing),
    Activation(lambda x, _: functional.logsigmoid(x), log_sigmoid_naive, nothing, nothing),
    Activation(hard_sigmoid, nothing, hard_sigmoid_values, nothing),
)
