"""Which rows take another time than before, beyond what their intervals leave open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reports.perf.reading import Timed
from reports.perf.record import RowFinding, TimeRatio

SLOWER, FASTER = "slower", "faster"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Moved:
    """A row whose ratio to torch is another than before."""

    how: str
    row: RowFinding
    before: TimeRatio
    after: TimeRatio


@dataclass
class Times:
    """The rows of two timing runs beside one another."""

    margin: float
    moved: list[Moved] = field(default_factory=list)
    level: int = 0  # rows whose intervals leave open that nothing changed
    apart: int = 0  # rows that one run alone timed
    untold: str = ""  # why nothing can be said, in one sentence

    def of(self, how: str) -> list[Moved]:
        return [one for one in self.moved if one.how == how]


def times(old: Timed, new: Timed) -> Times:
    """Compare the rows that both runs timed.

    A row is slower where all of its interval lies above the whole interval of before, and by more than the margin of
    the newer run: two runs differ by more than the blocks of one do. Ratios of two machines are not compared.
    """
    compared = Times(new.margin)
    if old.run.subject != new.run.subject:
        compared.untold = f"the times are of two subjects, {old.run.subject} and {new.run.subject}"
        return compared
    if old.run.machine != new.run.machine:
        compared.untold = "the times were measured on two machines"
        return compared
    before, after = rows(old.findings), rows(new.findings)
    compared.apart = len(before.keys() ^ after.keys())
    for name in sorted(before.keys() & after.keys()):
        earlier, later = before[name].time, after[name].time
        assert earlier is not None
        assert later is not None
        how = change(earlier, later, new.margin)
        if how:
            compared.moved.append(Moved(how, after[name], earlier, later))
        else:
            compared.level += 1
    compared.moved.sort(key=lambda one: one.before.ratio / one.after.ratio)
    return compared


def rows(findings: Sequence[RowFinding]) -> Mapping[Row, RowFinding]:
    """Return the rows that have a time, by their names."""
    return {
        (one.module, one.case, one.mode, one.device, one.dtype, str(one.threads)): one
        for one in findings
        if one.time is not None
    }


def change(before: TimeRatio, after: TimeRatio, margin: float) -> str:
    """Return slower or faster where the intervals prove it beyond the margin; empty where they do not."""
    if after.low > margin * before.high:
        return SLOWER
    return FASTER if margin * after.high < before.low else ""
