"""Layers that are right in each mode by itself, and wrong once the mode has changed."""

from typing import Any

import numpy as np
import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.subjects.adapters import FLOAT64_NUMPY, Convention, Library, attributes, none
from parity.subjects.contract import Subject, Unsupported
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.record import Parity

NUMBERS = np.random.default_rng(0)


class Drop:
    """Dropout whose backward asks for no mode: right."""

    def __init__(self, p: float) -> None:
        self.keep, self.training = 1 - p, True

    def forward(self, x: Any) -> Any:
        self.m = (NUMBERS.random(x.shape) < self.keep) / (self.keep or 1) if self.training else 1.0
        return x * self.m

    def backward(self, dy: Any) -> Any:
        return dy * self.m


class MaskOfBefore(Drop):
    """Evaluation makes no mask, and so leaves that of the last training."""

    m: Any = 1.0

    def forward(self, x: Any) -> Any:
        return super().forward(x) if self.training else x


class BatchNorm:
    """A batch norm of rows: right."""

    def __init__(self, n: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.eps, self.momentum, self.training = eps, momentum, True
        self.w, self.b, self.dw, self.db = np.ones(n), np.zeros(n), np.zeros(n), np.zeros(n)
        self.running_mean, self.running_var = np.zeros(n), np.ones(n)

    def statistics(self, x: Any) -> Any:
        if not self.training:
            return self.running_mean, self.running_var
        mean, var, m = x.mean(0), x.var(0), self.momentum
        self.running_mean = (1 - m) * self.running_mean + m * mean
        self.running_var = (1 - m) * self.running_var + m * var * len(x) / (len(x) - 1)
        return mean, var

    def forward(self, x: Any) -> Any:
        mean, var = self.statistics(x)
        self.of_batch, self.deviation = self.training, np.sqrt(var + self.eps)
        self.z = (x - mean) / self.deviation
        return self.w * self.z + self.b

    def backward(self, dy: Any) -> Any:
        self.dw += (dy * self.z).sum(0)
        self.db += dy.sum(0)
        g = dy * self.w
        return (g - g.mean(0) - self.z * (g * self.z).mean(0) if self.of_batch else g) / self.deviation


class TrainedForGood(BatchNorm):
    """Once it was trained, it goes back as in training."""

    trained = False

    def backward(self, dy: Any) -> Any:
        self.trained |= self.training
        self.of_batch = self.trained
        return super().backward(dy)


class RefusesToGoBack(BatchNorm):
    """Evaluation has no backward: its own cells say so, and no other."""

    def backward(self, dy: Any) -> Any:
        if not self.training:
            raise RuntimeError("no backward in evaluation")
        return super().backward(dy)


class NeverTrainedAgain(Drop):
    """Its evaluation is for good."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value and getattr(self, "training", True) if name == "training" else value)


def dropping(kind: type[Drop]) -> Subject:
    return Library("drops", {"Dropout": kind}, Convention(arrays=FLOAT64_NUMPY, places=none()))


def normalising(kind: type[BatchNorm]) -> Subject:
    made = lambda num_features, eps=1e-5, momentum=0.1: kind(num_features, eps, momentum)  # noqa: E731
    places = attributes(weight=("w", "dw"), bias=("b", "db"))
    return Library("norms", {"BatchNorm1d": made}, Convention(arrays=FLOAT64_NUMPY, places=places))


def asked(subject: Subject, module: str, check: str) -> list[Parity]:
    """Return what fails of the cases of two axes that the library has."""
    found: list[Parity] = []
    for cell in cells(pages()[module], [CHECKS[check]], ["cpu"], 0):
        wanted = cell.case.widely and cell.regime == "normal" and cell.dtype == "float32" and cell.cotangent == 1
        if not wanted or (module == "BatchNorm1d" and len(cell.case.x) != 2):
            continue
        trial = Trial(cell, subject)
        judged, error = CHECKS[check].judged(trial)
        if not isinstance(error, Unsupported):
            found += [one for one in explain(trial, judged) if one.verdict in ("fail", "error")]
            assert judged
    return found


@pytest.mark.parametrize(
    ("subject", "module"), [(dropping(Drop), "Dropout"), (normalising(BatchNorm), "BatchNorm1d")], ids=["drop", "norm"]
)
def test_what_is_right_passes(subject: Subject, module: str) -> None:
    assert asked(subject, module, "changes-mode") == []


@pytest.mark.parametrize(
    ("subject", "module", "quantity", "words"),
    [
        (dropping(MaskOfBefore), "Dropout", "dx", "what the call before, in training, drew is used again"),
        (normalising(TrainedForGood), "BatchNorm1d", "dx", "right in a first call, wrong in a later one"),
        (dropping(NeverTrainedAgain), "Dropout", "output", "as in evaluation: the change of the mode is not heeded"),
    ],
    ids=["mask of before", "trained for good", "never trained again"],
)
def test_what_remembers_the_other_mode_is_seen_by_this_check_alone(
    subject: Subject, module: str, quantity: str, words: str
) -> None:
    assert asked(subject, module, "values") == []
    found = asked(subject, module, "changes-mode")
    assert quantity in {one.quantity for one in found}
    assert all(one.aspect == "numbers" and "after a call in" in one.detail for one in found)
    assert all(words in one.diagnosis for one in found if one.quantity == quantity), found


def test_an_evaluation_without_backward_is_told_by_its_own_cells() -> None:
    subject = normalising(RefusesToGoBack)
    assert {one.case for one in asked(subject, "BatchNorm1d", "values")} == {"evaluation"}
    assert {one.case for one in asked(subject, "BatchNorm1d", "changes-mode")} <= {"evaluation"}
