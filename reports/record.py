"""The records that the harnesses write and the pages read: one JSON object a line.

A file starts with a `run` record for each subject (what ran, on which machine, with which versions, and what did not
run and why); every other record is a measurement of that run. The last record, of kind `end`, counts the lines before
it and holds their digest: a file without it, or that it does not fit, is not of a finished run. Numbers that are not
finite are written as the strings "nan", "inf" and "-inf", which `number` reads back, because JSON has no word for them.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

SCHEMA = 1
ASPECTS = NUMBERS, BEHAVIOUR, CONVENTIONS = ("numbers", "behaviour", "conventions")  # what a failure says is wrong
VERDICTS = ("pass", "fail", "unsupported", "same-route", "void", "error")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What ran, and what did not."""

    subject: str
    seed: int
    started: str  # ISO 8601, UTC
    command: str
    commit: str  # of the library, or its version; empty where neither is known
    machine: Mapping[str, str]  # e.g. processor, cores, system
    versions: Mapping[str, str]  # e.g. python, torch, numpy
    settings: Mapping[str, str]  # e.g. threads, tf32, matmul precision
    not_run: tuple[str, ...] = ()  # one sentence each, with its count
    let_pass: tuple[str, ...] = ()  # conventions of the subject that are no faults, and what is not judged for them
    complete: bool = True  # False while running and after an interruption
    source: str = ""  # the file of the subject's adapter; empty for one that comes with the suite
    pages: tuple[str, ...] = ()  # files of pages that were added to the catalogue
    faults: tuple[str, ...] = ()  # what a finished run did not compare as planned, one sentence each
    suite: str = ""  # the commit of the suite, or its version; empty in older files, whose commit is the suite's
    fail_on: tuple[str, ...] = ()  # the aspects in which a failure makes the run fail; empty in older files: all
    catalogue: tuple[str, ...] = ()  # the modules there are, run or not; empty where that is not told
    unnamed: tuple[str, ...] = ()  # classes of the library that look like layers and are in no table of its adapter
    narrowed_by: tuple[str, ...] = ()  # words of the command line that left something out; empty in older files
    without: tuple[str, ...] = ()  # modules of the subject that --module left out
    quick: str = ""  # what was asked of a run that did not ask all, in words; empty of any other
    ends: bool = False  # whether an end record must follow; False in the files of older versions, which have none
    schema: int = SCHEMA
    kind: str = "run"

    @property
    def whole(self) -> bool:
        """Whether nothing was left out of what a run without words does."""
        return not self.narrowed_by


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
    aspect: str = ""  # one of ASPECTS; empty in the files of older versions
    diagnosis: str = ""  # what a failed quantity looks like; empty where nothing fits
    fits: tuple[
        str, ...
    ] = ()  # every explanation that fits, the likeliest first, each with its kind and a colon before
    options: Mapping[str, str] = field(default_factory=dict)  # of the module, those that the case names
    made_of: tuple[str, ...] = ()  # of a network: the modules that it is put together of
    script: str = ""  # a file that shows the failure on a few numbers; named from the folder of the records
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
    detail: str = ""  # what is wrong with the quantity; empty where it is right
    schema: int = SCHEMA
    kind: str = "paper-004"


@dataclass(frozen=True, kw_only=True)
class End:
    """The last record of a file: how many lines stand before it, and the SHA-256 of their bytes."""

    records: int
    digest: str
    schema: int = SCHEMA
    kind: str = "end"


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What is wrong with a file as a whole: its reader says so in place of an end record."""

    detail: str
    schema: int = SCHEMA
    kind: str = "damage"


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it, a dataclass as a dictionary; half a surrogate becomes its escape."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {key: plain(item) for key, item in vars(value).items()}
    return value


def line(record: Any) -> str:
    """Return a record (one of the dataclasses here, or a dictionary read from a file) as its line of JSON."""
    if isinstance(record, dict):
        with suppress(TypeError, ValueError):  # of what JSON lacks
            text = json.dumps(record, ensure_ascii=False, allow_nan=False)
            if text.isascii():
                return text
    return json.dumps(plain(record), ensure_ascii=False)


def printable(words: str) -> str:
    """Return `words` with an escape for what UTF-8 cannot hold: of a path that is none, for instance."""
    return words if words.isascii() else words.encode("utf-8", "backslashreplace").decode("utf-8")


def end(lines: Iterable[str]) -> End:
    """Return the record that ends a file of these lines."""
    held = list(lines)
    return End(records=len(held), digest=sha256("".join(f"{text}\n" for text in held).encode()).hexdigest())


def write(path: Path, records: Iterable[Any]) -> None:
    """Write records and the one that ends them to `path`, whole or not at all, one after the other as they come."""

    def lines() -> Iterator[str]:
        count, digest = 0, sha256()
        for count, record in enumerate(records, start=1):  # noqa: B007 - the last one is the count
            text = f"{line(record)}\n"
            digest.update(text.encode())
            yield text
        yield f"{line(End(records=count, digest=digest.hexdigest()))}\n"

    write_texts(path, lines())


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all; what UTF-8 cannot hold becomes its escape."""
    write_texts(path, (text,))


def write_texts(path: Path, texts: Iterable[str]) -> None:
    """Write texts one after the other into a file, as `write_text` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    try:
        with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(texts)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def number(value: Any) -> float:
    """Return a number of a record, which may be one of the strings nan, inf and -inf."""
    return float(value)
