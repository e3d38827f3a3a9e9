"""One side of a comparison: a file of records, or the folder of a run, and what it says of every quantity."""

import math
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from reports.lines import read
from reports.parity.gate.aspects import aspect
from reports.parity.verdicts import WORDS, reason, standing, weighs_values
from reports.perf import page as perf_page
from reports.perf import reading as perf_reading
from reports.perf.reading import Timed
from reports.reading import restore, unfinished
from reports.record import ASPECTS, Damage, Parity, Run, printable

RECORDS, TIMES = "parity.jsonl", "perf.json"
WRONG, RIGHT = ("fail", "error", "void"), ("pass", "same-route")
GRAVITY = {verdict: place for place, verdict in enumerate(WORDS)}  # 0 is the gravest
UNKNOWN = "no explanation on the suite's list fits"
KEPT = {kind.kind: kind for kind in (Run, Damage, Parity)}

Key = tuple[str, ...]  # subject, module, case, check, quantity, device, dtype, regime, scale of the cotangent


class QuantityState(NamedTuple):
    """What a run says of one quantity of one cell, in one record or several."""

    verdict: str
    error: float = math.nan  # the largest, in units of u x gauge; nan where none was weighed
    limit: float = math.nan
    aspect: str = ""
    cause: str = ""  # of what is wrong; empty where nothing is

    @property
    def is_right(self) -> bool:
        return self.verdict in RIGHT

    @property
    def is_wrong(self) -> bool:
        return self.verdict in WRONG

    def fails(self, fail_on: Collection[str]) -> bool:
        """Whether it makes a run fail that fails on these aspects: a crash always does, and what proves nothing."""
        return self.is_wrong and (self.verdict != "fail" or self.aspect in fail_on)

    @property
    def rank(self) -> tuple[int, int]:
        """The graver the less: its verdict, then its aspect, numbers before conventions."""
        return GRAVITY[self.verdict], ASPECTS.index(self.aspect) if self.aspect in ASPECTS else 0

    def with_another(self, other: "QuantityState") -> "QuantityState":
        """Return both as one: the graver verdict, and the larger error."""
        graver = self if self.rank <= other.rank else other
        larger = other if math.isnan(self.error) or other.error > self.error else self
        return graver._replace(error=larger.error, limit=larger.limit)


@dataclass
class RunSide:
    """A run, as one side of a comparison; its records are read when they are asked for."""

    path: Path  # as the command line names it
    records: Path | None = None  # the file of what was compared
    times: Timed | None = None
    runs: list[Run] = field(default_factory=list)  # of the records, when they have been read

    def states(self) -> Iterator[tuple[Key, QuantityState]]:
        """Yield what every record says, one after the other, and put those of the run into `runs`.

        Raises ValueError, in one sentence, for a record that is none, and for a run that was not finished.
        """
        damages, compared = list[Damage](), 0
        for position, record in enumerate(read(self.records) if self.records else (), start=1):
            kind = KEPT.get(record["kind"])
            try:
                one = restore(kind, record) if kind else None
            except (TypeError, ValueError) as error:
                said = f"{self.records}, record {position} of kind {record['kind']}: {error}"
                raise ValueError(said) from error
            if isinstance(one, Parity):
                compared += 1
                yield key(one), state(one)
            elif isinstance(one, Run):
                self.runs.append(one)
            elif isinstance(one, Damage):
                damages.append(one)
        why = unfinished(self.runs, damages) if self.records else ""
        if why:
            raise ValueError(f"{printable(str(self.records))}: the run was not finished: {why}")
        if self.records and not compared:
            raise ValueError(f"{printable(str(self.records))} holds no record of a compared quantity")


def key(record: Parity) -> Key:
    """Return what a record is of, but for the seed; words that many share are held once."""
    words = record.subject, record.module, record.case, record.check, record.quantity, record.device, record.dtype
    return tuple(map(sys.intern, (*words, record.regime, str(record.cotangent))))


def state(record: Parity) -> QuantityState:
    verdict = standing(record)
    cause = sys.intern(cause_of(record)) if verdict in WRONG else ""
    return QuantityState(sys.intern(verdict), record.subject_error, record.limit, aspect(record), cause)


def cause_of(record: Parity) -> str:
    """Return why a record is wrong: what its numbers look like, or what its check says."""
    if standing(record) == "fail" and weighs_values(record):
        return record.diagnosis or UNKNOWN
    return reason(record) or f"the check {record.check} does not hold"


def side(path: Path) -> RunSide:
    """Return what lies at a path: a file of records, or the folder of a run.

    Raises ValueError or OSError, in one sentence, where that is neither, or its times are not of a finished run.
    """
    if path.is_dir():
        records, times = path / RECORDS, path / TIMES
        if not records.is_file() and not times.is_file():
            raise ValueError(f"{printable(str(path))} holds neither {RECORDS} nor {TIMES}: it is no folder of a run")
        return RunSide(path, records if records.is_file() else None, timed(times) if times.is_file() else None)
    if not path.exists():
        raise FileNotFoundError(f"there is no file and no folder {printable(str(path))}")
    return RunSide(path, times=timed(path)) if path.suffix == ".json" else RunSide(path, path)


def timed(path: Path) -> Timed:
    """Return the times of a finished run; raise ValueError, in one sentence, where they are none."""
    try:
        found = perf_reading.gather(next(perf_reading.read(path)))
    except ValueError as error:
        said = str(error)
        raise ValueError(said if str(path) in said else f"{printable(str(path))}: {said}") from error
    if perf_page.lacking(found):
        raise ValueError(f"{printable(str(path))}: the run was not finished: {perf_page.lacking(found)}")
    return found
