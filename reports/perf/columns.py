"""The columns of the tables of rows, and how to read them."""

from collections.abc import Callable, Sequence

from reports.columns import RIGHT, Column
from reports.perf.record import RowFinding, SideFigures, TimeRatio
from reports.text import ABSENT, figure, safe

GLYPHS = {
    "FASTER": "▲ FASTER",
    "LEVEL": "= LEVEL",
    "SLOWER": "▼ SLOWER",
    "UNCLEAR": "? UNCLEAR",
    "VOID": "∅ VOID",
    "IMPOSSIBLE": "! IMPOSSIBLE",
    "UNSUPPORTED": "○ UNSUPPORTED",
    "ERROR": "! ERROR",
}

MODULE: Column[RowFinding] = Column("module", lambda row: safe(module(row)))
CASE: Column[RowFinding] = Column("case", lambda row: safe(row.case))
MODE: Column[RowFinding] = Column("mode", lambda row: safe(row.mode))
RATIO: Column[RowFinding] = Column(
    "ratio [low, high]",
    lambda row: between(row.time, "**{:.3f}** [{:.3f}, {:.3f}]"),
    RIGHT,
    "Time of the subject divided by time of torch.nn, with its 95 % interval. Both sides are timed in turn, in blocks "
    "of about 0.4 ms that stand as A B B A or B A A B, so that both meet the same drift of the machine; both are built "
    "anew, in random order and elsewhere in memory, again and again until the interval is narrow. The ratio is the "
    "Hodges-Lehmann estimate over these rebuilds, the interval that of the exact signed-rank test. It is not the "
    "quotient of the two times beside it, which are medians over all blocks.",
)
VERDICT: Column[RowFinding] = Column(
    "verdict",
    lambda row: GLYPHS[row.verdict],
    reading="On the interval, never on the estimate. ▼ SLOWER: all of it is above the gate (1.05 where none was "
    "given). ? UNCLEAR: it holds the gate; not counted as passed. ▲ FASTER: all of it is below 1 / gate. = LEVEL: "
    "neither slower by more than the gate nor proven faster by as much. A SLOWER row under a gate was confirmed in a "
    "fresh process.",
)
RATE: Column[RowFinding] = Column(
    "rate, torch / subject",
    lambda row: f"{both(row, lambda side: shown(side.rate, figure))} {safe(row.unit)}" if row.unit else ABSENT,
    RIGHT,
    "Bytes are the least that a run must move: what comes in and what goes out, each once. Operations are those of "
    "matrix products and convolutions, two a multiply-add. The rate shown is the one that comes nearer to its ceiling.",
)
SHARE: Column[RowFinding] = Column(
    "% of ceiling",
    lambda row: both(row, lambda side: shown(side.share, lambda share: f"{100 * share:.0f}")),
    RIGHT,
    "Ceilings are measured in the same run: bytes by the better of a copy and a sum of a working set near that size "
    "(caches differ), operations by the better of a matrix product and a convolution.",
)
PEAK: Column[RowFinding] = Column(
    "peak, torch / subject",
    lambda row: both(row, lambda side: shown(side.peak_bytes, size)),
    RIGHT,
    "Peak: the most that torch's allocator had given out at once during one run, above what it had at the start.",
)
SAVED: Column[RowFinding] = Column(
    "saved, torch / subject",
    lambda row: both(row, lambda side: shown(side.saved_bytes, size)),
    RIGHT,
    "Saved: what forward keeps for backward, each storage once, inputs and parameters among it.",
)
COMPILED: Column[RowFinding] = Column(
    "torch.compile / torch",
    lambda row: between(row.compiled, "{:.2f} [{:.2f}, {:.2f}]"),
    RIGHT,
    "Its time divided by plain torch's, forward and backward together, on the same rows.",
)
ROWS: Sequence[Column[RowFinding]] = (
    MODULE,
    CASE,
    MODE,
    Column("torch", lambda row: shown(row.reference.seconds, duration), RIGHT),
    Column("subject", lambda row: shown(row.subject.seconds, duration), RIGHT),
    RATIO,
    VERDICT,
    RATE,
    SHARE,
    PEAK,
    SAVED,
    COMPILED,
)

ON_DEVICE: Sequence[Column[RowFinding]] = (
    MODULE,
    CASE,
    MODE,
    Column(
        "cold, ratio [low, high]",
        lambda row: between(row.on_device.cold, "{:.3f} [{:.3f}, {:.3f}]"),
        RIGHT,
        "Cold: the ratio where the device's cache is flushed before every run.",
    ),
    Column(
        "host, torch / subject",
        lambda row: both(row, lambda side: shown(side.host_seconds, duration)),
        RIGHT,
        "Host: a run that the host waits for.",
    ),
    Column(
        "launch, torch / subject",
        lambda row: both(row, lambda side: shown(side.launch_seconds, duration)),
        RIGHT,
        "Launch: what the host needs to start a run, without waiting for it.",
    ),
    Column("clock", lambda row: shown(row.on_device.clock_mhz, lambda clock: f"{clock:.0f} MHz"), RIGHT),
)


def module(row: RowFinding) -> str:
    """Return the module, with device and dtype where they are not the usual ones."""
    unusual = [word for word, usual in ((row.device, "cpu"), (row.dtype, "float32")) if word != usual]
    return f"{row.module} ({', '.join(unusual)})" if unusual else row.module


def between(ratio: TimeRatio | None, form: str) -> str:
    """Return a ratio and its interval in this form."""
    return form.format(ratio.ratio, ratio.low, ratio.high) if ratio else ABSENT


def both(row: RowFinding, text: Callable[[SideFigures], str]) -> str:
    """Return torch's figure and the subject's."""
    return f"{text(row.reference)} / {text(row.subject)}"


def shown(value: float | None, text: Callable[[float], str]) -> str:
    return ABSENT if value is None else text(value)


def duration(seconds: float) -> str:
    """Return seconds in the unit that suits them."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{figure(seconds / scale)} {unit}"
    return f"{figure(seconds / 1e-9)} ns"


def size(count: float) -> str:
    """Return bytes in the binary unit that suits them."""
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= scale:
            return f"{figure(count / scale)} {unit}"
    return f"{count:.0f} B"
