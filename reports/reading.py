"""Dictionaries read from a file of records, made into the records they were."""

import math
import reprlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from reports.parity.audit_record import AuditRecord
from reports.record import VERDICTS, Damage, Paper004Difference, Parity, Run, number, printable

Key = TypeVar("Key", bound=Hashable)
Entry = TypeVar("Entry")

KINDS: dict[str, Any] = {"run": Run, "parity": Parity, "paper-004": Paper004Difference}
EVERYWHERE: dict[str, Any] = {"audit": AuditRecord, "damage": Damage}  # kinds that any file may hold
MOST = 2**63  # of a count: more is no count


@dataclass
class Recorded:
    """The records of one file, by kind."""

    runs: list[Run] = field(default_factory=list)
    parity: list[Parity] = field(default_factory=list)
    differences: list[Paper004Difference] = field(default_factory=list)
    audits: list[Mapping[str, Any]] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)  # kinds that this program does not know

    @property
    def unfinished(self) -> str:
        return unfinished(self.runs, self.damages)


def gather(records: Iterable[Mapping[str, Any]]) -> Recorded:
    """Sort records by kind; raise ValueError that names the first which is not what its kind says."""
    kinds = by_kind(records, KINDS)
    return Recorded(
        runs=kinds.pop("run"),
        parity=kinds.pop("parity"),
        differences=kinds.pop("paper-004"),
        audits=[asdict(audit) for audit in kinds.pop("audit")],
        damages=kinds.pop("damage"),
        others=Counter({kind: len(unknown) for kind, unknown in kinds.items()}),
    )


def unfinished(runs: Sequence[Run], damages: Sequence[Damage]) -> str:
    """Return in one sentence why records are not those of a finished run; empty if they are."""
    if damages:
        return f"{damages[0].detail}."
    if not runs:
        return "there is no run record, so nothing says what was meant to run."
    if not all(run.complete for run in runs):
        return "the run was stopped before its end, or still goes on; only what it had recorded is shown."
    return ""


def by_kind(records: Iterable[Mapping[str, Any]], kinds: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the records by kind: those of `kinds`, and of the kinds that any file may hold, as what they were, a list
    of each; others as they are.

    Raises ValueError that names the first record which is not what its kind says.
    """
    known = {**EVERYWHERE, **kinds}
    sorted_records: dict[str, list[Any]] = {kind: [] for kind in known}
    for position, record in enumerate(records, start=1):
        kind = str(record.get("kind"))
        try:
            made = restore(known[kind], record) if kind in known else record
        except (TypeError, ValueError) as error:
            raise ValueError(f"record {position} of kind {kind}: {error}") from error
        sorted_records.setdefault(kind, []).append(made)
    return sorted_records


def restore(kind: Any, record: Mapping[str, Any]) -> Any:
    """Return `record` as an instance of `kind`, a dataclass of records."""
    types, needed = held_by(kind)
    values = {}
    for name, of in types.items():
        if name in record:
            value = record[name]
            simple = type(value) is of and (of is float or (of is str and value.isascii()))  # most of what there is
            values[name] = value if simple else typed(name, of, value)
    lacking = [name for name in needed if name not in values]
    if lacking:
        raise ValueError(f"lacks {', '.join(lacking)}")
    allowed = getattr(kind, "ALLOWED", VERDICTS)
    verdict = values.get("verdict", allowed[0])
    if verdict not in allowed:
        raise ValueError(f"verdict must be one of {', '.join(allowed)}, was {verdict!r}")
    return kind(**values)


@cache
def held_by(kind: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the types of the fields of a record, by name, and which of them it must have."""
    needed = [entry.name for entry in fields(kind) if entry.default is MISSING and entry.default_factory is MISSING]
    return {entry.name: entry.type for entry in fields(kind)}, needed


@cache
def taken_apart(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return what a type is, and the types of its parts."""
    return get_origin(kind) or kind, get_args(kind)


def typed(name: str, kind: Any, value: Any) -> Any:
    """Return `value` as a field of type `kind` holds it; raise ValueError that names the field where it cannot."""
    origin, parts = taken_apart(kind)
    if origin is UnionType:
        return None if value is None else typed(name, parts[0], value)
    if origin is float:
        return real(name, value)
    if origin is str and isinstance(value, str):
        return printable(value)
    if origin is tuple and isinstance(value, (list, tuple)):
        return items(name, parts, value)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(value, Mapping):
        return {printable(key): typed(name, parts[1], item) for key, item in value.items()}
    if origin is Any:
        return value
    if not isinstance(value, origin) or isinstance(value, bool) is not (origin is bool):
        raise ValueError(f"{name} must be of type {origin.__name__}, was {reprlib.repr(value)}")
    if origin is int and not 0 <= value < MOST:
        raise ValueError(f"{name} must be a count, was {reprlib.repr(value)}")
    return value


def items(name: str, parts: Sequence[Any], values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the items of a tuple of these types, the last of which may be an ellipsis."""
    if parts[-1] is Ellipsis:
        return tuple(typed(name, parts[0], value) for value in values)
    if len(values) != len(parts):
        raise ValueError(f"{name} must be of {len(parts)} items, was {reprlib.repr(values)}")
    return tuple(typed(name, part, value) for part, value in zip(parts, values, strict=True))


def real(name: str, value: Any) -> float:
    """Return a number, or one of the words that stand for those which JSON lacks."""
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            return number(value)
        except (ValueError, OverflowError):
            pass
    raise ValueError(f"{name} must be a number, was {reprlib.repr(value)}")


def finite(name: str, value: Any) -> float:
    """Return a number that is finite and not below 0."""
    found = real(name, value)
    if not 0 <= found < math.inf:
        raise ValueError(f"{name} must be a finite number of at least 0, was {found}")
    return found


def grouped(entries: Iterable[Entry], key: Callable[[Entry], Key]) -> dict[Key, list[Entry]]:
    """Return the entries under their keys, the keys as they first appear."""
    groups: dict[Key, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return groups
