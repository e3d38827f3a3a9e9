"""The clock that gives a recorded measurement to pytest-benchmark, and the plan of the self-test."""

import random

import pytest

from perf.bench import measure
from perf.bench.measure import Allowance
from perf.method.work import Side, Work
from perf.replay import ReplayClock
from perf.selftest import ROWS, figures, plan, repeated
from perf.statistics.interval import Interval

EQUAL = Interval(0.995, 1.0, 1.005)


def test_the_clock_replays_what_was_recorded() -> None:
    clock, spans = ReplayClock(), [0.5, 0.25, 2.0]
    clock.load(spans)
    assert [-(clock() - clock()) for _ in spans] == spans


def test_a_clock_that_has_nothing_left_stands_still() -> None:
    clock = ReplayClock()
    assert clock() == clock() == clock()


def test_extra_work_is_real_work() -> None:
    seen: list[int] = []
    side = repeated(Side("side", lambda: Work(lambda: seen.append(1), dict)), 21)
    side.make().run()
    assert len(seen) == 21


def test_the_plan_has_as_many_comparisons_as_asked_for() -> None:
    planned = plan(420, random.Random(1))
    assert sum(truth == 1.0 for _, truth in planned) == 420
    for truth in (1.05, 1.10):
        assert sum(one == truth for _, one in planned) == 10 * len(ROWS)


@pytest.mark.parametrize(
    ("alarms", "misses", "passes"), [(0, 0, True), (1, 4, True), (2, 0, False), (0, 10, True), (0, 11, False)]
)
def test_the_self_test_fails_on_alarms_and_on_misses(alarms: int, misses: int, passes: bool) -> None:
    alarm, miss = Interval(1.06, 1.07, 1.08), Interval(1.01, 1.02, 1.03)
    equals = [EQUAL] * (100 - alarms - misses) + [alarm] * alarms + [miss] * misses
    _, trusted, grade = figures({1.0: equals, 1.05: [], 1.10: []})
    assert trusted is passes
    assert (grade == "D") is not passes


def test_a_row_may_borrow_but_half_of_a_fair_share_is_kept_for_each_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(measure, "perf_counter", lambda: now)
    allowance, taken = Allowance(seconds=100.0, rows=20, most=12.0, started=0.0), []
    for _ in range(20):
        taken.append(allowance.next())
        now += taken[-1]  # a run in which every row takes all that it may
        allowance.took(taken[-1])
    assert taken[0] == 12.0
    assert min(taken) == pytest.approx(2.5)
    assert sum(taken) == pytest.approx(100.0)


def test_what_rows_take_beside_their_times_is_part_of_the_time_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(measure, "perf_counter", lambda: now)
    allowance = Allowance(seconds=100.0, rows=50, most=5.0, started=0.0)
    for _ in range(50):
        granted = allowance.next()
        allowance.took(granted)
        now += granted + 1.0  # of parity and memory
    assert now == pytest.approx(100.0, rel=0.1)


def test_a_row_is_given_the_least_where_the_time_is_over() -> None:
    late = Allowance(seconds=0.0, rows=10)
    assert late.next() == late.least
