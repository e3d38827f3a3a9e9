"""What is wrong with the gradient of an operator's second operand is named, whichever way the operand broadcasts."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from torch import Tensor

from parity.catalogue import operators
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.subjects.tape import subject
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.parity.looks import heading
from reports.record import Parity

Expression = Callable[[Tensor, Tensor, Tensor], Tensor]  # of dy, x and the other operand, before it is summed
FAULTS: Mapping[str, tuple[str, Expression, str]] = {
    "its own value": ("mul", lambda dy, _, other: dy * other, "it is dy · other in place of dy · x"),
    "the cotangent alone": ("mul", lambda dy, x, _: dy.expand(x.shape), "it is dy in place of dy · x"),
    "no cotangent": ("mul", lambda dy, x, _: x.expand(dy.shape), "the cotangent is taken as ones"),
    "not squared": ("div", lambda dy, x, other: -dy * x / other, "it is -dy · x / other in place of -dy · x / other²"),
    "that of a product": ("div", lambda dy, x, _: dy * x, "it is dy · x in place of -dy · x / other²"),
    "positive": ("div", lambda dy, x, other: dy * x / other**2, "the sign is wrong"),
}


class Built:
    """The tape's operator, the gradient of its second operand put in place of its own."""

    def __init__(self, built: Any, other: Tensor, expression: Expression) -> None:
        self.built, self.other, self.expression = built, other, expression

    def forward(self, x: Tensor) -> Any:
        self.x = x
        return self.built.forward(x)

    def backward(self, dy: Tensor) -> Any:
        self.dy = dy
        return self.built.backward(dy)

    def gradients(self) -> Mapping[str, Any]:
        return {"other": self.expression(self.dy, self.x, self.other).sum_to_size(self.other.shape)}

    def zero_grad(self) -> None:
        self.built.zero_grad()


class Library:
    name, explains = "operators", False

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def build(self, module: str, options: Any, parameters: Mapping[str, Tensor], *where: Any) -> Any:
        built = subject.build(module, options, parameters, *where)
        return Built(built, parameters["other"], self.expression) if parameters else built


@pytest.mark.parametrize("name", FAULTS)
def test_the_second_operand_is_explained(name: str) -> None:
    operator, expression, words = FAULTS[name]
    values: list[Parity] = []
    for cell in cells(operators()[f"Tensor.{operator}"], [CHECKS["values"]], ["cpu"], 0):
        if cell.dtype == "float32" and cell.cotangent == 1 and "other" in str(cell.case.options):
            trial = Trial(cell, Library(expression))
            judged, _ = CHECKS["values"].judged(trial)
            values += explain(trial, [one for one in judged if one.record.quantity == "dother"])
    wrong = [record for record in values if record.verdict == "fail"]
    assert len(wrong) > 6
    assert heading(wrong, values).startswith(f"It looks like this: {words}"), heading(wrong, values)
