"""The estimate and its interval, against known values, against scipy's own test, and in simulation."""

import math
import random

import numpy as np
import pytest
from scipy.stats import wilcoxon

from parity.signed_rank import rank_sum_limit, walsh
from perf.statistics.interval import Interval, interval
from perf.statistics.looks import LOOKS, Stopping

# Critical values of the two-sided signed-rank test at 5 % (Wilcoxon 1945, and every table since), by sample size.
TABLE = {5: -1, 6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 15: 25, 20: 52, 25: 89}


@pytest.mark.parametrize(("count", "limit"), TABLE.items())
def test_limits_are_those_of_the_published_table(count: int, limit: int) -> None:
    assert rank_sum_limit(count) == limit


@pytest.mark.parametrize("count", [1, 5])
def test_too_few_values_have_no_interval(count: int) -> None:
    at = interval([0.0] * count)
    assert (at.low, at.ratio, at.high) == (0.0, 1.0, math.inf)
    assert at.half_width == math.inf


def test_the_walsh_averages_of_three_values() -> None:
    assert walsh([1.0, 2.0, 6.0]).tolist() == [1.0, 1.5, 2.0, 3.5, 4.0, 6.0]


def test_the_estimate_is_the_median_of_the_walsh_averages() -> None:
    assert interval([1.0, 2.0, 6.0]).ratio == pytest.approx(math.exp(2.75))


@pytest.mark.parametrize("count", LOOKS)
def test_the_interval_ends_where_the_test_begins_to_reject(count: int) -> None:
    values = np.random.default_rng(count).normal(0.02, 0.01, count)
    at = interval(values.tolist())
    for end, inwards in ((math.log(at.low), 1e-9), (math.log(at.high), -1e-9)):
        assert wilcoxon(values - end - inwards, method="exact").pvalue > 0.05
        assert wilcoxon(values - end + inwards, method="exact").pvalue <= 0.05


@pytest.mark.parametrize("law", ["normal", "heavy-tailed"])
def test_intervals_hold_the_truth_as_often_as_they_say(law: str) -> None:
    generator, truth, held = np.random.default_rng(5), 0.1, 0
    for _ in range(2000):
        noise = generator.normal(size=11) if law == "normal" else generator.standard_t(2, size=11)
        held += interval((truth + 0.01 * noise).tolist()).holds(math.exp(truth))
    assert 0.94 <= held / 2000 <= 0.975  # 1 - 2 P(W <= 10) = 0.9580 for n = 11


def test_stopping_on_width_keeps_the_coverage() -> None:
    chance, stopping, held = random.Random(3), Stopping(half_width=0.01, seconds=math.inf), 0
    for _ in range(400):
        values: list[float] = []
        while not stopping.ends(values, 0.0):
            values.append(chance.gauss(0.0, 0.02))
        held += interval(values).holds(1.0)
    assert held / 400 >= 0.90


def test_a_narrow_interval_ends_the_measurement_at_a_look_and_only_there() -> None:
    stopping = Stopping(half_width=0.01, seconds=math.inf)
    assert [count for count in range(LOOKS[-1] + 1) if stopping.ends([0.0] * count, 0.0)] == list(LOOKS)


def test_time_ends_the_measurement_but_not_before_an_interval_exists() -> None:
    stopping = Stopping(seconds=1.0)
    wide = [(-1.0) ** k for k in range(7)]
    assert not stopping.ends(wide[:5], 100.0)
    assert stopping.ends(wide, 1.0)
    assert not stopping.ends(wide, 0.9)


def test_half_width_is_in_log_space() -> None:
    assert Interval(math.exp(-0.01), 1.0, math.exp(0.01)).half_width == pytest.approx(0.01)
