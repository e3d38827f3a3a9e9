"""The compiled framework as a subject: what is judged of it is compiled code, which is made once for equal modules."""

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.contract import Unsupported
from parity.subjects.framework_compiled import CompiledSubject
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial


def test_compiled_code_is_judged_and_made_once() -> None:
    subject, page = CompiledSubject(), pages()["Linear"]
    case = page.cases[0]
    for seed in range(3):  # the first of a signature is the module's own
        records = CHECKS["values"].records(Trial(Cell(page, case, "values", seed=seed), subject))
        assert {record.verdict for record in records} <= {"pass", "same-route"}
        assert {"output", "dx", "weight"} & {record.quantity.removeprefix("d") for record in records}
    (made,) = subject.made.values()
    assert len(made._pieces.made) == 2  # a forward and a backward


def test_what_cannot_be_compiled_is_a_lack() -> None:
    page = pages()["LSTM"]
    with pytest.raises(Unsupported, match="compile: module must be a Layer"):
        Trial(Cell(page, page.cases[0], "values"), CompiledSubject()).build()
