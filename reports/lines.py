"""The lines of a file of records, read: each a record, and all of them those that were written."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from reports.record import SCHEMA, Damage, End, Run

Line = tuple[bytes, Mapping[str, Any]]  # as it stands in the file, and as it reads


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of `path` as dictionaries, its end record left out.

    A file that is not the whole of what was written has a record of kind damage as its last, which says why. Raises
    ValueError for an empty file, and for one with a line that is no record.
    """
    whole, cut = split(path)
    records = [entry(path, position, text) for position, text in enumerate(whole, start=1)]
    why = cut or unlike(list(zip(whole, records, strict=True)))
    yield from (record for record in records if record["kind"] != End.kind)
    if why:
        yield asdict(Damage(detail=why))


def split(path: Path) -> tuple[list[bytes], str]:
    """Return the lines of a file, and in one sentence that the last is cut off, which is then left out."""
    data = path.read_bytes()
    if not data:
        raise ValueError(f"{path} is empty: it holds no record, not even of a run that was stopped")
    *lines, last = data.split(b"\n")  # splitlines would split inside a string
    if not last:
        return lines, ""
    try:
        entry(path, len(lines) + 1, last)
    except ValueError:
        if not lines:
            raise
        return lines, f"the file is cut off in the middle of line {len(lines) + 1}"
    return [*lines, last], ""


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


def unlike(lines: Sequence[Line]) -> str:
    """Return in one sentence in what a file is not the one that was written; empty if it is."""
    ends = [place for place, (_, record) in enumerate(lines) if record["kind"] == End.kind]
    promised = any(record["kind"] == Run.kind and record.get("ends") is True for _, record in lines)
    if not ends:
        return "the file has no end record: it is cut off, or the run was killed" if promised else ""
    if ends != [len(lines) - 1]:
        return f"the file goes on after its end record, on line {ends[0] + 2}"
    (*held, (_, last)) = lines
    if last.get("records") != len(held):
        return f"the file holds {len(held):,} records, and its end record counts others"
    if last.get("digest") != digest(text for text, _ in held):
        return "the file was changed after it was written: the digest of its end record does not fit"
    return ""


def digest(lines: Iterable[bytes]) -> str:
    """Return the digest that an end record holds of the lines before it."""
    return sha256(b"".join(text + b"\n" for text in lines)).hexdigest()
