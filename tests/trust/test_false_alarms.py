"""Correct implementations are not accused; wrong ones would be counted."""

import pytest

from parity.catalogue import pages
from parity.trust.false_alarms import false_alarms, interval, rates, run_cells
from parity.trust.mutants import find
from parity.trust.planted import MutantSubject, host
from parity.verdict.regimes import REGIMES
from reports.trust.record import FalseAlarm


def test_runs_go_through_every_regime_and_dtype() -> None:
    cells = list(run_cells(pages()["Linear"], [3, 4]))
    assert {cell.regime for cell in cells} == set(REGIMES)
    assert {cell.dtype for cell in cells} == {"float64", "float32", "bfloat16", "float16"}
    assert {cell.seed for cell in cells} == {3, 4}
    assert len(set(cells)) == len(cells)


def test_no_alternative_of_linear_is_accused() -> None:
    counts = list(false_alarms("Linear", [0]))
    assert len({count.implementation for count in counts}) >= 2
    assert sum(count.runs for count in counts) >= 24
    assert not any(count.alarms for count in counts)
    assert {type(number) for one in counts for number in (one.alarms, one.assert_close_alarms)} == {int}


def test_an_accused_implementation_is_counted() -> None:
    wrong = MutantSubject(find("Linear/dx/sign"))
    counts = list(false_alarms("Linear", [0], subjects=[wrong]))
    assert all(count.alarms == count.runs for count in counts)
    assert all(count.assert_close_alarms for count in counts)
    assert counts[0].first.endswith(" dx, seed 0")


def test_a_subject_that_lacks_the_module_makes_no_run() -> None:
    class Lacking:
        name, explains = "lacking", False

        def build(self, *_: object) -> object:
            from parity.subjects.contract import Unsupported

            raise Unsupported("nothing is there")

    assert list(false_alarms("Linear", [0], subjects=[Lacking()])) == []  # type: ignore[list-item]  # build lacks its types
    assert list(false_alarms("Linear", [0], subjects=[host()]))


def test_intervals_are_those_of_clopper_and_pearson() -> None:
    low, high = interval(0, 3000)
    assert low == 0
    assert high == pytest.approx(1 - 0.025 ** (1 / 3000))


def test_rates_pool_by_regime_and_in_all() -> None:
    counts = [
        FalseAlarm(
            implementation="a",
            module="Linear",
            regime="normal",
            dtype="float32",
            runs=10,
            alarms=1,
            assert_close_alarms=5,
        ),
        FalseAlarm(
            implementation="b",
            module="Tanh",
            regime="normal",
            dtype="float32",
            runs=10,
            alarms=0,
            assert_close_alarms=5,
        ),
        FalseAlarm(
            implementation="b",
            module="Tanh",
            regime="normal",
            dtype="float16",
            runs=20,
            alarms=0,
            assert_close_alarms=0,
        ),
    ]
    by_regime = {rate.regime: rate for rate in rates(counts)}
    assert by_regime.keys() == {"normal", "normal, float16", "all"}
    assert (by_regime["normal"].runs, by_regime["normal"].alarms, by_regime["normal"].assert_close_alarms) == (
        20,
        1,
        10,
    )
    assert (by_regime["all"].runs, by_regime["all"].alarms) == (40, 1)
