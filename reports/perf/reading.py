"""perf.json, pytest-benchmark's file, read into the findings of its rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.perf.record import RowFinding, finding
from reports.reading import restore
from reports.record import Run


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What perf.json holds: the findings of all rows, those that were not timed too."""

    run: Run
    findings: Sequence[RowFinding]
    gate: float | None
    rows: int  # that were asked for
    ceilings: Mapping[str, Any]
    selftest: Mapping[str, Any] | None


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the one document of perf.json; raise ValueError where it is not JSON."""
    try:
        yield json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON ({error})") from error


def gather(document: Mapping[str, Any]) -> Timed:
    """Return the findings of a document; raise ValueError that names what it lacks."""
    try:
        ours, benchmarks = document["gradparity"], document["benchmarks"]
        timed = [bench["extra_info"] for bench in benchmarks if bench["extra_info"].get("role") == "subject"]
        return Timed(
            run=restore(Run, ours["run"]),
            findings=[finding(flat) for flat in (*timed, *ours["not_timed"])],
            gate=ours["gate"],
            rows=ours["rows"],
            ceilings=ours["ceilings"],
            selftest=ours["selftest"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a file of this timing harness: {type(error).__name__} {error}") from error
