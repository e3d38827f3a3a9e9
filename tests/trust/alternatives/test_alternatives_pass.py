"""Every module has right implementations besides the framework and torch's default path, and none is accused."""

from dataclasses import replace

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.contract.numbers import values
from parity.subjects.contract import Subject, Unsupported
from parity.trust.alternatives import SUBJECTS
from parity.trust.false_alarms import RIGHT
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial

SAMPLE = [
    cell
    for page in pages().values()
    for cell in cells(page, [CHECKS["values"]], ["cpu"], 0)
    if cell.dtype == "float32" and cell.case.widely and cell.cotangent == 1 and cell.regime in ("normal", "special")
]


def wrong(cell: Cell, subject: Subject) -> list[str]:
    """Return what the verdict has against the subject, but for what it has against the case."""
    judged = values.CHECK.records(Trial(cell, subject))
    assert judged
    accused = [record for record in judged if record.verdict not in RIGHT]
    return [f"{record.quantity}: {record.detail}" for record in accused if "proves nothing" not in record.detail]


def implementations(cell: Cell) -> list[Subject]:
    """Return the alternatives that have the module of this cell."""
    having = []
    for subject in SUBJECTS:
        try:
            Trial(cell, subject).build()
        except Unsupported:
            continue
        having.append(subject)
    return having


@pytest.mark.parametrize("module", pages())
def test_a_module_with_parameters_has_two_of_them_and_none_is_torch(module: str) -> None:
    page = pages()[module]
    having = implementations(Cell(page, page.cases[0]))
    own = {subject.name for subject in having if not getattr(subject, "wraps_torch", False)}
    assert len(own) >= 2 or not list(page.reference(**page.cases[0].options).parameters())


def test_names_differ() -> None:
    assert len({subject.name for subject in SUBJECTS}) == len(SUBJECTS)


@pytest.mark.parametrize("module", pages())
def test_no_alarm_in_a_sample(module: str) -> None:
    of_module = [cell for cell in SAMPLE if cell.page.module == module]
    assert of_module
    for cell in of_module:
        for subject in implementations(cell):
            assert not wrong(cell, subject), (subject.name, str(cell))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
@pytest.mark.parametrize("module", pages())
def test_no_alarm_in_other_dtypes(module: str, dtype: str) -> None:
    page = pages()[module]
    cell = replace(Cell(page, page.cases[0]), dtype=dtype)
    for subject in implementations(cell):
        assert not wrong(cell, subject), subject.name


@pytest.mark.parametrize("check", ["accumulates", "needs-forward", "deterministic", "leaves-alone", "remembers-last"])
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_they_keep_the_contract(subject: Subject, check: str) -> None:
    for page in pages().values():
        cell = Cell(page, page.cases[0], check)
        draws = CHECKS[check].repeats and page.draws(page.cases[0])
        if subject in implementations(cell) and not draws:
            records = CHECKS[check].records(Trial(cell, subject))
            assert all(record.verdict in RIGHT for record in records), records


def test_a_dtype_that_nothing_is_wider_than_is_unsupported() -> None:
    page = pages()["Linear"]
    in_float64 = next(subject for subject in SUBJECTS if subject.name == "in-float64")
    with pytest.raises(Unsupported, match="a dtype wider than"):
        Trial(Cell(page, page.cases[0], dtype="float64"), in_float64).build()
