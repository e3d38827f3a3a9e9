"""Optimisers of a library, each with one thing wrong: it is found, and named."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from parity.catalogue.optimisers import optimisers
from parity.diagnosis.steps import explain
from parity.stepping import CHECKS, StepTrial
from parity.stepping.course import StepCell
from parity.stepping.fitted import fitted
from parity.subjects.adapters import NUMPY, Convention, Library
from reports.record import Parity

Pairs = list[tuple[Any, Any]]


class Stepper:
    """What the optimisers share: state by position, and a step of each pair."""

    def __init__(self, pairs: Pairs, lr: float) -> None:
        self.pairs, self.lr, self.t = pairs, lr, 0
        self.one, self.two = ([np.zeros_like(value) for value, _ in pairs] for _ in "12")

    def step(self) -> None:
        self.t += 1
        for (value, grad), one, two in zip(self.pairs, self.one, self.two, strict=True):
            self.move(value, grad, (one, two))

    def move(self, value: Any, grad: Any, kept: tuple[Any, Any]) -> None:
        raise NotImplementedError


def sgd(
    damped: bool = False, lonely: bool = False, mean: bool = False, ahead_always: bool = False
) -> Callable[..., Stepper]:
    class SGD(Stepper):
        def __init__(self, pairs: Pairs, lr: float, momentum: float, nesterov: bool) -> None:
            super().__init__(pairs, lr)
            self.momentum, self.nesterov = momentum, nesterov

        def move(self, value: Any, grad: Any, kept: tuple[Any, Any]) -> None:
            one, _ = kept
            shared = damped or (mean and self.t > 1)
            one[...] = self.momentum * one + (1 - self.momentum if shared and self.momentum else 1) * grad
            ahead = self.momentum * one + (0 if lonely else grad)
            value -= self.lr * (ahead if self.nesterov or (ahead_always and self.momentum) else one)

    return SGD


def aliasing(in_place: bool) -> Callable[..., Stepper]:
    """Return momentum whose first velocity is the gradient itself; it is moved on in place, or anew."""

    class Aliasing(Stepper):
        def __init__(self, pairs: Pairs, lr: float, momentum: float) -> None:
            super().__init__(pairs, lr)
            self.momentum, self.velocities = momentum, [grad for _, grad in pairs]

        def step(self) -> None:
            self.t += 1
            for at, (value, grad) in enumerate(self.pairs):
                if self.t > 1 and in_place:
                    self.velocities[at] *= self.momentum
                    self.velocities[at] += grad
                elif self.t > 1:
                    self.velocities[at] = self.momentum * self.velocities[at] + grad
                value -= self.lr * self.velocities[at]

    return Aliasing


def counting(pairs: Pairs, lr: float) -> Stepper:
    """Return Adam that counts a step for each parameter."""

    class Counting(adam()):  # type: ignore[misc]
        def step(self) -> None:
            for (value, grad), one, two in zip(self.pairs, self.one, self.two, strict=True):
                self.t += 1
                self.move(value, grad, (one, two))

    made: Stepper = Counting(pairs, lr, (0.9, 0.999), 1e-8)
    return made


def adam(
    late: int = 0,
    inside: bool = False,
    share: float | None = None,
    exchanged: bool = False,
    unrooted: bool = False,
    longer: float = 1.0,
) -> Callable[..., Stepper]:
    class Adam(Stepper):
        def __init__(self, pairs: Pairs, lr: float, betas: tuple[float, float], eps: float) -> None:
            super().__init__(pairs, lr)
            self.betas, self.eps = betas, eps

        def move(self, value: Any, grad: Any, kept: tuple[Any, Any]) -> None:
            one, two = kept
            b, c = self.betas
            one[...] = b * one + (1 - b) * grad
            two[...] = c * two + (1 - c if share is None else share) * grad**2
            by_one, by_two = (1 - beta ** (self.t + late) for beta in ((c, b) if exchanged else (b, c)))
            m, v = one / by_one, two / by_two
            root = np.sqrt(v + self.eps) if inside else np.sqrt(v) + self.eps
            value -= longer * self.lr * m / (np.sqrt(two) / by_two + self.eps if unrooted else root)

    return Adam


def decaying(first_too: bool = False, undecayed: bool = False) -> Callable[..., Stepper]:
    """Return SGD that has every option but maximise."""

    class Decaying(Stepper):
        def __init__(
            self,
            pairs: Pairs,
            lr: float,
            momentum: float,
            weight_decay: float,
            dampening: float = 0.0,
            nesterov: bool = False,
            maximize: bool = False,
        ) -> None:
            super().__init__(pairs, lr)
            self.m, self.decay, self.dampening, self.nesterov = momentum, weight_decay, dampening, nesterov
            self.sign = -1 if maximize else 1

        def move(self, value: Any, grad: Any, kept: tuple[Any, Any]) -> None:
            v, raw = kept[0], self.sign * grad
            grad = raw + self.decay * value
            v[...] = self.m * v + (1 - self.dampening * (self.t > 1 or first_too)) * grad
            value -= self.lr * ((raw if undecayed else grad) + self.m * v if self.nesterov else v)

    return Decaying


def nadam(ahead: bool = True, product: bool = True) -> Callable[..., Stepper]:
    class NAdam(Stepper):
        def __init__(self, pairs: Pairs, lr: float, betas: tuple[float, float], eps: float) -> None:
            super().__init__(pairs, lr)
            self.betas, self.eps = betas, eps

        def move(self, value: Any, grad: Any, kept: tuple[Any, Any]) -> None:
            one, two = kept
            b, c = self.betas
            mus = [b * (1 - 0.5 * 0.96 ** (0.004 * t)) for t in range(1, self.t + 2)]
            whole = np.prod(mus[:-1]) if product else mus[-2]
            one[...], two[...] = b * one + (1 - b) * grad, c * two + (1 - c) * grad**2
            m = mus[-1] * one / (1 - whole * mus[-1]) + (1 - mus[-2]) / (1 - whole) * grad
            m = m if ahead else one / (1 - whole)
            value -= self.lr * m / (np.sqrt(two / (1 - c**self.t)) + self.eps)

    return NAdam


def adamw(coupled: bool = False) -> Callable[..., Stepper]:
    class AdamW(Stepper):
        def __init__(self, pairs: Pairs, lr: float, weight_decay: float) -> None:
            super().__init__(pairs, lr)
            self.decay = weight_decay

        def move(self, value: Any, grad: Any, kept: tuple[Any, Any]) -> None:
            one, two = kept
            if coupled:
                grad = grad + self.decay * value
            else:
                value -= self.lr * self.decay * value
            one[...], two[...] = 0.9 * one + (1 - 0.9) * grad, 0.999 * two + (1 - 0.999) * grad**2
            m, v = one / (1 - 0.9**self.t), two / (1 - 0.999**self.t)
            value -= self.lr * m / (np.sqrt(v) + 1e-8)

    return AdamW


def adadelta(rated: bool = False) -> Callable[..., Stepper]:
    class Adadelta(Stepper):
        def __init__(self, pairs: Pairs, lr: float, rho: float) -> None:
            super().__init__(pairs, lr)
            self.rho = rho

        def move(self, value: Any, grad: Any, kept: tuple[Any, Any]) -> None:
            one, two = kept
            one[...] = self.rho * one + (1 - self.rho) * grad**2
            moved = np.sqrt(two + 1e-6) / np.sqrt(one + 1e-6) * grad
            two[...] = self.rho * two + (1 - self.rho) * ((self.lr if rated else 1) * moved) ** 2
            value -= self.lr * moved

    return Adadelta


def rmsprop(share: float | None = None) -> Callable[..., Stepper]:
    class RMSprop(Stepper):
        def __init__(self, pairs: Pairs, lr: float, alpha: float) -> None:
            super().__init__(pairs, lr)
            self.alpha = alpha

        def move(self, value: Any, grad: Any, kept: tuple[Any, Any]) -> None:
            one, _ = kept
            one[...] = self.alpha * one + (1 - self.alpha if share is None else share) * grad**2
            value -= self.lr * grad / (np.sqrt(one) + 1e-8)

    return RMSprop


RIGHT = {"SGD": sgd(), "Adam": adam(), "NAdam": nadam(), "AdamW": adamw(), "Adadelta": adadelta(), "RMSprop": rmsprop()}
WRONG = [
    ("SGD", "momentum-0.7", sgd(damped=True), "the gradient in the velocity is multiplied by 1 - momentum"),
    ("SGD", "momentum-0.7", sgd(mean=True), "the velocity is a mean: from the second step on"),
    ("SGD", "momentum-0.7", sgd(ahead_always=True), "the step is Nesterov's, where it is not asked for"),
    ("SGD", "momentum-0.7", aliasing(in_place=True), "the velocity is the memory of the gradient"),
    ("SGD", "momentum-0.7", aliasing(in_place=False), "the velocity is the memory of the gradient"),
    ("Adam", "plain", counting, "the steps are counted once for each parameter"),
    ("SGD", "nesterov", sgd(lonely=True), "Nesterov's step lacks the gradient"),
    ("Adam", "plain", adam(late=1), "one step late"),
    ("Adam", "eps-0.1", adam(inside=True), "eps is added under the root"),
    ("Adam", "plain", adam(share=1.0), "the factor 1 - beta2 of the squared gradient is missing"),
    ("SGD", "momentum-dampened", decaying(first_too=True), "dampening counts in the first step too"),
    ("SGD", "nesterov", decaying(undecayed=True), "Nesterov's step takes the gradient without weight_decay"),
    ("Adam", "plain", adam(exchanged=True), "each moment is corrected by the other's beta"),
    ("Adam", "plain", adam(unrooted=True), "the second moment is corrected after its root is taken"),
    ("Adam", "plain", adam(longer=1.3), "the step is 1.3 times as long as it should be"),
    (
        "Adam",
        "betas-0.5-0.9",
        adam(late=1, share=1.0),
        "two things are otherwise: the corrections of the moments are one step late: the power is the step + 1; and "
        "the factor 1 - beta2 of the squared gradient is missing",
    ),
    ("NAdam", "plain", nadam(ahead=False), "it does not look ahead"),
    ("NAdam", "betas-0.5-0.9", nadam(product=False), "the product of the momenta is not kept"),
    ("AdamW", "plain", adamw(coupled=True), "weight_decay is added to the gradient"),
    ("Adadelta", "plain", adadelta(rated=True), "the kept steps are multiplied by the learning rate"),
    ("RMSprop", "plain", rmsprop(share=1.0), "the factor 1 - alpha of the squared gradient is missing"),
]


def found(module: str, case: str, make: Callable[..., Stepper], dtype: str = "float32") -> list[Parity]:
    subject = Library("steps", {}, Convention(arrays=NUMPY), optimisers={module: make})
    page = optimisers()[module]
    (chosen,) = (one for one in page.cases if one.name == case)
    trial = StepTrial(fitted(StepCell(page, chosen, dtype=dtype), subject), subject)
    return explain(trial, list(CHECKS["values"].run(trial)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("module", "case", "make", "words"), WRONG)
def test_the_cause_is_named_first(module: str, case: str, make: Callable[..., Stepper], words: str, dtype: str) -> None:
    records = found(module, case, make, dtype)
    assert {record.verdict for record in records} == {"fail"}
    assert all(words in record.diagnosis.split(" or ")[0] for record in records), records[0].diagnosis


@pytest.mark.parametrize(("module", "case"), [(module, case) for module, case, *_ in WRONG])
def test_a_right_optimiser_is_right_there(module: str, case: str) -> None:
    records = found(module, case, decaying() if case == "momentum-dampened" else RIGHT[module])
    assert {record.verdict for record in records} <= {"pass", "same-route"}
    assert not any(record.diagnosis for record in records)


def test_what_is_none_of_these_is_not_explained() -> None:
    records = found("SGD", "plain", lambda pairs, lr: sgd()(pairs, 1.3 * lr, 0.1, nesterov=False))
    assert {record.verdict for record in records} == {"fail"}
    assert not any(record.diagnosis for record in records)


def test_a_case_is_asked_with_the_options_that_there_are() -> None:
    asked = {record.case: set(record.options) for record in found("SGD", "nesterov", sgd())}
    assert asked == {"nesterov": {"lr", "momentum", "nesterov"}}
    with pytest.raises(Exception, match="has no nesterov"):
        found("SGD", "nesterov", lambda pairs, lr, momentum: sgd()(pairs, lr, momentum, nesterov=False))
