"""perf.json, pytest-benchmark's file, read into the findings of its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.lines import parsed
from reports.perf.record import RowFinding, finding
from reports.reading import finite, restore, typed
from reports.record import Run

OLD_MARGIN = 1.05  # of files that do not say theirs


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What perf.json holds: the findings of all rows, those that were not timed too."""

    run: Run
    findings: Sequence[RowFinding]
    gate: float | None
    margin: float  # that stands in for the gate where there is none
    rows: int  # that were asked for
    ceilings: Mapping[str, Any]
    selftest: Mapping[str, Any] | None


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the one document of perf.json; raise ValueError where it is not JSON."""
    yield parsed(path.read_bytes(), f"{path}: not JSON")


def gather(document: Mapping[str, Any]) -> Timed:
    """Return the findings of a document; raise ValueError that names what it lacks."""
    try:
        ours, benchmarks = document["gradparity"], document["benchmarks"]
        timed = [bench["extra_info"] for bench in benchmarks if bench["extra_info"].get("role") == "subject"]
        return Timed(
            run=restore(Run, ours["run"]),
            findings=[finding(flat) for flat in (*timed, *ours["not_timed"])],
            gate=None if ours["gate"] is None else finite("gate", ours["gate"]),
            margin=finite("margin", ours.get("margin", OLD_MARGIN)),
            rows=typed("rows", int, ours["rows"]),
            ceilings={device: ceiling(device, of_device) for device, of_device in ours["ceilings"].items()},
            selftest=None if ours["selftest"] is None else graded(ours["selftest"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a file of this timing harness: {type(error).__name__} {error}") from error


def ceiling(device: str, measured: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was measured of a device; raise ValueError or an error of Python's where it is something else."""
    rates = {size: finite(f"bytes_per_second of {device}", rate) for size, rate in measured["bytes_per_second"].items()}
    if not rates:
        raise ValueError(f"bytes_per_second of {device} holds no rate")
    return {
        "bytes_per_second": rates,
        "flops_per_second": finite(f"flops_per_second of {device}", measured["flops_per_second"]),
    }


def graded(selftest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the self-test gave, in words."""
    results = {name: str(value) for name, value in selftest["results"].items()}
    return {"grade": str(selftest["grade"]), "started": str(selftest["started"]), "results": results}
