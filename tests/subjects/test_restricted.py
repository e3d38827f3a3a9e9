"""A library that has less than torch is asked what it has: none of its faults hides behind what it lacks."""

from collections.abc import Iterable
from functools import cache

import pytest

from parity.catalogue import pages, written
from parity.catalogue.page import Page
from parity.contract import CHECKS
from parity.run.planning import plan, plans
from parity.subjects.contract import Unsupported
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from tests.subjects.restricted import CONV, FAULTS, LIBRARIES, TRANSPOSED, Restricted

NOT_THERE = {("float32 without dilation", "dX of dilation"), ("float32 without dilation", "dW of dilation with stride")}


@cache
def planned(library: str, module: str) -> Page:
    return plan(Restricted(LIBRARIES[library]), written()[module], {}).page


def value_cells(page: Page) -> list[Cell]:
    """Return the value cells in float32 of plain size first."""
    found = [cell for cell in cells(page, [CHECKS["values"]], ["cpu"], 0) if cell.dtype == "float32"]
    return sorted(found, key=lambda cell: (cell.regime != "normal", cell.cotangent != 1, cell.case.large))


def failing(subject: Restricted, asked: Iterable[Cell]) -> Iterable[str]:
    """Yield every failing quantity with its case."""
    for cell in asked:
        try:
            records = CHECKS[cell.check].records(Trial(cell, subject))
        except Unsupported:
            continue
        yield from (f"{cell} {record.quantity}" for record in records if record.verdict not in ("pass", "same-route"))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_reported(library: str, name: str) -> None:
    if (library, name) in NOT_THERE:
        return
    fault = FAULTS[name]
    subject = Restricted(LIBRARIES[library], fault)
    first = next(iter(failing(subject, value_cells(planned(library, fault.module)))), "")
    assert first.endswith(fault.quantity)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("module", [CONV, TRANSPOSED])
def test_an_honest_library_is_accused_nowhere(library: str, module: str) -> None:
    asked = cells(planned(library, module), CHECKS.values(), ["cpu"], 0)
    assert list(failing(Restricted(LIBRARIES[library]), asked)) == []


def test_without_a_plan_the_faults_are_missed() -> None:
    """The cases by hand have stride and padding together only with what the library lacks: this was seen."""
    subject = Restricted(LIBRARIES["integers"], FAULTS["dX of stride with padding"])
    page = planned("integers", CONV)
    by_hand = [cell for cell in value_cells(page) if cell.case in written()[CONV].cases or cell.case is page.cases[0]]
    assert len(by_hand) > 10
    assert list(failing(subject, by_hand)) == []


@pytest.mark.parametrize(
    ("library", "wide"),
    [("integers", "plain"), ("never a bias", "bias False"), ("float32 without dilation", "plain")],
)
def test_the_plainest_that_a_library_has_is_drawn_widely(library: str, wide: str) -> None:
    first, second, *_ = planned(library, CONV).cases
    assert first.name == wide
    assert first.widely
    assert second.widely  # of all its options at once


def test_what_was_never_met_is_said_with_the_reason() -> None:
    catalogue = {name: pages()[name] for name in (CONV, "ReLU")}
    _, sentences = plans(Restricted(LIBRARIES["integers"]), catalogue, {})
    assert len(sentences) == 1
    assert sentences[0].startswith("restricted: Conv2d was never met with stride 2x1, padding 0x1")
    assert "groups 2 (it has no groups)" in sentences[0]
    assert "bias False (it always has a bias)" in sentences[0]
    assert "stride 3" not in sentences[0]


def test_a_case_by_hand_is_asked_as_the_library_has_it() -> None:
    large = [case for case in planned("never a bias", CONV).cases if case.large]
    assert [case.name for case in large] == ["large-batch, bias False", "large-image, bias False"]
    assert all(case.options["bias"] is False for case in large)


def test_cases_that_are_refused_are_not_planned() -> None:
    names = [case.name for case in planned("integers", CONV).cases]
    assert {"stride 2", "padding 3", "stride 2, padding 1", "stride 2, kernel_size 1"} <= set(names)
    assert not any("groups" in name or "0x1" in name or "bias" in name for name in names)
