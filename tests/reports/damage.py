"""Files of records as runs leave them, one of each kind, and every way in which they may come to harm."""

import copy
import json
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

from reports.papers import reading as papers_reading
from reports.parity.audit_record import AuditRecord
from reports.perf.record import DeviceFigures, RowFinding, SideFigures, TimeRatio
from reports.reading import KINDS
from reports.record import Run, plain, write
from reports.sweep.record import SweepChunk, SweepScope
from reports.trust import reading as trust_reading

OTHERS: tuple[Any, ...] = (None, "x", -1, True, [], {}, [[["x"]]], {"a": 1}, 10**400, float("inf"), "\ud800")
SETTLED = {"kind", "schema", "verdict", "ends", "complete", "faults"}  # of a record that is as it should be


def value(kind: Any) -> Any:
    """Return something that a field of this type may hold."""
    origin, parts = get_origin(kind) or kind, get_args(kind)
    if origin is UnionType:
        return value(parts[0])
    if origin is tuple:
        return tuple(value(part) for part in parts if part is not Ellipsis)
    if isinstance(origin, type) and issubclass(origin, str | int | float):
        return {str: "a", int: 3, bool: True, float: 1.0}[origin]
    return {"a": value(parts[1])}


def made(kind: Any, **given: Any) -> Any:
    """Return a record of this kind with something in every field."""
    own = [entry for entry in fields(kind) if entry.name not in SETTLED or entry.default is MISSING]
    held = {entry.name: value(entry.type) for entry in own if entry.name not in given} | given
    if "verdict" in held and "verdict" not in given:
        held["verdict"] = getattr(kind, "ALLOWED", ("pass",))[0]
    return kind(**held)


def of_kinds(kinds: dict[str, Any]) -> list[Any]:
    header = made(Run, ends=True, subject="a")
    return [header, *(made(kind) for name, kind in kinds.items() if name != "run"), made(AuditRecord)]


def files(folder: Path) -> list[Path]:
    """Write a file of every kind into a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in ("parity.jsonl", "papers.jsonl", "trust.jsonl")]
    for path, kinds in zip(paths, (KINDS, papers_reading.KINDS, trust_reading.KINDS), strict=True):
        write(path, of_kinds(kinds))
    write(folder / "sweep.jsonl", [made(Run, ends=True, subject="a"), *swept()])
    (folder / "perf.json").write_text(json.dumps(document()), encoding="utf-8")
    return [*paths, folder / "sweep.jsonl", folder / "perf.json"]


def swept() -> list[Any]:
    """Return the records of a sweep of one chunk, in which something failed."""
    failure = {
        "configuration": 0, "module": "a", "case": "c", "x": [1, 2], "options": {"a": "1"}, "layouts": "", "dtype": "d",
        "regime": "r", "cotangent": 1.0, "quantity": "dx", "verdict": "fail", "error": 9.0, "limit": 8.0, "detail": "b",
        "diagnosis": "",
    }  # fmt: skip
    chunk = SweepChunk(
        number=0,
        cells=3,
        seconds=1.0,
        cpu_seconds=1.0,
        megabytes=1.0,
        counts={"a d r": (3, 1, 1, 5)},
        errors={"a subject": {"0": 4}, "a reference": {"-8": 4}},
        largest={"a subject": 9.0, "a reference": 0.0},
        met={"a o": (1, 1, 1)},
        pairs={"a": "1"},
        failures=(failure,),
        not_kept=1,
    )
    values = {"a": {"o": ("1", "2"), "p": ("1",)}}
    return [SweepScope(cases=3, chunk=3, seed=0, modules=("a",), values=values), chunk]


def document() -> dict[str, Any]:
    """Return what perf.json holds."""
    side = SideFigures(**{entry.name: 1 for entry in fields(SideFigures)})
    ratio = TimeRatio(ratio=2.0, low=1.5, high=2.5)
    own = {"time": ratio, "compiled": ratio, "subject": side, "reference": side, "on_device": DeviceFigures()}
    row = made(RowFinding, verdict="SLOWER", **own)
    gradparity = {
        "run": asdict(made(Run, subject="a")),
        "gate": 1.5,
        "rows": 1,
        "ceilings": {"cpu": {"bytes_per_second": {"1": 1.0}, "flops_per_second": 1.0}},
        "not_timed": [],
        "selftest": {"grade": "A", "started": "a", "results": {"a": "b"}},
    }
    return plain({"benchmarks": [{"extra_info": row.as_dict() | {"role": "subject"}}], "gradparity": gradparity})


def harmed(record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a record with every field missing, and with every field of another type; each with what was done."""
    for name in record:
        yield f"without {name}", {key: held for key, held in record.items() if key != name}
        for other in OTHERS:
            yield f"{name} {str(other)[:9]!r}", record | {name: other}


def harmed_document() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield perf.json with every value at any depth missing, or of another type."""
    for path in places(document()):
        for other in (MISSING, *OTHERS):
            whole = copy.deepcopy(document())
            *above, last = path
            inner: Any = whole
            for step in above:
                inner = inner[step]
            if other is MISSING:
                del inner[last]
            else:
                inner[last] = other
            yield f"{path} {str(other)[:9]!r}", whole


def places(held: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value of a document."""
    steps = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
    for step, inner in steps:
        yield (*above, step)
        yield from places(inner, (*above, step))
