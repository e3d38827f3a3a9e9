"""The verdict on an interval, and the error rates that the self-test states."""

import math

import pytest

from perf.statistics import trust
from perf.statistics.gate import FASTER, LEVEL, SLOWER, UNCLEAR, checked, verdict
from perf.statistics.interval import Interval


@pytest.mark.parametrize(
    ("low", "high", "gate", "wanted"),
    [
        (0.90, 0.95, 1.05, FASTER),
        (0.97, 1.03, 1.05, LEVEL),
        (0.97, 0.99, 1.05, LEVEL),
        (0.80, 0.96, 1.05, LEVEL),
        (0.70, 0.90, 1.50, LEVEL),
        (0.50, 0.66, 1.50, FASTER),
        (1.01, 1.05, 1.05, LEVEL),
        (1.04, 1.06, 1.05, UNCLEAR),
        (0.50, 1.50, 1.05, UNCLEAR),
        (1.05, 1.07, 1.05, UNCLEAR),
        (1.0501, 1.07, 1.05, SLOWER),
        (1.20, 1.40, 1.50, LEVEL),
        (1.40, 1.60, 1.50, UNCLEAR),
        (1.51, 1.60, 1.50, SLOWER),
        (0.0, math.inf, 1.05, UNCLEAR),
    ],
)
def test_the_interval_alone_decides(low: float, high: float, gate: float, wanted: str) -> None:
    assert verdict(Interval(low, 1.2, high), gate) == wanted


@pytest.mark.parametrize("gate", [0.9, 0.0, -1.0, math.nan])
def test_a_gate_below_one_is_refused(gate: float) -> None:
    with pytest.raises(ValueError, match="--gate must be at least 1"):
        checked(gate)


def test_no_gate_is_allowed() -> None:
    assert checked(None) is None


NARROW = Interval(0.995, 1.0, 1.005)


def test_alarms_count_both_directions() -> None:
    intervals = [NARROW, Interval(1.06, 1.08, 1.10), Interval(0.90, 0.92, 0.94)]
    assert trust.alarms(intervals, 1.05).count == 2


def test_coverage_and_proof() -> None:
    intervals = [NARROW, Interval(1.06, 1.08, 1.10)]
    assert trust.coverage(intervals, 1.0).value == 0.5
    assert trust.proven(intervals, 1.05).count == 1


def test_no_alarm_in_485_is_bounded_by_the_rule_of_three() -> None:
    low, high = trust.Rate(0, 485).bounds
    assert low == 0.0
    assert high == pytest.approx(1 - 0.025 ** (1 / 485))  # Clopper and Pearson's bound for no event


def test_the_smallest_provable_ratio_is_the_gate_and_two_half_widths() -> None:
    assert trust.smallest_provable([NARROW] * 10, 1.05) == pytest.approx(1.05 * (1.005 / 0.995))


@pytest.mark.parametrize(
    ("half_width", "passes", "wanted"),
    [(0.009, True, "A"), (0.014, True, "B"), (0.029, True, "C"), (0.031, True, "D"), (0.009, False, "D")],
)
def test_grades(half_width: float, passes: bool, wanted: str) -> None:
    assert trust.grade([Interval(math.exp(-half_width), 1.0, math.exp(half_width))] * 5, passes) == wanted
