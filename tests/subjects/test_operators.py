"""Operators in the table of a Library: what they take, what they lack, and a wrong one is found."""

from typing import Any

import numpy as np
import pytest

from parity.catalogue import operators
from parity.contract import CHECKS
from parity.run.doctor import examine
from parity.subjects import adapters as ad
from parity.subjects.contract import Unsupported, traits
from parity.subjects.process import Limits
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial


class Times:
    """x times another array, or a number."""

    def __init__(self, number: Any = None, other: Any = None) -> None:
        self.w = None if other is None else np.zeros(other)
        self.dw, self.number = 0, number

    def forward(self, x: Any) -> Any:
        self.x = x
        return x * (self.number if self.w is None else self.w)

    def backward(self, dy: Any) -> Any:
        if self.w is None:
            return dy * self.number
        self.dw = self.dw + self.summed(dy * self.x, self.w.shape)
        return self.summed(dy * self.w, self.x.shape)

    def summed(self, value: Any, shape: Any) -> Any:
        value = value.sum(tuple(range(value.ndim - len(shape))))
        return value.sum(tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


class Swapped:
    def __init__(self, one: int, two: int) -> None:
        self.axes = one, two

    def forward(self, x: Any) -> Any:
        return x.swapaxes(*self.axes)

    def backward(self, dy: Any) -> Any:
        return dy.swapaxes(*self.axes)


def library(**table: Any) -> ad.Library:
    places = ad.attributes(other=("w", "dw"))
    modules = {f"Tensor.{name}": make for name, make in table.items()}
    return ad.Library("few", modules, ad.Convention(arrays=ad.NUMPY, places=places))


def verdicts(subject: ad.Library, module: str) -> set[str]:
    page = operators()[module]
    trials = [Trial(Cell(page, case, dtype="float64"), subject) for case in page.cases]
    return {record.verdict for trial in trials for record in CHECKS["values"].records(trial)}


def test_every_case_of_an_operator_is_run() -> None:
    subject = library(mul=Times, transpose=Swapped)
    assert traits(subject).operators
    assert not traits(ad.Library("none", {"ReLU": Times})).operators
    assert verdicts(subject, "Tensor.mul") <= {"pass", "same-route"}
    assert verdicts(subject, "Tensor.transpose") <= {"pass", "same-route"}


def test_a_wrong_operator_is_found() -> None:
    class Wrong(Times):
        def summed(self, value: Any, shape: Any) -> Any:
            return 1.001 * super().summed(value, shape)

    assert "fail" in verdicts(library(mul=Wrong), "Tensor.mul")


def test_what_it_does_not_take_is_unsupported() -> None:
    with pytest.raises(Unsupported, match=r"the Tensor.mul of few takes no \(2.5\)"):
        verdicts(library(mul=lambda *, other=None: Times(other=other)), "Tensor.mul")
    with pytest.raises(Unsupported, match=r"few has no Tensor\.add"):
        verdicts(library(mul=Times), "Tensor.add")


def test_a_misspelt_operator_is_named() -> None:
    with pytest.raises(ad.Miswritten, match=r"'Tensor.transpos', which is none; did you mean Tensor.transpose\?"):
        library(transpos=Swapped)


def test_the_doctor_looks_at_operators(tmp_path: Any) -> None:
    source = "from parity.subjects.adapters import NUMPY, Convention, Library, none\n" + (
        "class Swapped:\n"
        "    def __init__(self, one, two): self.axes = one, two\n"
        "    def forward(self, x): return x.swapaxes(*self.axes)\n"
        "    backward = forward\n"
        "subject = Library('few', {'Tensor.transpose': Swapped}, Convention(arrays=NUMPY, places=none()))\n"
    )
    (tmp_path / "adapter.py").write_text(source, encoding="utf-8")
    lines, healthy = examine(str(tmp_path / "adapter.py"), Limits(), ["Tensor.transpose,Linear"])
    assert healthy
    assert "  Tensor.transpose: 2 cells run, none fails" in lines
