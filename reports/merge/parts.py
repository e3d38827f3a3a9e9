"""One part of what is to be joined: a finished run of some modules, or of one device."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from reports.lines import read
from reports.reading import KINDS, restore, unfinished
from reports.record import Damage, Parity, Run, line, printable
from reports.sources import SOURCES

RECORDS = "parity.jsonl"
OF_CELL = ("module", "case", "check", "quantity", "device", "dtype", "regime", "cotangent", "seed", "subject")
FILE_OF_ITS_OWN = ("script",)  # a path, which is another on each machine and no finding
READ = {**KINDS, Damage.kind: Damage}

Name = tuple[str, ...]  # of what a record is of: its kind, and the fields that say so


@dataclass
class RunPart:
    """A file of records of a finished run, and what lies beside it."""

    path: Path  # as the command line names it
    records: Path
    runs: list[Run] = field(default_factory=list)
    cells: dict[Name, int] = field(default_factory=dict)  # -> a digest of all that is said of a cell's quantity

    @property
    def named(self) -> str:
        return printable(str(self.path))

    @property
    def beside(self) -> list[Path]:
        """The files of other kinds in the folder of the part."""
        if not self.path.is_dir():
            return []
        return [self.path / kind for kind in SOURCES if kind != RECORDS and (self.path / kind).is_file()]

    def measured(self) -> Iterator[dict[str, Any]]:
        """Yield every record but those of the run."""
        return (record for record in read(self.records) if record["kind"] not in (Run.kind, Damage.kind))


def part(path: Path) -> RunPart:
    """Read a part once; raise ValueError or OSError, in one sentence, where it is not that of a finished run."""
    records = path / RECORDS if path.is_dir() else path
    if not records.is_file():
        raise FileNotFoundError(
            f"{printable(str(path))} holds no {RECORDS}"
            if path.is_dir()
            else f"there is no file and no folder {printable(str(path))}"
        )
    found, damages = RunPart(path, records), list[Damage]()
    for position, record in enumerate(read(records), start=1):
        try:
            one = restore(READ[record["kind"]], record) if record["kind"] in READ else record
        except (TypeError, ValueError) as error:
            raise ValueError(f"{records}, record {position} of kind {record['kind']}: {error}") from error
        if isinstance(one, Run):
            found.runs.append(one)
        elif isinstance(one, Damage):
            damages.append(one)
        else:
            name = name_of(record)
            found.cells[name] = (found.cells.get(name, 0) + digest(record)) % 2**64
    why = unfinished(found.runs, damages)
    if why:
        raise ValueError(f"{printable(str(records))}: the run was not finished: {why}")
    if not any(kind == Parity.kind for kind, *_ in found.cells):
        raise ValueError(f"{printable(str(records))} holds no record of a compared quantity")
    return found


def name_of(record: dict[str, Any]) -> Name:
    """Return what a record is of; of a kind that is not of cells, its whole line: two that say the same are one."""
    if record["kind"] != Parity.kind:
        return record["kind"], line(record)
    return Parity.kind, *(sys.intern(str(record.get(name))) for name in OF_CELL)  # words that many share are held once


def digest(record: dict[str, Any]) -> int:
    """Return a number for what a record says; the sum of those of a cell is the same in any order."""
    said = {name: value for name, value in record.items() if name not in FILE_OF_ITS_OWN}
    text = json.dumps(said, sort_keys=True).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
