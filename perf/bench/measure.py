"""From a row to its finding: parity, times, parity again, then rates, memory and torch.compile."""

from dataclasses import dataclass, field, replace
from time import perf_counter

import torch

from parity.subjects.contract import Subject, Unsupported
from perf.bench import finding
from perf.bench.contest import Contest, contest
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
from reports.perf.record import DeviceFigures, RowFinding


@dataclass
class Allowance:
    """The time of a run, and what a row may take of it.

    Most rows end early, so a row may take all that is left, up to `most` seconds, but for half of a fair share that is
    kept for each row still to come. What a row takes beside its times, for parity, memory and torch.compile, is kept
    for those to come as it was for those before.
    """

    seconds: float
    rows: int
    most: float = 22.0
    least: float = 0.3
    started: float = field(default_factory=perf_counter)
    timed: float = 0.0  # seconds that went into the times of the rows so far
    begun: int = 0  # rows

    def __post_init__(self) -> None:
        self.kept = self.seconds / max(1, self.rows) / 2

    def took(self, seconds: float) -> None:
        """Note how many seconds the times of a row took."""
        self.timed += seconds

    def next(self) -> float:
        """Return the seconds for the times of the next row."""
        elapsed = perf_counter() - self.started
        beside = (elapsed - self.timed) / self.begun if self.begun else 0.0
        left = self.seconds - elapsed - beside * self.rows
        self.begun += 1
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

    def measure(self, row: Row, seconds: float) -> tuple[RowFinding, Duel | None]:
        """Return the finding of a row, and its times if it was timed."""
        made: Contest = contest(row)
        blank = self.blank(row, made)
        try:
            return self.timed(made, blank, seconds)
        except Unsupported as reason:
            return replace(blank, verdict=UNSUPPORTED, detail=str(reason)), None
        except Exception as error:  # whatever the library under test may raise
            return replace(blank, verdict=ERROR, detail=f"{type(error).__name__}: {error}"), None

    def blank(self, row: Row, made: Contest) -> RowFinding:
        return RowFinding(
            module=row.module,
            case=row.case,
            mode=row.mode,
            device=row.device,
            threads=torch.get_num_threads(),
            dtype="float32",
            shape=made.shape,
            verdict=ERROR,
        )

    def timed(self, made: Contest, blank: RowFinding, seconds: float) -> tuple[RowFinding, Duel | None]:
        """Time a row between two looks at its parity."""
        wrong = self.wrong(made)
        if wrong:
            return replace(blank, verdict=VOID, detail=wrong), None
        made = made.repeatable(self.subject)
        sides = made.subject_side(self.subject), made.reference_side()
        watch = stopwatch(made.row.device)
        times = duel(*sides, Stopping(seconds=seconds), watch)
        row = replace(blank, untimed=made.needs.words)
        if isinstance(watch, EventStopwatch):
            times = steady(times, watch.clocks)
            row = on_device(row, sides, watch, Stopping(seconds=seconds))
        row, wrong = finding.timed(row, times, self.gate), self.wrong(made)
        if wrong:
            return replace(row, verdict=VOID, detail=f"after timing: {wrong}"), None
        return self.described(made, row, times), times

    def wrong(self, made: Contest) -> str:
        """Return what is wrong with the parity of a row; empty if nothing is."""
        agreement = made.parity(self.subject)
        return agreement.detail or made.screened(made.subject_side(self.subject), made.reference_side())

    def described(self, made: Contest, row: RowFinding, times: Duel) -> RowFinding:
        """Add rates, memory and torch.compile, as far as this run has them."""
        row = self.rated(made, row)
        if self.memory:
            saved, peaks = made.saved(self.subject), self.peaks(made)
            row = finding.sides(
                row,
                {"saved_bytes": saved[0], "peak_bytes": peaks[0]},
                {"saved_bytes": saved[1], "peak_bytes": peaks[1]},
            )
        return self.compiled(made, row, times)

    def rated(self, made: Contest, row: RowFinding) -> RowFinding:
        ceiling = self.ceilings.get(row.device)
        if ceiling is None or not row.subject.seconds or not row.reference.seconds:
            return row
        moved, flops = made.moved(), made.flops()
        rates = [share(moved, flops, seconds, ceiling) for seconds in (row.subject.seconds, row.reference.seconds)]
        if any(rate is not None and rate.impossible for rate in rates):
            detail = f"faster than this machine can: {100 * max(r.share for r in rates if r):.0f} % of its ceiling"
            row = replace(row, verdict=IMPOSSIBLE, detail=detail)
        return finding.rated(row, *rates)

    def peaks(self, made: Contest) -> tuple[int, int]:
        sides = made.subject_side(self.subject), made.reference_side()
        return peak_bytes(sides[0].make(), made.row.device), peak_bytes(sides[1].make(), made.row.device)

    def compiled(self, made: Contest, row: RowFinding, times: Duel) -> RowFinding:
        """Time torch.compile against torch, forward and backward, while there is time left for it."""
        if made.is_step or made.row.mode != BOTH or made.row.device != "cpu":
            return row
        if self.compile_seconds <= 0:
            return replace(row, compile_note="no time was given to torch.compile, or none is left")
        started = perf_counter()
        try:
            side = compiled.side(made.given[0], made.row.mode, self.compile_seconds)
        except RuntimeError as error:
            return replace(row, compile_note=str(error))
        finally:
            self.compile_seconds -= perf_counter() - started
        wrong = made.screened(side, made.reference_side())
        if wrong:
            return replace(row, compile_note=f"disagrees: {wrong}")
        at = duel(side, made.reference_side(), Stopping(seconds=min(1.5, times.seconds + 0.3))).interval
        return replace(row, compiled=finding.ratio(at))


def on_device(row: RowFinding, sides: tuple[Side, Side], watch: EventStopwatch, stopping: Stopping) -> RowFinding:
    """Add what only a device has: cold caches, the host's wait, the launch alone, the clock."""
    cold = duel(*sides, stopping, EventStopwatch(watch.device, cold=True)).interval
    subject, reference = (three(side.make(), watch.device) for side in sides)
    if subject.hidden:
        raise RuntimeError("the host waits for far more than device and launch explain: work went to another queue")
    besides = DeviceFigures(clock_mhz=max(watch.clocks, default=None), cold=finding.ratio(cold))
    return finding.sides(
        replace(row, on_device=besides),
        {"host_seconds": subject.host_seconds, "launch_seconds": subject.launch_seconds},
        {"host_seconds": reference.host_seconds, "launch_seconds": reference.launch_seconds},
    )
