"""perf.json, pytest-benchmark's file, read into the findings of its rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.reading import restore
from reports.record import Run

NEEDED = ("module", "case", "mode", "device", "verdict")


@dataclass(frozen=True)
class Timed:
    """What perf.json holds: a finding is a row's `extra_info`, the same fields for a row that was not timed."""

    run: Run
    findings: Sequence[Mapping[str, Any]]
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
        run = restore(Run, ours["run"])
        timed = [bench["extra_info"] for bench in benchmarks if bench["extra_info"].get("role") == "subject"]
        findings = [*timed, *ours["not_timed"]]
        lacking = sorted({name for found in findings for name in NEEDED if name not in found})
        if lacking:
            raise ValueError(f"a finding lacks {', '.join(lacking)}")
        return Timed(run, findings, ours["gate"], ours["rows"], ours["ceilings"], ours["selftest"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a file of this timing harness: {type(error).__name__} {error}") from error
