"""Files of times joined: rows of several shards of one machine, or of the devices of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.compare.side import timed
from reports.compare.times import rows
from reports.lines import parsed
from reports.merge.terms import as_one
from reports.perf.reading import Timed
from reports.record import Run, plain, printable


@dataclass
class TimedPart:
    """A perf.json of a finished run."""

    path: Path
    document: dict[str, Any]
    timed: Timed

    @property
    def named(self) -> str:
        return printable(str(self.path))

    @property
    def runs(self) -> list[Run]:
        return [self.timed.run]


def timed_part(path: Path) -> TimedPart:
    """Read a file of times; raise ValueError, in one sentence, where it is not of a finished run."""
    return TimedPart(path, parsed(path.read_bytes(), f"{path}: not JSON"), timed(path))


def times_apart(parts: Sequence[TimedPart]) -> None:
    """Raise ValueError, in one sentence, where two files hold one row, or one device of two machines, or two gates."""
    first, *_ = parts
    by_row: dict[tuple[str, ...], TimedPart] = {}
    by_device: dict[str, TimedPart] = {}
    for one in parts:
        if (one.timed.gate, one.timed.margin) != (first.timed.gate, first.timed.margin):
            raise ValueError(
                f"{first.named} and {one.named} were held to two gates, {first.timed.gate} and {one.timed.gate}"
            )
        for row in rows(one.timed.findings):
            if row in by_row:
                raise ValueError(
                    f"{by_row[row].named} and {one.named} both hold the row {' '.join(row[:4])}: each may be timed once"
                )
            by_row[row] = one
        for device in {finding.device for finding in one.timed.findings}:
            other = by_device.setdefault(device, one)
            if other.timed.run.machine != one.timed.run.machine:
                raise ValueError(f"{other.named} and {one.named} hold times on {device}, of two machines")


def joined_times(parts: Sequence[TimedPart], command: str) -> dict[str, Any]:
    """Return the files as one: what pytest-benchmark writes besides its benchmarks is that of the first."""
    ours = [one.document["gradparity"] for one in parts]
    return parts[0].document | {
        "benchmarks": [benchmark for one in parts for benchmark in one.document["benchmarks"]],
        "gradparity": ours[0]
        | {
            "run": plain(as_one([one.timed.run for one in parts], command)),
            "rows": sum(one.timed.rows for one in parts),
            "not_timed": [finding for of in ours for finding in of["not_timed"]],
            "ceilings": {device: reached for of in reversed(ours) for device, reached in of["ceilings"].items()},
            "selftest": ours[0]["selftest"] if all(of["selftest"] == ours[0]["selftest"] for of in ours) else None,
        },
    }
