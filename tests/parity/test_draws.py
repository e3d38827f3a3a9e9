"""A cell whose draw proves too little is drawn again: what is wrong in any of its draws is reported."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from parity.catalogue import pages
from parity.contract.numbers import values
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.trial import Judged, Trial

PAGE = pages()["Softmax"]
SEEDS = 40


class WrongFrom:
    """The framework's module; from the n-th that is built on, one quantity is twice what it should be, or it raises."""

    name, explains = "wrong-from", False

    def __init__(self, first: int, quantity: str, raises: bool = False) -> None:
        self.first, self.quantity, self.raises, self.built = first, quantity, raises, 0

    def build(self, *arguments):
        self.built += 1
        built, wrong = load("framework").build(*arguments), self.built >= self.first

        def spoiled(name, value):
            if wrong and name == self.quantity and self.raises:
                raise ArithmeticError("it raises in this draw")
            return value * 2 if wrong and name == self.quantity else value

        return SimpleNamespace(
            forward=lambda *inputs: spoiled("output", built.forward(*inputs)),
            backward=lambda dy: spoiled("dx", built.backward(dy)),
            gradients=built.gradients,
            zero_grad=built.zero_grad,
        )


def weak_in_its_first_draw(seed: int) -> list[str]:
    """Return the quantities of the cell of this seed that its first draw leaves open."""
    trial = Trial(cell(seed), load("framework"))
    return [one.record.quantity for one, words in values.judged(trial, 0) if words]


def cell(seed: int) -> Cell:
    return replace(Cell(PAGE, PAGE.cases[0]), dtype="bfloat16", regime="offset", seed=seed)


@pytest.fixture(scope="module")
def redrawn() -> tuple[Cell, str, str]:
    """Return a cell that is drawn again, the quantity that this is for, and the one that its first draw settled."""
    for seed in range(SEEDS):
        weak = weak_in_its_first_draw(seed)
        if len(weak) == 1:
            return cell(seed), weak[0], ({"output", "dx"} - set(weak)).pop()
    raise AssertionError("no seed leaves one quantity open")


def run(asked: Cell, subject: object) -> dict[str, Judged]:
    found = list(values.run(Trial(asked, subject)))
    assert len({one.record.quantity for one in found}) == len(found)
    return {one.record.quantity: one for one in found}


def test_an_honest_subject_agrees_in_every_quantity(redrawn):
    found = run(redrawn[0], WrongFrom(99, "output"))
    assert {one.record.verdict for one in found.values()} <= {"pass", "same-route"}
    assert found.keys() == {"output", "dx"}


@pytest.mark.parametrize("which", [1, 2], ids=["the one left open", "the one settled before"])
def test_what_is_wrong_in_the_second_draw_alone_is_reported(redrawn, which):
    asked, quantity = redrawn[0], redrawn[which]
    record = run(asked, WrongFrom(2, quantity))[quantity].record
    assert record.verdict == "fail"
    assert record.detail.startswith("draw 2 of the cell: ")
    assert record.seed == asked.seed


def test_what_is_wrong_in_the_first_draw_stays_wrong(redrawn):
    record = run(redrawn[0], WrongFrom(1, redrawn[2]))[redrawn[2]].record
    assert (record.verdict, record.detail.startswith("draw")) == ("fail", False)


def test_an_exception_in_the_second_draw_is_reported_and_hides_nothing(redrawn):
    asked, _, settled = redrawn
    found = run(asked, WrongFrom(2, "dx", raises=True))
    assert found["dx"].record.verdict == "error"
    assert "it raises in this draw" in found["dx"].record.detail
    judged = []
    with pytest.raises(ArithmeticError, match="in this draw"):  # noqa: PT012 - what comes before it is kept
        for one in values.run(Trial(asked, WrongFrom(2, "output", raises=True))):
            judged.append(one.record.quantity)  # noqa: PERF401 - as above
    assert judged == [settled]
