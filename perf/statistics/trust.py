"""How far the method may be trusted on this machine: error rates with their bounds, and a grade."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from parity.signed_rank import LEVEL
from perf.statistics.gate import SLOWER, verdict
from perf.statistics.interval import Interval

POWER = 0.90  # with which a difference counts as provable
# Half-width that 90 % of the comparisons stay below, for each grade; D is anything wider, or a self-test that failed.
GRADES = {"A": 0.010, "B": 0.015, "C": 0.030}


@dataclass(frozen=True)
class Rate:
    """How many of how many, with the exact two-sided 95 % bounds (Clopper & Pearson 1934)."""

    count: int
    of: int

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else math.nan

    @property
    def bounds(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        ends = binomtest(self.count, self.of).proportion_ci(LEVEL, "exact")
        return float(ends.low), float(ends.high)

    def __str__(self) -> str:
        low, high = self.bounds
        return f"{self.count} of {self.of} = {self.value:.1%} [{low:.1%}, {high:.1%}]"


def alarms(intervals: Sequence[Interval], gate: float) -> Rate:
    """Return how many comparisons of equals were called slower, in either direction."""
    swapped = [Interval(1 / one.high, 1 / one.ratio, 1 / one.low) for one in intervals if one.low > 0]
    called = sum(verdict(one, gate) == SLOWER for one in [*intervals, *swapped])
    return Rate(called, len(intervals))


def coverage(intervals: Sequence[Interval], truth: float) -> Rate:
    """Return how many intervals hold the true ratio."""
    return Rate(sum(one.holds(truth) for one in intervals), len(intervals))


def proven(intervals: Sequence[Interval], above: float) -> Rate:
    """Return how many intervals lie wholly above a ratio."""
    return Rate(sum(one.low > above for one in intervals), len(intervals))


def width_at(intervals: Sequence[Interval], share: float = POWER) -> float:
    """Return the half-width that `share` of the intervals do not exceed."""
    return float(np.quantile([one.half_width for one in intervals], share)) if intervals else math.inf


def smallest_provable(intervals: Sequence[Interval], gate: float) -> float:
    """Return the least true ratio whose interval lies above the gate in most comparisons: the gate, one half-width for
    the interval and one for where the estimate may fall."""
    return gate * math.exp(2 * width_at(intervals))


def grade(intervals: Sequence[Interval], passes: bool) -> str:
    """Return the noise grade of the machine: A to C by the width of the intervals, D beyond or where a check failed."""
    wide = width_at(intervals)
    return next((name for name, most in GRADES.items() if passes and wide <= most), "D")
