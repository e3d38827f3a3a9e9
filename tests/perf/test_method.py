"""Blocks, quads, rebuilds, on works of known cost and on a clock that is told what to say."""

import gc
import random
import time

import pytest

from perf.method import stopwatch
from perf.method.duel import Duel, duel, log_ratio
from perf.method.stopwatch import ABBA, BAAB, HostStopwatch, middle, paired
from perf.method.work import Side, Work
from perf.statistics.looks import Stopping


def spinning(seconds: float, name: str = "side", cleared: list[str] | None = None) -> Side:
    """A side whose run takes `seconds` and which notes when it is cleared."""

    def run() -> None:
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends:
            pass

    return Side(name, lambda: Work(run, dict, lambda: None if cleared is None else cleared.append(name)))


def test_pairs_are_neighbours_subject_first() -> None:
    assert paired((1, 2, 3, 4), ABBA) == (1, 2, 4, 3)
    assert paired((1, 2, 3, 4), BAAB) == (2, 1, 3, 4)


def test_a_linear_drift_cancels_within_a_quad() -> None:
    drift = [1.00, 1.01, 1.02, 1.03]
    assert abs(log_ratio(paired(drift, ABBA))) < 2e-4
    assert abs(log_ratio(paired(drift, BAAB))) < 2e-4


def test_the_value_of_a_rebuild_is_the_median_over_its_quads() -> None:
    assert Duel(rebuilds=[[(1, 1, 1, 1), (2, 1, 2, 1), (90, 1, 90, 1)]]).log_ratios == [log_ratio((2, 1, 2, 1))]


def test_medians_of_both_sides() -> None:
    assert middle([(1, 4, 3, 6), (2, 5, 2, 5)]) == (2, 5)


def test_a_block_lasts_about_as_long_as_it_should() -> None:
    watch = HostStopwatch()
    watch.calibrate([spinning(2e-5).make(), spinning(2e-5).make()])
    assert 10 <= watch.runs <= 21


def test_a_work_longer_than_a_block_is_run_once() -> None:
    watch = HostStopwatch()
    watch.calibrate([spinning(2e-3).make()] * 2)
    assert watch.runs == 1


def test_each_block_is_cleared_before_it_and_not_within(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    work = Work(lambda: seen.append("run"), dict, lambda: seen.append("clear"))
    monkeypatch.setattr(stopwatch, "perf_counter", lambda: seen.append("clock") or 0.0)
    stopwatch.block(work, 3)
    assert seen == ["clear", "clock", "run", "run", "run", "clock"]


def test_known_ratios_are_found() -> None:
    at = duel(spinning(3e-4), spinning(2e-4), Stopping(seconds=2.0), chance=random.Random(1)).interval
    assert at.low <= 1.5 <= at.high or abs(at.ratio - 1.5) < 0.05


def test_both_sides_are_rebuilt_for_every_rebuild() -> None:
    built: list[str] = []

    def side(name: str) -> Side:
        return Side(name, lambda: built.append(name) or spinning(1e-5).make())

    times = duel(side("a"), side("b"), Stopping(seconds=0.0), chance=random.Random(2))
    assert len(times.rebuilds) == 6
    assert built.count("a") == built.count("b") == 7  # one of each for the calibration
    assert {"".join(built[k : k + 2]) for k in range(0, 14, 2)} == {"ab", "ba"}


def test_nothing_is_collected_while_timing_and_the_collector_comes_back() -> None:
    seen: list[bool] = []
    side = Side("side", lambda: Work(lambda: seen.append(gc.isenabled()), dict))
    duel(side, spinning(1e-5), Stopping(seconds=0.0))
    assert not any(seen)
    assert gc.isenabled()


def test_time_caps_a_slow_row() -> None:
    started = time.perf_counter()
    times = duel(spinning(0.01), spinning(0.01), Stopping(half_width=0.0, seconds=0.3))
    assert len(times.rebuilds) >= 6
    assert time.perf_counter() - started < 3.0
