"""The verdict on an interval. Never on the estimate: an estimate has no doubt in it."""

from perf.statistics.interval import Interval

FASTER, LEVEL, SLOWER, UNCLEAR = "FASTER", "LEVEL", "SLOWER", "UNCLEAR"
TIMED = (FASTER, LEVEL, SLOWER, UNCLEAR)
# Not judged by time: parity fails; a rate that physics forbids; the subject does not have it; something was raised.
VOID, IMPOSSIBLE, UNSUPPORTED, ERROR = "VOID", "IMPOSSIBLE", "UNSUPPORTED", "ERROR"
RED = (SLOWER, VOID, IMPOSSIBLE, ERROR)


def verdict(interval: Interval, gate: float) -> str:
    """Return SLOWER if the whole interval is above the gate, UNCLEAR if it holds the gate, FASTER if all of it is
    below 1 / gate, else LEVEL: not slower by more than the gate, and not proven faster by as much."""
    if interval.low > gate:
        return SLOWER
    if interval.high > gate:
        return UNCLEAR
    return FASTER if interval.high < 1 / gate else LEVEL


def checked(gate: float | None) -> float | None:
    """Return `gate`; raise ValueError unless it is None or a ratio of at least 1."""
    if gate is not None and not gate >= 1:
        raise ValueError(f"--gate must be at least 1 (1.5 lets the subject take half as long again), was {gate:g}")
    return gate
