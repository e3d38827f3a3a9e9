"""Formulas of activations, right and wrong: those that overflow or lose digits, and those of another function."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.altered.loss_formulas import TEMPERATURES
from parity.diagnosis.altered.model import Formula, Formulas

OF_VALUE = "added"  # kind of a formula whose derivative tells nothing of it
Options = Mapping[str, Any]
Slope = Callable[[Tensor, Tensor], Tensor]  # the derivative, of x and y


@dataclass(frozen=True)
class Activation:
    """A function of x alone: its right formula, then wrong ones.

    naive   right in exact arithmetic: computed in the subject's dtype
    values  other functions, or the same of another argument
    slopes  wrong derivatives, of x and y; those in the subject's dtype are right in exact arithmetic
    """

    right: Callable[[Tensor, Options], Tensor]
    naive: Callable[[str, Options], Formulas]
    values: Callable[[Options], Formulas]
    slopes: Callable[[str, Options], Formulas]


def sigmoid_naive(limit: str, _: Options) -> Formulas:
    words = f"exp overflows above {limit}: it is exp(x) / (1 + exp(x))"
    yield Formula("overflow", words, lambda x: x.exp() / (1 + x.exp()))
    lost = "digits are lost below 0: it is (1 + tanh(x / 2)) / 2"
    yield Formula("cancellation", lost, lambda x: 0.5 * (1 + (x / 2).tanh()))
    other = "digits are lost below 0: it is 1 - 1 / (1 + exp(x))"
    yield Formula("cancellation", other, lambda x: 1 - 1 / (1 + x.exp()))


def sigmoid_values(_: Options) -> Formulas:
    yield Formula("sign", "it is the sigmoid of -x: the sign of the exponent is wrong", lambda x: torch.sigmoid(-x))
    yield Formula("formula", "it is the tangens hyperbolicus in place of the sigmoid", torch.tanh)
    words = "it is the hard sigmoid, max(0, min(1, x / 6 + 1 / 2))"
    yield Formula("formula", words, torch.nn.functional.hardsigmoid)
    yield Formula("formula", "it is max(0, min(1, x / 5 + 1 / 2))", lambda x: (0.2 * x + 0.5).clamp(0, 1))


def sigmoid_slopes(limit: str, _: Options) -> Formulas:
    words = f"exp overflows above {limit}: it is exp(-x) / (1 + exp(-x))^2"
    yield Formula("overflow", words, lambda x, _: (-x).exp() / (1 + (-x).exp()) ** 2)
    other = f"exp overflows above {limit}: it is exp(x) / (1 + exp(x))"
    yield Formula("overflow", other, lambda x, _: x.exp() / (1 + x.exp()) * (1 - x.exp() / (1 + x.exp())))
    positive = f"exp overflows above {limit}: it is exp(x) / (1 + exp(x))^2"
    yield Formula("overflow", positive, lambda x, _: x.exp() / (1 + x.exp()) ** 2)


def tanh_naive(limit: str, _: Options) -> Formulas:
    words = f"exp overflows above {limit}: it is (exp(x) - exp(-x)) / (exp(x) + exp(-x))"
    yield Formula("overflow", words, lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()))
    twice = f"exp(2 x) overflows, exp above {limit}: it is (exp(2 x) - 1) / (exp(2 x) + 1)"
    yield Formula("overflow", twice, lambda x: ((2 * x).exp() - 1) / ((2 * x).exp() + 1))
    lost = "digits are lost near 0: it is 1 - 2 / (exp(2 x) + 1)"
    yield Formula("cancellation", lost, lambda x: 1 - 2 / ((2 * x).exp() + 1))
    other = "digits are lost near 0: it is 2 sigmoid(2 x) - 1"
    yield Formula("cancellation", other, lambda x: 2 * torch.sigmoid(2 * x) - 1)


def tanh_values(_: Options) -> Formulas:
    yield Formula("formula", "it is the sigmoid in place of the tangens hyperbolicus", torch.sigmoid)
    yield Formula("formula", "it is max(-1, min(1, x)), the hard tangens hyperbolicus", lambda x: x.clamp(-1, 1))
    yield Formula("formula", "it is the tangens in place of the tangens hyperbolicus", torch.tan)


def tanh_slopes(limit: str, _: Options) -> Formulas:
    words = f"exp overflows above {limit}: the tangens hyperbolicus is a quotient of exponentials"
    for formula in tanh_naive(limit, {}):
        yield Formula("overflow", words, lambda x, _, of=formula.value: 1 - of(x) ** 2)
    cosh = f"exp overflows above {limit}: it is 1 / cosh(x)^2"
    yield Formula("overflow", cosh, lambda x, _: 1 / x.cosh() ** 2)
    lost = "digits are lost: 1 - tanh(x)^2 near 1"
    yield Formula("cancellation", lost, lambda _, y: 1 - y * y)


def gelu_naive(_: str, options: Options) -> Formulas:
    lost = "digits are lost: 1 + erf(x / sqrt 2) below 0"
    yield Formula("cancellation", lost, lambda x: 0.5 * x * (1 + torch.erf(x / math.sqrt(2))))
    where = "0 times inf: it is x times the distribution function, also where x is infinite"
    yield Formula("overflow", where, lambda x: x * gelu(x, options) / x)


def gelu(x: Tensor, options: Options) -> Tensor:
    return torch.nn.functional.gelu(x, approximate=options.get("approximate", "none"))


def gelu_values(options: Options) -> Formulas:
    other = "none" if options.get("approximate", "none") == "tanh" else "tanh"
    words = f"the option approximate is taken as {other!r}"
    yield Formula("option otherwise", words, lambda x: gelu(x, {"approximate": other}))
    yield Formula("formula", "it is x sigmoid(1.702 x), another approximation", lambda x: x * torch.sigmoid(1.702 * x))
    yield Formula("formula", "it is x sigmoid(x)", lambda x: x * torch.sigmoid(x))
    yield Formula("formula", "erf is taken of x in place of x / sqrt 2", lambda x: 0.5 * x * (1 + torch.erf(x)))
    yield Formula("factor missing", "the factor x is missing: it is the distribution function", lambda x: phi(x))
    for digits in range(2, 9):
        c = round(math.sqrt(2 / math.pi), digits)
        few = f"sqrt(2 / pi) is taken as {c:.{digits}f}: the constant has too few digits"
        yield Formula("constant", few, lambda x, c=c: 0.5 * x * (1 + (c * (x + 0.044715 * x**3)).tanh()))


def phi(x: Tensor) -> Tensor:
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_slopes(_: str, options: Options) -> Formulas:
    if options.get("approximate") == "tanh":
        yield from gelu_tanh_slopes()
        return
    density = "the term of the density, x exp(-x^2 / 2) / sqrt(2 pi), is left out"
    yield Formula("term missing", density, lambda x, _: phi(x))
    yield Formula("term missing", "the term of the distribution function is left out", lambda x, _: x * normal(x))
    yield Formula("factor missing", "the factor x of the density is missing", lambda x, _: phi(x) + normal(x))
    root = "1 / sqrt(2 pi) of the density is missing"
    yield Formula("factor missing", root, lambda x, _: phi(x) + x * normal(x) * math.sqrt(2 * math.pi))


def gelu_tanh_slopes() -> Formulas:
    c, cubic = math.sqrt(2 / math.pi), 0.044715

    def slope(x: Tensor, inner: Tensor | float, outer: float = c, of_tanh: float = 1.0) -> Tensor:
        t = (c * (x + cubic * x**3)).tanh()
        return of_tanh * (1 + t) / 2 + x / 2 * (1 - t * t) * outer * inner

    def whole(x: Tensor) -> Tensor:
        return 1 + 3 * cubic * x * x

    words = "the factor 3 of the derivative of x^3 is missing"
    yield Formula("factor missing", words, lambda x, _: slope(x, 1 + cubic * x * x))
    words = "the derivative of the cubic term within the tanh is left out"
    yield Formula("term missing", words, lambda x, _: slope(x, 1.0))
    words = "the factor sqrt(2 / pi) of the derivative within the tanh is missing"
    yield Formula("factor missing", words, lambda x, _: slope(x, whole(x), 1.0))
    words = "the derivative within the tanh is left out: its factor is 1"
    yield Formula("factor missing", words, lambda x, _: slope(x, 1.0, 1.0))
    words = "the term of the derivative of the tanh is left out"
    yield Formula("term missing", words, lambda x, _: slope(x, 0.0))
    words = "the term (1 + tanh) / 2 is left out"
    yield Formula("term missing", words, lambda x, _: slope(x, whole(x), c, 0.0))


def normal(x: Tensor) -> Tensor:
    return (-x * x / 2).exp() / math.sqrt(2 * math.pi)


def rectifier(x: Tensor, options: Options) -> Tensor:
    return torch.where(x > 0, x, options.get("negative_slope", 0.0) * x)


def rectifier_naive(_: str, options: Options) -> Formulas:
    s = options.get("negative_slope", 0.0)
    words = "0 times inf is nan: x is multiplied by a mask"
    yield Formula("overflow", words, lambda x: x * (x > 0).to(x) + s * x * (x <= 0).to(x))


def rectifier_values(options: Options) -> Formulas:
    s = options.get("negative_slope", 0.0)
    slopes = {"swapped: it is that of x > 0": lambda x: torch.where(x > 0, s * x, x)}
    slopes |= {"on both sides": lambda x: s * x, "of the wrong sign": lambda x: torch.where(x > 0, x, -s * x)}
    if s:
        slopes["divided by in place of multiplied by"] = lambda x: torch.where(x > 0, x, x / s)
        constant = "the slope below 0 is a constant in place of a factor"
        yield Formula(OF_VALUE, constant, lambda x: torch.where(x > 0, x, torch.full_like(x, s)))
        added = "the slope below 0 is subtracted in place of multiplied by"
        yield Formula(OF_VALUE, added, lambda x: torch.where(x > 0, x, x - s))
    for words, value in slopes.items():
        yield Formula("slope", f"the slope below 0 is {words}", value)
    yield Formula("formula", "it is cut off above 6", lambda x: torch.where(x > 0, x, s * x).clamp_max(6))
    yield Formula("slope", "it is |x|: the slope below 0 is -1", torch.abs)
    yield Formula("slope", "it is x itself: nothing happens below 0", lambda x: x)


def rectifier_slopes(_: str, options: Options) -> Formulas:
    s = options.get("negative_slope", 0.0)
    at_zero = "the derivative at 0 is that of x > 0: >= stands for >"
    yield Formula("kink", at_zero, lambda x, _: torch.where(x >= 0, 1.0, s).to(x))
    half = "the derivative at 0 is the mean of both sides"
    yield Formula("kink", half, lambda x, _: torch.where(x > 0, 1.0, torch.where(x < 0, s, (1 + s) / 2)).to(x))


def row_softmax(x: Tensor, options: Options) -> Tensor:
    return torch.softmax(x, options["dim"])


def softmax_naive(limit: str, options: Options) -> Formulas:
    at = options.get("dim", 0)
    words = f"exp overflows above {limit}: the maximum is not subtracted"
    yield Formula("overflow", words, lambda x: x.exp() / x.exp().sum(at, keepdim=True))


def softmax_values(options: Options) -> Formulas:
    at = options.get("dim", 0)
    for name, c in TEMPERATURES.items():
        words = f"x is multiplied by {name} before the softmax, as by a temperature"
        yield Formula("temperature", words, lambda x, c=c: torch.softmax(c * x, at))
    yield Formula("formula", "it is the logarithm of the softmax", lambda x: torch.log_softmax(x, at))
    yield Formula("factor missing", "it is not divided by the sum", lambda x: (x - x.amax(at, keepdim=True)).exp())
    yield Formula("factor missing", "it is exp(x), not divided by the sum", torch.exp)
    yield Formula("sign", "it is the softmax of -x: the sign of the exponent is wrong", lambda x: torch.softmax(-x, at))
    yield Formula("factor twice", "the softmax is taken twice", lambda x: torch.softmax(torch.softmax(x, at), at))
    whole = "the sum is taken over all elements in place of one axis"
    yield Formula("wrong axis", whole, lambda x: (x - x.max()).exp() / (x - x.max()).exp().sum())
    for power in range(1, 17):
        eps = 10.0**-power
        words = f"{eps:.3g} is added to the sum"
        yield Formula("epsilon", words, lambda x, eps=eps: shifted(x, at) / (shifted(x, at).sum(at, True) + eps))


def shifted(x: Tensor, at: int) -> Tensor:
    return (x - x.amax(at, keepdim=True)).exp()


def softmax_slopes(_: str, __: Options) -> Formulas:
    words = "the terms beside the diagonal are left out: the derivative is y (1 - y), as if elements were not coupled"
    yield Formula("term missing", words, lambda _, y: y * (1 - y))


ACTIVATIONS = (
    Activation(lambda x, _: torch.sigmoid(x), sigmoid_naive, sigmoid_values, sigmoid_slopes),
    Activation(lambda x, _: torch.tanh(x), tanh_naive, tanh_values, tanh_slopes),
    Activation(gelu, gelu_naive, gelu_values, gelu_slopes),
    Activation(rectifier, rectifier_naive, rectifier_values, rectifier_slopes),
    Activation(row_softmax, softmax_naive, softmax_values, softmax_slopes),
)
