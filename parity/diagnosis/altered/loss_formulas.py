"""Formulas of losses, right and wrong: unprotected exponentials and logarithms, epsilons, parts that are left out.

p is the prediction, t the target; of scores of classes, t are probabilities and the classes lie along axis `at`.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from parity.diagnosis.altered.model import Formula, Formulas

Each = Callable[[Tensor, Tensor], Tensor]  # the losses before they are reduced, or their derivatives
EPSILONS = (*(10.0**-power for power in range(1, 17)), 2.0**-23, 2.0**-52)
BOUNDS = (-10.0, -20.0, -30.0, -50.0)  # of a logarithm
TEMPERATURES = {"2": 2.0, "1/2": 0.5, "10": 10.0, "1/10": 0.1, "log2 e": 1 / math.log(2), "ln 2": math.log(2)}


def above(dtype: torch.dtype) -> str:
    """Return the argument from which exp overflows, in words."""
    return f"{math.log(torch.finfo(dtype).max):.1f}"


def classes_at(p: Tensor) -> int:
    return min(1, p.dim() - 1)


def of_square(p: Tensor, t: Tensor) -> Tensor:
    return (p - t) ** 2


def of_probability(p: Tensor, t: Tensor, bound: float = -100.0) -> Tensor:
    """Return binary cross-entropies whose logarithms are kept above a bound."""
    return -t * p.log().clamp_min(bound) - (1 - t) * (-p).log1p().clamp_min(bound)


def of_logit(x: Tensor, t: Tensor) -> Tensor:
    return x.clamp_min(0) - x * t + x.abs().neg().exp().log1p()


def of_classes(x: Tensor, t: Tensor) -> Tensor:
    return -(torch.log_softmax(x, classes_at(x)) * t).sum(classes_at(x))


def logs(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Return the binary cross-entropies of two logarithms, of p and of 1 - p."""
    return -t * a - (1 - t) * b


def unshifted(x: Tensor) -> Tensor:
    """Return the softmax whose exponential is not shifted by the maximum."""
    return x.exp() / x.exp().sum(classes_at(x), keepdim=True)


def chosen(of: Callable[[Tensor], Tensor]) -> Each:
    """Return the cross-entropies of classes whose log-probabilities are these."""
    return lambda x, t: -(of(x) * t).sum(classes_at(x))


def softmax(x: Tensor) -> Tensor:
    return torch.softmax(x, classes_at(x))


def of_softmax(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda x: function(softmax(x))


def with_epsilon(eps: float) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """Yield the ways to keep a logarithm from zero, each with its words."""
    yield f"the logarithm is taken of {{}} + {eps:.3g}", lambda p: (p + eps).log()
    yield (
        f"{{}} is kept between {eps:.3g} and 1 - {eps:.3g} before the logarithm",
        lambda p: p.clamp(eps, 1 - eps).log(),
    )
    yield f"{{}} is kept above {eps:.3g} before the logarithm", lambda p: p.clamp_min(eps).log()


@dataclass(frozen=True)
class LossFormulas:
    """A loss: its right formula, and the wrong ones of its values and of its derivative.

    naive       right in exact arithmetic: they are computed in the subject's dtype
    values      wrong formulas of the losses
    slopes      wrong formulas of the derivative of each loss
    naive_slope right derivatives that overflow
    """

    right: Each
    naive: Callable[[str], Formulas]
    values: Callable[[], Formulas]
    slopes: Callable[[], Formulas]
    naive_slopes: Callable[[str], Formulas]


def square_naive(_: str) -> Formulas:
    words = "digits are lost: p^2 - 2 p t + t^2 is computed in place of (p - t)^2"
    yield Formula("cancellation", words, lambda p, t: p * p - 2 * p * t + t * t)


def square_values() -> Formulas:
    yield Formula("formula", "it is |p - t| in place of (p - t)^2", lambda p, t: (p - t).abs())
    yield Formula("sign", "it is (p + t)^2: the target has the wrong sign", lambda p, t: (p + t) ** 2)


def square_slopes() -> Formulas:
    yield Formula("sign", "the target has the wrong sign: it is 2 (p + t)", lambda p, t: 2 * (p + t))
    yield Formula("formula", "it is the sign of p - t in place of 2 (p - t)", lambda p, t: (p - t).sign())
    yield Formula("formula", "it is that of |p - t|: the factor is |p - t|", lambda p, t: 2 * (p - t).abs())


def probability_naive(_: str) -> Formulas:
    words = "log of 0: the logarithm is not kept from -inf, and 0 times it is nan"
    yield Formula("overflow", words, lambda p, t: logs(p.log(), (1 - p).log(), t))
    where = "log of 0: the logarithm is not kept from -inf"
    yield Formula("overflow", where, lambda p, t: -torch.where(t > 0.5, p.log(), (1 - p).log()))


def probability_values() -> Formulas:
    for eps in EPSILONS:
        for words, log in with_epsilon(eps):
            said = words.format("p")
            yield Formula("epsilon", said, lambda p, t, log=log: logs(log(p), log(1 - p), t))
        below = f"p is kept below 1 - {eps:.3g} before the logarithm"
        yield Formula("epsilon", below, lambda p, t, eps=eps: of_probability(p.clamp_max(1 - eps), t))
    for bound in BOUNDS:
        words = f"the logarithm is kept above {bound:g}, torch's above -100"
        yield Formula("epsilon", words, lambda p, t, bound=bound: of_probability(p, t, bound))
    kept = {
        "second": lambda p, t: -t * p.log().clamp_min(-100),
        "first": lambda p, t: of_probability(p, t * 0) * (1 - t),
    }
    for word, value in kept.items():
        yield Formula("term missing", f"the {word} term is left out", value)
    yield Formula("arguments swapped", "prediction and target are swapped", lambda p, t: of_probability(t, p))


def probability_slopes() -> Formulas:
    wrong = "the target has the wrong sign: it is (p + t) / (p (1 - p))"
    yield Formula("sign", wrong, lambda p, t: (p + t) / (p * (1 - p)).clamp_min(1e-12))
    yield Formula("factor missing", "the denominator p (1 - p) is missing: it is p - t", lambda p, t: p - t)
    yield Formula("factor missing", "the factor 1 - p of the denominator is missing", lambda p, t: (p - t) / p)
    yield Formula("factor missing", "the factor p of the denominator is missing", lambda p, t: (p - t) / (1 - p))
    yield Formula(
        "term missing", "the second term, (1 - t) / (1 - p), is left out", lambda p, t: -t / p.clamp_min(1e-12)
    )
    yield Formula(
        "term missing", "the first term, -t / p, is left out", lambda p, t: (1 - t) / (1 - p).clamp_min(1e-12)
    )
    for eps in EPSILONS:
        added = f"{eps:.3g} is added to the denominator p (1 - p)"
        yield Formula("epsilon", added, lambda p, t, eps=eps: (p - t) / (p * (1 - p) + eps))
        kept = f"the denominator p (1 - p) is kept above {eps:.3g}, torch's above 1e-12"
        yield Formula("epsilon", kept, lambda p, t, eps=eps: (p - t) / (p * (1 - p)).clamp_min(eps))
        each = f"{eps:.3g} is added to each denominator, p and 1 - p"
        yield Formula("epsilon", each, lambda p, t, eps=eps: (1 - t) / (1 - p + eps) - t / (p + eps))
        clamped = f"p is kept between {eps:.3g} and 1 - {eps:.3g}"
        yield Formula("epsilon", clamped, lambda p, t, eps=eps: slope(p.clamp(eps, 1 - eps), t))
        for ends, within in (("0 and 1", (eps, 1 - eps)), ("1", (0.0, 1 - eps))):
            yield Formula("epsilon", f"p is cut near {ends}, and dx is 0 where it was cut", partial(cut_slope, within))


def cut_slope(within: tuple[float, float], p: Tensor, t: Tensor) -> Tensor:
    """Return the derivative by p of the loss of p kept within bounds: 0 beyond them."""
    return torch.where((p >= within[0]) & (p <= within[1]), (p - t) / (p * (1 - p)).clamp_min(1e-12), 0.0)


def slope(p: Tensor, t: Tensor) -> Tensor:
    return (p - t) / (p * (1 - p))


def probability_naive_slopes(_: str) -> Formulas:
    words = "it divides by 0 where p is 0 or 1: the denominator p (1 - p) is not kept from 0"
    yield Formula("overflow", words, slope)
    yield Formula("overflow", words, lambda p, t: (1 - t) / (1 - p) - t / p)


def logit_naive(limit: str) -> Formulas:
    over = f"exp overflows above {limit}: "
    yield Formula("overflow", f"{over}it is log(1 + exp(x)) - t x", lambda x, t: (1 + x.exp()).log() - t * x)
    words = f"exp overflows above {limit}: it is log(1 + exp(-x)) + (1 - t) x, which takes exp(-x)"
    yield Formula("overflow", words, lambda x, t: (1 + (-x).exp()).log() + (1 - t) * x)
    rounded = "log of 0: the sigmoid is rounded to 0 or 1 before its logarithm"
    yield Formula("overflow", rounded, lambda x, t: logs(x.sigmoid().log(), (1 - x.sigmoid()).log(), t))
    bounded = f"{rounded}, which is kept above -100"
    yield Formula("overflow", bounded, lambda x, t: of_probability(x.sigmoid(), t))
    lost = "digits are lost: log(1 + e) is computed in place of log1p(e)"
    yield Formula("cancellation", lost, lambda x, t: x.clamp_min(0) - x * t + (1 + x.abs().neg().exp()).log())


def logit_values() -> Formulas:
    for eps in EPSILONS:
        for words, log in with_epsilon(eps):
            said = words.format("the sigmoid")
            yield Formula("epsilon", said, lambda x, t, log=log: logs(log(x.sigmoid()), log(1 - x.sigmoid()), t))
    yield Formula("factor missing", "the sigmoid is left out: x is taken as the probability", of_probability)
    yield Formula("factor twice", "the sigmoid is taken twice", lambda x, t: of_logit(x.sigmoid(), t))
    yield Formula("term missing", "the target's term, t x, is left out", lambda x, t: of_logit(x, t * 0))


def logit_slopes() -> Formulas:
    yield Formula("sign", "the target has the wrong sign: it is s(x) + t", lambda x, t: x.sigmoid() + t)
    yield Formula("factor missing", "the sigmoid is missing: it is x - t in place of s(x) - t", lambda x, t: x - t)
    yield Formula("target", "the target is left out: it is s(x) alone", lambda x, _: x.sigmoid())
    yield Formula("term missing", "the sigmoid's term is left out: it is -t alone", lambda _, t: -t)
    words = "the factor s(x) (1 - s(x)) is one too many: the derivative of the sigmoid is there twice"
    yield Formula("factor twice", words, lambda x, t: (x.sigmoid() - t) * x.sigmoid() * (1 - x.sigmoid()))
    missing = "the factor s(x) (1 - s(x)), the derivative of the sigmoid, is missing"
    yield Formula("factor missing", missing, lambda x, t: slope(x.sigmoid(), t))
    yield Formula("target", "the target is taken as 0 or 1", lambda x, t: x.sigmoid() - (t > 0.5).to(x))


def logit_naive_slopes(limit: str) -> Formulas:
    words = f"exp overflows above {limit}: the sigmoid is exp(x) / (1 + exp(x))"
    yield Formula("overflow", words, lambda x, t: x.exp() / (1 + x.exp()) - t)
    unstable = "0 divided by 0: the sigmoid is rounded to 0 or 1, and s(x) (1 - s(x)) to 0"
    yield Formula("overflow", unstable, lambda x, t: slope(x.sigmoid(), t) * x.sigmoid() * (1 - x.sigmoid()))


def classes_naive(limit: str) -> Formulas:
    words = "log of 0: the softmax is rounded to 0 before its logarithm"
    yield Formula("overflow", words, chosen(lambda x: softmax(x).log()))
    yield Formula("overflow", words, lambda x, t: -(softmax(x) * t).sum(classes_at(x)).log())
    over = f"exp overflows above {limit}: the maximum is not subtracted"
    yield Formula("overflow", over, chosen(lambda x: unshifted(x).log()))
    yield Formula("overflow", over, chosen(lambda x: x - x.exp().sum(classes_at(x), keepdim=True).log()))


def classes_values() -> Formulas:
    for eps in EPSILONS:
        for words, log in with_epsilon(eps):
            said = words.format("the softmax")
            yield Formula("epsilon", said, chosen(of_softmax(log)))
    for name, c in TEMPERATURES.items():
        words = f"the scores are multiplied by {name} before the softmax, as by a temperature"
        yield Formula("temperature", words, lambda x, t, c=c: of_classes(c * x, t))
    for axis in (0, -1, 2):
        words = f"the softmax is taken over axis {axis} in place of that of the classes"
        yield Formula("wrong axis", words, chosen(partial(torch.log_softmax, dim=axis)))
    yield Formula("factor missing", "the softmax is left out: it is -t x", chosen(lambda x: x))
    yield Formula("factor missing", "the logarithm is left out: it is -t softmax(x)", chosen(softmax))
    yield Formula("factor twice", "the softmax is taken twice", lambda x, t: of_classes(softmax(x), t))


def classes_slopes() -> Formulas:
    right: dict[str, Callable[[Tensor], Tensor]] = {
        "the softmax is left out: it is x - t": lambda x: x,
        "the logarithm is not undone: it is log softmax(x) - t": lambda x: torch.log_softmax(x, classes_at(x)),
        "the softmax is left out: it is -t alone": torch.zeros_like,
    }
    for words, q in right.items():
        yield Formula("factor missing", words, lambda x, t, q=q: q(x) - t)
    yield Formula("target", "the target is left out: it is softmax(x), without the one-hot", lambda x, _: softmax(x))
    yield Formula("sign", "the target has the wrong sign: it is softmax(x) + t", lambda x, t: softmax(x) + t)
    yield Formula("target", "the sum of the target is taken as 1", lambda x, t: softmax(x) - t)
    alone = "it is softmax(x) - t at the true class alone, and 0 at the others"
    yield Formula("zero elsewhere", alone, lambda x, t: (softmax(x) - t) * (t > 0))
    words = "the derivative of the softmax is missing: it is -t / softmax(x)"
    yield Formula("factor missing", words, lambda x, t: -t / softmax(x))
    own = "the factor softmax(x) (1 - softmax(x)) is one too many"
    yield Formula("factor twice", own, lambda x, t: (softmax(x) - t) * softmax(x) * (1 - softmax(x)))
    for name, c in TEMPERATURES.items():
        words = f"the scores are multiplied by {name} before the softmax, as by a temperature"
        yield Formula("temperature", words, lambda x, t, c=c: q_minus(torch.softmax(c * x, classes_at(x)), t))
    for axis in (0, -1, 2):
        words = f"the softmax is taken over axis {axis} in place of that of the classes"
        yield Formula("wrong axis", words, lambda x, t, axis=axis: q_minus(torch.softmax(x, axis), t))


def q_minus(q: Tensor, t: Tensor) -> Tensor:
    return q * t.sum(classes_at(q), keepdim=True) - t


def classes_naive_slopes(limit: str) -> Formulas:
    words = f"exp overflows above {limit}: the maximum is not subtracted"
    yield Formula("overflow", words, lambda x, t: q_minus(unshifted(x), t))


def nothing(_: str) -> Formulas:
    yield from ()


FAMILIES = (
    LossFormulas(of_square, square_naive, square_values, square_slopes, nothing),
    LossFormulas(of_probability, probability_naive, probability_values, probability_slopes, probability_naive_slopes),
    LossFormulas(of_logit, logit_naive, logit_values, logit_slopes, logit_naive_slopes),
    LossFormulas(of_classes, classes_naive, classes_values, classes_slopes, classes_naive_slopes),
)
