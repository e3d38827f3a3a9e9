"""A stopwatch on the device's own clock.

A quad is queued behind a spin: [flush] mark A mark [flush] mark B mark ... and then one wait. So neither the host's
launches nor the flush are inside a span. Short works are replayed as graphs, where they can be captured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from parity.signed_rank import LEAST
from perf.cuda.device import CudaDevice, Device
from perf.method.duel import Duel
from perf.method.stopwatch import ABBA, BLOCK_SECONDS, HostStopwatch, Quad, paired
from perf.method.work import Work

SHORT_SECONDS = 50e-6  # below it a launch costs as much as the work
SPIN_SECONDS, LONGEST_SPIN_SECONDS = 1e-3, 1e-2
QUEUEING = 2  # a spin lasts this many times what the host needs to queue the work behind it
LEAST_SECONDS = 1e-7  # an event's resolution is half a microsecond; nothing shorter is divided by


def spin_seconds(queueing_seconds: float) -> float:
    """Return how long to spin before what takes so long to queue.

    Bounded: a queue holds about a thousand launches, and a host that waits for a place in it waits for the spin too.
    """
    return min(LONGEST_SPIN_SECONDS, SPIN_SECONDS + QUEUEING * queueing_seconds)


@dataclass
class EventStopwatch:
    """cold: flush before every run, one run a block. Warm: as many runs as fill a block."""

    device: Device
    cold: bool = False
    graphs: bool = True
    runs: int = 1
    clocks: list[float] = field(default_factory=list)
    captured: list[tuple[Work, Callable[[], object]]] = field(default_factory=list)
    spin_seconds: float = SPIN_SECONDS

    def calibrate(self, works: Sequence[Work]) -> float:
        times = [self.span(work.run) for work in works]
        mean = sum(times) / len(times)
        self.runs = 1 if self.cold else max(1, round(BLOCK_SECONDS / mean))
        self.graphs = self.graphs and mean < SHORT_SECONDS
        self.spin_seconds = spin_seconds(2 * self.runs * sum(self.queueing(work.run) for work in works))
        return 2 * self.runs * sum(times)

    def span(self, run: Callable[[], object]) -> float:
        """Return the seconds of one run on the device."""
        run()
        self.device.synchronize()
        self.device.spin(spin_seconds(self.queueing(run)))
        start = self.device.event()
        run()
        end = self.device.event()
        self.device.synchronize()
        return max(LEAST_SECONDS, self.device.elapsed(start, end))

    def queueing(self, run: Callable[[], object]) -> float:
        """Return the seconds that the host needs to queue one run, which it does here and waits for."""
        started = perf_counter()
        run()
        queued = perf_counter() - started
        self.device.synchronize()
        return queued

    def quad(self, works: Sequence[Work], order: tuple[int, ...]) -> Quad:
        """Time four blocks behind a spin that outlasts their queueing."""
        runs = [self.replayed(work) for work in works]
        for work in works:
            work.clear()
        self.device.synchronize()
        self.device.spin(self.spin_seconds)
        marks = [self.queued(runs[which]) for which in order]
        self.device.synchronize()
        self.note_clock()
        times = [max(LEAST_SECONDS, self.device.elapsed(*mark)) / self.runs for mark in marks]
        return paired(times, order)

    def queued(self, run: Callable[[], object]) -> tuple[object, object]:
        """Queue a block between two marks, its flush before the first."""
        if self.cold:
            self.device.flush()
        start = self.device.event()
        for _ in range(self.runs):
            run()
        return start, self.device.event()

    def replayed(self, work: Work) -> Callable[[], object]:
        """Return the work as a graph where graphs are wanted and it can be captured; as it is otherwise."""
        if not self.graphs:
            return work.run
        known = next((replay for held, replay in self.captured if held is work), None)
        if known is None:
            try:
                known = self.device.captured(work.run)
            except RuntimeError:
                known = work.run
            self.captured = [*self.captured[-1:], (work, known)]  # only of this rebuild's two works
        return known

    def note_clock(self) -> None:
        clock = self.device.clock_mhz()
        if clock is not None:
            self.clocks.append(clock)


@dataclass(frozen=True)
class Three:
    """What a run costs, apart: waited for on the host, on the device alone, and launched without waiting."""

    host_seconds: float
    device_seconds: float
    launch_seconds: float

    @property
    def hidden(self) -> bool:
        """Whether the host waited for much more than device and launch explain: work went to another queue."""
        return self.host_seconds > 2 * (self.device_seconds + self.launch_seconds)


def three(work: Work, device: Device, runs: int = 20) -> Three:
    """Measure the three figures of a work."""
    watch = EventStopwatch(device, graphs=False)
    on_device = watch.span(work.run)
    device.synchronize()
    started = perf_counter()
    for _ in range(runs):
        work.run()
    launched = (perf_counter() - started) / runs
    device.synchronize()
    started = perf_counter()
    for _ in range(runs):
        work.run()
        device.synchronize()
    return Three((perf_counter() - started) / runs, on_device, launched)


def steady(times: Duel, clocks: Sequence[float], most: float = 0.05) -> Duel:
    """Return the duel without the rebuilds in which the clock fell more than `most` below its highest; as it is where
    the clock is not known, or where too few rebuilds would be left for an interval."""
    if len(clocks) != sum(map(len, times.rebuilds)):
        return times
    floor, at, kept = max(clocks, default=0.0) * (1 - most), 0, []
    for quads in times.rebuilds:
        if min(clocks[at : at + len(quads)]) >= floor:
            kept.append(quads)
        at += len(quads)
    return replace(times, rebuilds=kept) if len(kept) >= LEAST else times


def stopwatch(device: str) -> EventStopwatch | HostStopwatch:
    """Return the stopwatch of a device, a fresh one a row."""
    return EventStopwatch(CudaDevice()) if device == "cuda" else HostStopwatch()


def least_seconds(run: Callable[[], object], device: Device, tries: int = 20) -> float:
    """Return the least seconds of a run on the device, by the same stopwatch as a row, over blocks of several runs."""
    watch, work = EventStopwatch(device), Work(run, dict)
    watch.calibrate([work, work])
    return min(min(watch.quad([work, work], ABBA)) for _ in range(tries))
