"""From a row to its finding: parity, times, parity again, then rates, memory and torch.compile."""

from dataclasses import dataclass, field, replace
from time import perf_counter

import torch

from parity.subjects.contract import Subject, Unsupported
from perf.bench.contest import Contest, contest
from perf.bench.finding import Finding
from perf.bench.rows import Row
from perf.cuda.watch import EventStopwatch, steady, stopwatch, three
from perf.method.duel import Duel, duel
from perf.method.work import Side
from perf.physics.ceiling import Ceiling, share
from perf.physics.memory import peak_bytes
from perf.sides import compiled
from perf.sides.modules import BOTH
from perf.statistics.gate import ERROR, IMPOSSIBLE, UNSUPPORTED, VOID
from perf.statistics.looks import Stopping


@dataclass
class Allowance:
    """The time of a run, and what a row may take of it.

    Most rows end early, so a row may take all that is left, up to `most` seconds, but for half of a fair share that is
    kept for each row still to come.
    """

    seconds: float
    rows: int
    most: float = 22.0
    least: float = 0.3
    started: float = field(default_factory=perf_counter)

    def __post_init__(self) -> None:
        self.kept = self.seconds / max(1, self.rows) / 2

    def next(self) -> float:
        """Return the seconds for the next row."""
        left = self.seconds - (perf_counter() - self.started)
        self.rows -= 1
        fair = left / (self.rows + 1)
        return min(self.most, max(self.least, fair, left - self.kept * self.rows))


@dataclass
class Bench:
    """What all rows of a run share. `ceilings` by device; none, and no memory and no compile, for a confirmation."""

    subject: Subject
    gate: float | None = None
    ceilings: dict[str, Ceiling] = field(default_factory=dict)
    memory: bool = True
    compile_seconds: float = 0.0  # left for torch.compile, over all rows

    def measure(self, row: Row, seconds: float) -> tuple[Finding, Duel | None]:
        """Return the finding of a row, and its times if it was timed."""
        made: Contest = contest(row)
        found = self.blank(row, made)
        try:
            return self.timed(made, found, seconds)
        except Unsupported as reason:
            return replace(found, verdict=UNSUPPORTED, detail=str(reason)), None
        except Exception as error:  # whatever the library under test may raise
            return replace(found, verdict=ERROR, detail=f"{type(error).__name__}: {error}"), None

    def blank(self, row: Row, made: Contest) -> Finding:
        coordinates = row.module, row.case, row.mode, row.device
        return Finding(self.subject.name, *coordinates, torch.get_num_threads(), "float32", made.shape, ERROR)

    def timed(self, made: Contest, found: Finding, seconds: float) -> tuple[Finding, Duel | None]:
        """Time a row between two looks at its parity."""
        sides = made.subject_side(self.subject), made.reference_side()
        found, wrong = self.agreed(made, found)
        if wrong:
            return replace(found, verdict=VOID, detail=wrong), None
        watch = stopwatch(made.row.device)
        times = duel(*sides, Stopping(seconds=seconds), watch)
        if isinstance(watch, EventStopwatch):
            times = steady(times, watch.clocks)
            found = on_device(found, sides, watch, Stopping(seconds=seconds))
        found, wrong = self.agreed(made, found.timed(times, self.gate))
        if wrong:
            return replace(found, verdict=VOID, detail=f"after timing: {wrong}"), None
        return self.described(made, found, times), times

    def agreed(self, made: Contest, found: Finding) -> tuple[Finding, str]:
        """Return the finding with its parity, and what is wrong if anything is."""
        parity = made.parity(self.subject)
        wrong = parity.detail or made.screened(made.subject_side(self.subject), made.reference_side())
        found = found.agreed(parity)
        return (replace(found, parity="fail") if wrong else found), wrong

    def described(self, made: Contest, found: Finding, times: Duel) -> Finding:
        """Add rates, memory and torch.compile, as far as this run has them."""
        found = self.rated(made, found)
        if self.memory:
            saved, peaks = made.saved(self.subject), self.peaks(made)
            found = replace(
                found,
                subject_saved_bytes=saved[0],
                reference_saved_bytes=saved[1],
                subject_peak_bytes=peaks[0],
                reference_peak_bytes=peaks[1],
            )
        return self.compiled(made, found, times)

    def rated(self, made: Contest, found: Finding) -> Finding:
        ceiling = self.ceilings.get(found.device)
        if ceiling is None or not found.subject_seconds or not found.reference_seconds:
            return found
        moved, flops = made.moved(), made.flops()
        rates = [share(moved, flops, t, ceiling) for t in (found.subject_seconds, found.reference_seconds)]
        found = replace(found.shared(*rates), bytes=moved, flops=flops)
        if any(rate is not None and rate.impossible for rate in rates):
            detail = f"faster than this machine can: {100 * max(r.share for r in rates if r):.0f} % of its ceiling"
            return replace(found, verdict=IMPOSSIBLE, detail=detail)
        return found

    def peaks(self, made: Contest) -> tuple[int, int]:
        sides = made.subject_side(self.subject), made.reference_side()
        return peak_bytes(sides[0].make(), made.row.device), peak_bytes(sides[1].make(), made.row.device)

    def compiled(self, made: Contest, found: Finding, times: Duel) -> Finding:
        """Time torch.compile against torch, forward and backward, while there is time left for it."""
        if made.is_step or made.row.mode != BOTH or made.row.device != "cpu":
            return found
        if self.compile_seconds <= 0:
            return replace(found, compile_note="no time was given to torch.compile, or none is left")
        started = perf_counter()
        try:
            side = compiled.side(made.given[0], made.row.mode, self.compile_seconds)
        except RuntimeError as error:
            return replace(found, compile_note=str(error))
        finally:
            self.compile_seconds -= perf_counter() - started
        wrong = made.screened(side, made.reference_side())
        if wrong:
            return replace(found, compile_note=f"disagrees: {wrong}")
        at = duel(side, made.reference_side(), Stopping(seconds=min(1.5, times.seconds + 0.3))).interval
        return replace(found, compile_ratio=at.ratio, compile_low=at.low, compile_high=at.high)


def on_device(found: Finding, sides: tuple[Side, Side], watch: EventStopwatch, stopping: Stopping) -> Finding:
    """Add what a device has besides: cold caches, the host's wait, the launch alone, the clock."""
    cold = duel(*sides, stopping, EventStopwatch(watch.device, cold=True)).interval
    subject, reference = (three(side.make(), watch.device) for side in sides)
    if subject.hidden:
        raise RuntimeError("the host waits for far more than device and launch explain: work went to another queue")
    return replace(
        found,
        clock_mhz=max(watch.clocks, default=None),
        cold_ratio=cold.ratio,
        cold_low=cold.low,
        cold_high=cold.high,
        subject_host_seconds=subject.host_seconds,
        reference_host_seconds=reference.host_seconds,
        subject_launch_seconds=subject.launch_seconds,
        reference_launch_seconds=reference.launch_seconds,
    )
