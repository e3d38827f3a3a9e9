"""A layer of NumPy's arrays whose ways can be changed, and what a check says of it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects import adapters as ad
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial


class Dense:
    """A layer whose ways are changed by what it is given."""

    none: Any = None  # what the gradients are before the first backward
    row = (-1,)  # the shape of the bias
    db_row = (-1,)  # that of its gradient
    slip = 1.0

    def __init__(self, in_features: int, out_features: int) -> None:
        self.W, self.b = np.zeros((out_features, in_features)), np.zeros(out_features).reshape(self.row)
        if self.none != "absent":
            self.dW = self.db = self.none

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.W.T + self.b.reshape(-1)

    def backward(self, dy: Any) -> Any:
        rows, drows = self.x.reshape(-1, self.W.shape[1]), dy.reshape(-1, len(self.W))
        self.dW = self.slip * drows.T @ rows + self.held("dW")
        self.db = drows.sum(0).reshape(self.db_row) + self.held("db")
        return dy @ self.W

    def held(self, name: str) -> Any:
        kept = getattr(self, name, None)
        return 0 if kept is None else kept

    def zero_grad(self) -> None:
        if self.none == "absent":
            vars(self).pop("dW", None), vars(self).pop("db", None)
        else:
            self.dW = self.db = self.none

    def param(self) -> Any:
        return [(self.b, self.db), (self.W, self.dW)]


def subject_of(layer: Callable[..., Any], places: Any, **rest: Any) -> ad.Library:
    return ad.Library("strange", {"Linear": layer}, ad.Convention(places=places, arrays=ad.NUMPY, **rest))


def found(subject: Any, check: str, module: str = "Linear", dtype: str = "float32") -> tuple[dict[str, str], Any]:
    page = pages()[module]
    judged, error = CHECKS[check].judged(Trial(Cell(page, page.cases[0], check, dtype=dtype), subject))
    return {one.record.quantity: one.record.verdict for one in judged}, error
