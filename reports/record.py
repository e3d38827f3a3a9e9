"""The records that the harnesses write and the pages read: one JSON object a line.

A file starts with a `run` record for each subject (what ran, on which machine, with which versions, and what did not
run and why); every other record is a measurement of that run. Numbers that are not finite are written as the strings
"nan", "inf" and "-inf", which `number` reads back, because JSON has no word for them.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

SCHEMA = 1
VERDICTS = ("pass", "fail", "unsupported", "same-route", "void", "error")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What ran, and what did not."""

    subject: str
    seed: int
    started: str  # ISO 8601, UTC
    command: str
    commit: str  # empty outside a git checkout
    machine: Mapping[str, str]  # e.g. processor, cores, system
    versions: Mapping[str, str]  # e.g. python, torch, numpy
    settings: Mapping[str, str]  # e.g. threads, tf32, matmul precision
    not_run: tuple[str, ...] = ()  # one sentence each, with its count
    complete: bool = True  # False while running and after an interruption
    source: str = ""  # the file of the subject's adapter; empty for one that comes with the suite
    schema: int = SCHEMA
    kind: str = "run"


@dataclass(frozen=True, kw_only=True)
class Parity:
    """One compared quantity of one cell.

    Errors are in units of u x gauge; differences and scale in those of the quantity.
    """

    subject: str
    module: str
    case: str
    check: str
    quantity: str  # output, dx, dweight, dbias ...; or what a contract check established
    device: str
    dtype: str
    regime: str
    cotangent: float  # scale of dy
    seed: int
    verdict: str
    elements: int = 0
    max_abs_diff: float = math.nan  # subject against torch.nn in the subject's dtype
    mean_abs_diff: float = math.nan
    std_abs_diff: float = math.nan
    scale: float = math.nan  # root mean square of the truth
    subject_error: float = math.nan  # max of |subject - truth| / (u gauge)
    reference_error: float = math.nan  # max of |torch.nn - truth| / (u gauge)
    limit: float = math.nan
    bound_fraction: float = math.nan  # max of |subject - truth| / rigorous bound gamma_n |A||B|, where there is one
    worst_index: tuple[int, ...] = ()
    detail: str = ""  # empty for a pass
    diagnosis: str = ""  # what a failed quantity looks like; empty where nothing fits
    schema: int = SCHEMA
    kind: str = "parity"


@dataclass(frozen=True, kw_only=True)
class Paper004Difference:
    """One figure of a table of paper 004: |difference| to torch.nn over many runs of one tensor."""

    table: str  # "I" (output) or "II" (gradients)
    module: str
    quantity: str
    runs: int
    shape: tuple[int, ...]
    mean: float  # over the runs, of the mean |subject - torch.nn|
    std: float  # over the runs
    scale: float  # mean over the runs of the mean |torch.nn|
    paper: str  # the paper's figure as printed there, or what it lacks
    subject: str = ""
    dtype: str = ""
    device: str = ""
    schema: int = SCHEMA
    kind: str = "paper-004"


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def line(record: Any) -> str:
    """Return a record (one of the dataclasses here, or a dictionary read from a file) as its line of JSON."""
    return json.dumps(
        plain(asdict(record) if is_dataclass(record) and not isinstance(record, type) else record), ensure_ascii=False
    )


def write(path: Path, records: Iterable[Any]) -> None:
    """Write records to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text("".join(line(record) + "\n" for record in records), encoding="utf-8")
    partial.replace(path)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of `path` as dictionaries; raise ValueError that names a line which is not a record."""
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")  # splitlines would split inside a string
    for position, text in enumerate(lines if lines != [""] else [], start=1):
        try:
            record = json.loads(text)
            kind, schema = record["kind"], record["schema"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {position}: not a record ({error})") from error
        if schema != SCHEMA:
            raise ValueError(f"{path}, line {position}: {kind} of schema {schema}, this program reads {SCHEMA}")
        yield record


def number(value: Any) -> float:
    """Return a number of a record, which may be one of the strings nan, inf and -inf."""
    return float(value)
