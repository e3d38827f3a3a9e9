"""The plan covers what it promises, and its exclusions are alive."""

from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import product

import pytest
import torch

from parity.catalogue import pages, written
from parity.catalogue.page import Page
from parity.contract import CHECKS
from parity.contract.numbers.values import COTANGENTS
from parity.verdict import arithmetic
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.check import laid_out
from parity.verdict.compare import compare
from parity.verdict.plan import cells, coordinates
from parity.verdict.regimes import REGIMES
from parity.verdict.trial import evidence


@pytest.mark.parametrize("page", pages().values(), ids=lambda page: page.module)
def test_every_module_meets_every_regime_dtype_scale_and_check(page: Page) -> None:
    planned = list(cells(page, CHECKS.values(), ["cpu"], 0))
    assert len({str(cell) for cell in planned}) == len(planned)
    of_values = [cell for cell in planned if cell.check == "values"]
    assert {(cell.dtype, cell.regime) for cell in of_values} >= set(
        product(DTYPES, REGIMES if page.network is None else ["normal"])
    )
    assert {cell.cotangent for cell in of_values} == set(COTANGENTS if page.network is None else [1.0])
    assert {cell.check for cell in planned} == {
        check.name for check in CHECKS.values() if any(check.concerns(page, case) for case in page.cases)
    }
    assert page.refusals
    assert page.timings or page.network


def test_of_a_network_the_regimes_are_asked_of_its_modules() -> None:
    networks = [page for page in pages().values() if page.network is not None]
    assert len(networks) == 4
    for page in networks:
        assert all(case.one_regime for case in page.cases if case.widely)
        assert {
            node.of for case in page.cases for node in page.network(**case.options).modules.values()
        } <= pages().keys()


def test_a_check_is_asked_only_where_it_says() -> None:
    planned = [cell for page in pages().values() for cell in cells(page, CHECKS.values(), ["cpu"], 0)]
    assert all(CHECKS[cell.check].concerns(cell.page, cell.case) for cell in planned)
    kinked = {page.module for page in pages().values() if page.kinks}
    assert {cell.page.module for cell in planned if cell.check == "kinks"} == kinked
    assert {cell.regime for cell in planned if cell.check == "kinks"} == {"ties"}
    assert {cell.dtype for cell in planned if cell.check == "exact"} == set(DTYPES)


@pytest.mark.parametrize("page", pages().values(), ids=lambda page: page.module)
def test_one_case_that_is_not_drawn_widely_meets_every_dtype_and_layout(page: Page) -> None:
    by_hand = {case.name for case in written()[page.module].cases}
    crossed = [case for case in page.cases if case.crossed]
    assert len([case for case in crossed if case.name not in by_hand]) == (page.space is not None)
    for one in crossed:
        assert not one.widely
        asked = [check for check in CHECKS.values() if not check.trait]
        planned = [cell for cell in cells(page, asked, ["cpu"], 0) if cell.case is one]
        assert {cell.dtype for cell in planned if cell.check == "values"} == set(DTYPES)
        assert {cell.check for cell in planned} == ({"values", "layouts"} if laid_out(page, one) else {"values"})
    assert crossed


def test_a_large_case_is_compared_once() -> None:
    planned = [cell for page in pages().values() for cell in cells(page, CHECKS.values(), ["cpu"], 0)]
    large = [cell for cell in planned if cell.case.large]
    assert {(cell.check, cell.dtype, cell.regime) for cell in large} == {("values", "float32", "normal")}
    assert len(large) == len({(cell.page.module, cell.case.name) for cell in large})


def test_the_cheapest_checks_come_first() -> None:
    costs = [check.cost for check in CHECKS.values()]
    assert costs == sorted(costs)
    assert next(iter(CHECKS)) == "values"


def nothing_is_proved(cell: Cell, quantity: str) -> bool:
    """Return whether no true value is finite, or zeros pass, or what another draw gives."""
    at, u = evidence(cell), arithmetic.of(cell.torch_dtype, cell.device).storage
    reference, other = at.reference[quantity], evidence(replace(cell, seed=cell.seed + 1)).reference[quantity]
    answers = [torch.zeros_like(reference), other] if at.truth[quantity].isfinite().any() else []
    judged = [compare(answer, reference, at.truth[quantity], at.gauges[quantity], u).verdict for answer in answers]
    return not judged or not {"pass", "same-route"}.isdisjoint(judged)


@pytest.mark.parametrize(
    ("page", "pattern"),
    [(page, pattern) for page in pages().values() for pattern in page.degenerate],
    ids=lambda value: getattr(value, "module", value),
)
def test_an_exclusion_matches_a_cell_that_proves_nothing(page: Page, pattern: str) -> None:
    """The draw decides whether a case is degenerate, so many seeds may be needed to meet one: the rarest is so in 1.5 %
    of its cells."""
    matching = (
        (cell, quantity)
        for seed in range(200)
        for cell in cells(page, [CHECKS["values"]], ["cpu"], seed)
        if fnmatchcase(coordinates(cell, ""), f"{pattern.rsplit(' ', 1)[0]} ")
        for quantity in evidence(cell).truth
        if fnmatchcase(coordinates(cell, quantity), pattern)
    )
    assert any(nothing_is_proved(cell, quantity) for cell, quantity in matching)
