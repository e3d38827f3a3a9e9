"""The device's stopwatch on a device that only writes down what it is asked."""

from collections.abc import Callable
from time import sleep

import pytest

from perf.cuda.device import flush_bytes
from perf.cuda.watch import LONGEST_SPIN_SECONDS, EventStopwatch, Three, least_seconds, steady, stopwatch, three
from perf.method.duel import Duel, duel
from perf.method.stopwatch import ABBA, HostStopwatch
from perf.method.work import Side, Work
from perf.statistics.looks import Stopping

QUAD = (1.0, 1.0, 1.0, 1.0)


class Written:
    """A device that runs nothing at once: marks are places in the list of what was queued."""

    def __init__(self, run_seconds: float = 1e-3, captures: bool = True) -> None:
        self.queue: list[str] = []
        self.spins: list[float] = []
        self.run_seconds, self.captures, self.clocks = run_seconds, captures, iter([1000.0] * 10_000)

    def event(self) -> int:
        self.queue.append("mark")
        return len(self.queue)

    def elapsed(self, start: int, end: int) -> float:
        return self.run_seconds * sum(word.startswith(("A", "B", "graph")) for word in self.queue[start:end])

    def spin(self, seconds: float) -> None:
        self.spins.append(seconds)
        self.queue.append("spin")

    def flush(self) -> None:
        self.queue.append("flush")

    def synchronize(self) -> None:
        self.queue.append("wait")

    def captured(self, run: Callable[[], object]) -> Callable[[], object]:
        assert callable(run)
        if not self.captures:
            raise RuntimeError("cannot be captured")
        return lambda: self.queue.append("graph")

    def clock_mhz(self) -> float | None:
        return next(self.clocks)


def works(device: Written) -> list[Work]:
    return [Work(lambda name=name: device.queue.append(name), dict) for name in "AB"]


def test_a_cold_quad_flushes_outside_every_span_behind_one_spin_and_waits_once() -> None:
    device = Written()
    EventStopwatch(device, cold=True, graphs=False).quad(works(device), ABBA)
    span = ["flush", "mark"]
    wanted = ["wait", "spin"]
    for name in "ABBA":
        wanted += [*span, name, "mark"]
    assert device.queue == [*wanted, "wait"]


def test_a_warm_quad_does_not_flush() -> None:
    device = Written()
    EventStopwatch(device, graphs=False).quad(works(device), ABBA)
    assert "flush" not in device.queue


def test_short_works_are_replayed_as_graphs_captured_once_a_rebuild() -> None:
    device = Written(run_seconds=1e-6)
    watch, pair = EventStopwatch(device), works(device)
    watch.calibrate(pair)
    device.queue.clear()
    watch.quad(pair, ABBA)
    assert "graph" in device.queue
    assert "A" not in device.queue
    held = list(watch.captured)
    watch.quad(pair, ABBA)
    assert watch.captured == held
    watch.quad(works(device), ABBA)
    assert not any(work in pair for work, _ in watch.captured)


def test_long_works_are_not() -> None:
    device = Written(run_seconds=1e-3)
    watch = EventStopwatch(device)
    watch.calibrate(works(device))
    assert not watch.graphs


def test_a_work_that_cannot_be_captured_is_timed_as_it_is() -> None:
    device = Written(run_seconds=1e-6, captures=False)
    watch, pair = EventStopwatch(device), works(device)
    watch.calibrate(pair)
    device.queue.clear()
    watch.quad(pair, ABBA)
    assert "A" in device.queue


def test_seconds_are_those_of_one_run() -> None:
    device = Written(run_seconds=1e-5)
    watch, pair = EventStopwatch(device, graphs=False), works(device)
    watch.calibrate(pair)
    assert watch.runs == 40
    assert watch.quad(pair, ABBA) == pytest.approx((1e-5,) * 4)


def test_a_duel_runs_on_a_device() -> None:
    device = Written(run_seconds=1e-4)
    sides = [Side(name, lambda at=at: works(device)[at]) for at, name in enumerate("AB")]
    assert duel(sides[0], sides[1], Stopping(seconds=0.0), EventStopwatch(device)).interval.ratio == pytest.approx(1.0)


def test_rebuilds_in_which_the_clock_fell_are_dropped() -> None:
    times = Duel(rebuilds=[[QUAD, QUAD]] * 8)
    clocks = [1000.0] * 16
    clocks[4] = 940.0
    assert len(steady(times, clocks).rebuilds) == 7
    clocks[4] = 960.0
    assert len(steady(times, clocks).rebuilds) == 8


def test_rebuilds_are_kept_where_the_clock_is_unknown_or_too_few_would_be_left() -> None:
    times = Duel(rebuilds=[[QUAD]] * 6)
    assert steady(times, []) is times
    assert steady(times, [1000.0, 900.0, 1000.0, 1000.0, 1000.0, 1000.0]) is times


@pytest.mark.parametrize(("cache", "wanted"), [(0, 2**20), (50 * 2**20, 100 * 2**20), (2**20 + 1, 3 * 2**20)])
def test_the_flush_is_twice_the_cache_in_whole_mebibytes(cache: int, wanted: int) -> None:
    assert flush_bytes(cache) == wanted


def test_work_on_another_queue_shows_on_the_host() -> None:
    assert Three(host_seconds=1.0, device_seconds=0.1, launch_seconds=0.1).hidden
    assert not Three(host_seconds=1.0, device_seconds=0.9, launch_seconds=0.1).hidden


def test_three_figures_of_a_work() -> None:
    device = Written(run_seconds=1e-4)
    parts = three(works(device)[0], device)
    assert parts.device_seconds == pytest.approx(1e-4)
    assert parts.launch_seconds > 0
    assert parts.host_seconds > 0
    assert device.queue.count("wait") == 3 + 2 + 20  # span, launches, and each run on the host


def test_the_processor_has_the_host_s_clock() -> None:
    assert isinstance(stopwatch("cpu"), HostStopwatch)


def test_a_spin_lasts_longer_than_what_is_queued_behind_it_up_to_a_bound() -> None:
    device = Written()
    slow, slower = ([Work(lambda s=s: (device.queue.append("A"), sleep(s)), dict)] * 2 for s in (1e-4, 1e-2))
    watch = EventStopwatch(device, graphs=False)
    watch.calibrate(slow)
    watch.quad(slow, ABBA)
    assert LONGEST_SPIN_SECONDS > device.spins[-1] > 4 * watch.runs * 1e-4
    watch.calibrate(slower)
    watch.quad(slower, ABBA)
    assert device.spins[-1] == LONGEST_SPIN_SECONDS


def test_the_least_seconds_of_a_run_are_the_devices_own() -> None:
    device = Written(run_seconds=1e-6)
    assert least_seconds(lambda: device.queue.append("A"), device, tries=2) == pytest.approx(1e-6)
    assert "graph" in device.queue
