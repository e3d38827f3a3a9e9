"""What an exception of a library is told as, where the message of torch says nothing of what the library did."""

from typing import Any

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.adapters import Convention, Library, none
from parity.verdict.cell import Cell
from parity.verdict.reading import said
from parity.verdict.trial import Trial


class WritesIntoItsInput:
    def forward(self, x: Any) -> Any:
        self.positive = x > 0
        return x.clamp_(min=0)

    def backward(self, dy: Any) -> Any:
        return dy * self.positive


class ViewsItsInput:
    def forward(self, x: Any) -> Any:
        self.positive = x.view(-1) > 0
        return x.relu()

    def backward(self, dy: Any) -> Any:
        return dy * self.positive.view(dy.shape)


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        (WritesIntoItsInput, "that is, it writes into what it was given"),
        (ViewsItsInput, "that is, it takes as contiguous what is not"),
    ],
    ids=["writes", "views"],
)
def test_a_message_of_torch_is_told_with_what_it_means(kind: Any, means: str) -> None:
    page = pages()["ReLU"]
    subject = Library("careless", {"ReLU": kind}, Convention(places=none()))
    _, error = CHECKS["layouts"].judged(Trial(Cell(page, page.cases[0], "layouts"), subject))
    assert error
    assert means in said(error)
    judged, error = CHECKS["values"].judged(Trial(Cell(page, page.cases[0], "values"), subject))
    assert judged
    assert error is None
