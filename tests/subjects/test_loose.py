"""Libraries that keep a promise in appearance alone: each is found."""

from collections.abc import Callable
from typing import Any

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.contract import Unsupported
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from tests.subjects.test_partly import Partly


def failing(change: Callable[[Any], None], check: str) -> set[str]:
    page = pages()["Linear"]
    case = next(case for case in page.cases if case.widely)
    judged, _ = CHECKS[check].judged(Trial(Cell(page, case, check), Partly(change)))
    return {one.record.quantity for one in judged if one.fails}


def loads_nothing(built: Any) -> None:
    state = built.state_dict
    built.state_dict = lambda: {name: value.clone() for name, value in state().items()}
    built.load_state_dict = lambda _: None


def forgets_gradients(built: Any) -> None:
    forward, gradients, calls = built.forward, built.gradients, []
    built.forward = lambda *inputs: (calls.append(1), forward(*inputs))[1]
    built.gradients = lambda: gradients() if len(calls) < 2 else {}


def unsupported_backward(built: Any) -> None:
    def backward(_: object) -> None:
        raise Unsupported("no backward")

    forward = built.forward
    built.forward, built.backward = lambda *inputs: 3 * forward(*inputs), backward


@pytest.mark.parametrize(
    ("change", "check", "quantity"),
    [
        (loads_nothing, "state", "output"),
        (forgets_gradients, "keeps-gradients", "dweight"),
        (unsupported_backward, "values", "output"),
    ],
)
def test_it_is_found(change: Callable[[Any], None], check: str, quantity: str) -> None:
    assert quantity in failing(change, check)


def test_options_are_not_asked_where_nothing_is_built_without_parameters() -> None:
    class Needy(Partly):
        def build(self, module: str, options: Any, parameters: Any, *rest: Any) -> Any:
            assert "weight" in parameters
            return super().build(module, options, parameters, *rest)

    page = pages()["Linear"]
    judged, _ = CHECKS["refuses"].judged(Trial(Cell(page, page.cases[0], "refuses"), Needy(lambda _: None)))
    asked = {one.record.quantity for one in judged}
    assert "integers" in asked
    assert "no inputs" not in asked
