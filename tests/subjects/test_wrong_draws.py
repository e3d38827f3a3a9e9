"""A library that drops wrongly is told so once, and told what it does."""

import numpy as np
import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.subjects.adapters import FLOAT64_NUMPY, Convention, Library, none
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial

EXCHANGED = "p and 1 - p are exchanged: as many are kept as should be dropped"
CASES = ("p 0.0", "p 0.1", "p 0.9")


class Dropping:
    """Dropout; `kept` says of a number between 0 and 1 whether its element is kept."""

    def __init__(self, p: float = 0.5) -> None:
        self.p, self.training = p, True

    def kept(self, drawn: np.ndarray) -> np.ndarray:
        return drawn >= self.p

    def forward(self, x: np.ndarray) -> np.ndarray:
        if not self.training:
            return x
        self.mask = self.kept(np.random.default_rng(3).random(x.shape)) / (1 - self.p)
        return x * self.mask

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * self.mask if self.training else dy


class Exchanged(Dropping):
    def kept(self, drawn: np.ndarray) -> np.ndarray:
        return drawn < self.p


class All(Dropping):
    def kept(self, drawn: np.ndarray) -> np.ndarray:
        return drawn >= 0


class Nothing(Dropping):
    def kept(self, drawn: np.ndarray) -> np.ndarray:
        return drawn < 0


class OneForAll(Dropping):
    def kept(self, drawn: np.ndarray) -> np.ndarray:
        row = np.arange(drawn[0].size) % 2 == 0
        return np.broadcast_to(row.reshape(drawn[:1].shape), drawn.shape)


def switch(layer: Dropping, training: bool) -> None:
    layer.training = training


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Dropping, [[], [], []]),
        (Exchanged, [[EXCHANGED]] * 3),
        (Nothing, [[EXCHANGED], ["everything is dropped"], ["everything is dropped"]]),
        (OneForAll, [["one draw serves all samples: they are kept and dropped together"]] * 3),
        (All, [[], ["nothing is dropped"], ["nothing is dropped"]]),
    ],
)
def test_what_drops_wrongly_is_told_once(kind: type[Dropping], said: list[list[str]]) -> None:
    subject = Library("drops", {"Dropout": kind}, Convention(arrays=FLOAT64_NUMPY, places=none(), mode=switch))
    page = pages()["Dropout"]
    for name, wanted in zip(CASES, said, strict=True):
        case = next(case for case in page.cases if case.name == name)
        trial = Trial(Cell(page, case, "values", dtype="float64"), subject)
        judged, error = CHECKS["values"].judged(trial)
        assert error is None
        wrong = [one for one in explain(trial, judged) if one.verdict not in ("pass", "same-route")]
        assert [one.quantity for one in wrong] == ["drawn numbers"] * len(wanted)
        assert [one.diagnosis for one in wrong] == wanted


def test_what_is_no_number_is_not_read_as_kept() -> None:
    """Where all is dropped, 0 / 0 is: the numbers are wrong, and nothing is said of the draw."""
    subject = Library("drops", {"Dropout": Dropping}, Convention(arrays=FLOAT64_NUMPY, places=none(), mode=switch))
    page = pages()["Dropout"]
    case = next(case for case in page.cases if case.name == "all dropped")
    with np.errstate(all="ignore"):
        trial = Trial(Cell(page, case, "values", dtype="float64"), subject)
        judged, error = CHECKS["values"].judged(trial)
        found = explain(trial, judged)
    assert error is None
    assert [(one.quantity, one.verdict) for one in found] == [("output", "fail"), ("dx", "fail")]
    assert not any("factor" in one.diagnosis for one in found)
