"""The lines of a file of records, read: each a record, and all of them those that were written."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from reports.record import SCHEMA, Damage, End, Run

PACKED = ".gz"


def packed(path: Path) -> Path:
    """Return where the records of a file lie packed by gzip, if they do: as published ones, ten times as small."""
    return path.with_name(path.name + PACKED)


def is_there(path: Path) -> bool:
    """Return whether there is a file of records of this name, as it is or packed."""
    return path.is_file() or packed(path).is_file()


def opened(path: Path) -> BufferedIOBase:
    """Open a file of records, packed or not."""
    return gzip.open(packed(path)) if not path.exists() and packed(path).is_file() else path.open("rb")


def texts(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file of records; a packed one that is damaged ends in what cannot be a record."""
    with opened(path) as file:
        try:
            yield from file
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield b"cut off"


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of `path` as dictionaries, its end record left out, one after the other as they are read.

    A file that is not the whole of what was written has a record of kind damage as its last, which says why. Raises
    ValueError for an empty file, and for one with a line that is no record.
    """
    seen, cut = LinesSeen(), ""
    for position, text in enumerate(texts(path), start=1):  # a text that is read so would be split inside a string
        try:
            record = entry(path, position, text.removesuffix(b"\n"))
        except ValueError:
            if text.endswith(b"\n") or position == 1:
                raise
            cut = f"the file is cut off in the middle of line {position}"
            break
        seen.take(text, record)
        if record["kind"] != End.kind:
            yield record
    if not seen.count:
        raise ValueError(f"{path} is empty: it holds no record, not even of a run that was stopped")
    why = cut or seen.unlike()
    if why:
        yield asdict(Damage(detail=why))


@dataclass
class LinesSeen:
    """What was seen of a file's lines so far, by which its end record is judged."""

    count: int = 0
    digest: Any = field(default_factory=sha256)  # of the lines before the first end record
    end: Mapping[str, Any] | None = None  # the first end record
    ended: int = 0  # its line
    promised: bool = False  # whether a run record says that an end record follows

    def take(self, text: bytes, record: Mapping[str, Any]) -> None:
        self.count += 1
        self.promised = self.promised or (record["kind"] == Run.kind and record.get("ends") is True)
        if record["kind"] == End.kind and self.end is None:
            self.end, self.ended = record, self.count
        if self.end is None:
            self.digest.update(text.removesuffix(b"\n") + b"\n")

    def unlike(self) -> str:
        """Return in one sentence in what the file is not the one that was written; empty if it is."""
        if self.end is None:
            return "the file has no end record: it is cut off, or the run was killed" if self.promised else ""
        if self.ended != self.count:
            return f"the file goes on after its end record, on line {self.ended + 1}"
        if self.end.get("records") != self.count - 1:
            return f"the file holds {self.count - 1:,} records, and its end record counts others"
        if self.end.get("digest") != self.digest.hexdigest():
            return "the file was changed after it was written: the digest of its end record does not fit"
        return ""


def entry(path: Path, position: int, text: bytes) -> dict[str, Any]:
    """Return a line as a record; raise ValueError that names a line which is none."""
    record = parsed(text, f"{path}, line {position}: not a record")
    if not isinstance(record, dict):
        raise ValueError(f"{path}, line {position}: not a record (it is of type {type(record).__name__})")
    kind, schema = record.get("kind"), record.get("schema")
    if not isinstance(kind, str) or type(schema) is not int:
        raise ValueError(f"{path}, line {position}: not a record (it lacks its kind or its schema)")
    if schema != SCHEMA:
        raise ValueError(f"{path}, line {position}: {kind} of schema {schema}, this program reads {SCHEMA}")
    return record


def parsed(text: bytes, otherwise: str) -> Any:
    """Return what a text of JSON holds; raise ValueError with the words `otherwise` where it is none."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(f"{otherwise} (it is nested too deep)") from None
    except ValueError as error:  # of JSON, of UTF-8, or of a number with too many digits
        raise ValueError(f"{otherwise} ({error})") from error
