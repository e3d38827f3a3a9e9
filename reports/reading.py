"""Dictionaries read from a file of records, made into the records they were."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, get_origin

from reports.record import VERDICTS, Paper004Difference, Parity, Run, number

Key = TypeVar("Key", bound=Hashable)
Entry = TypeVar("Entry")

KINDS: dict[str, Any] = {"run": Run, "parity": Parity, "paper-004": Paper004Difference}


@dataclass
class Recorded:
    """The records of one file, by kind."""

    runs: list[Run] = field(default_factory=list)
    parity: list[Parity] = field(default_factory=list)
    differences: list[Paper004Difference] = field(default_factory=list)
    audits: list[Mapping[str, Any]] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)  # kinds that this program does not know


def gather(records: Iterable[Mapping[str, Any]]) -> Recorded:
    """Sort records by kind; raise ValueError that names the first which is not what its kind says."""
    kinds = by_kind(records, KINDS)
    return Recorded(
        runs=kinds.pop("run"),
        parity=kinds.pop("parity"),
        differences=kinds.pop("paper-004"),
        audits=kinds.pop("audit", []),
        others=Counter({kind: len(unknown) for kind, unknown in kinds.items()}),
    )


def by_kind(records: Iterable[Mapping[str, Any]], kinds: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the records by kind: those of `kinds` as what they were, a list of each; others as they are.

    Raises ValueError that names the first record which is not what its kind says.
    """
    sorted_records: dict[str, list[Any]] = {kind: [] for kind in kinds}
    for position, record in enumerate(records, start=1):
        kind = str(record.get("kind"))
        try:
            made = restore(kinds[kind], record) if kind in kinds else record
        except (TypeError, ValueError) as error:
            raise ValueError(f"record {position} of kind {kind}: {error}") from error
        sorted_records.setdefault(kind, []).append(made)
    return sorted_records


def restore(kind: Any, record: Mapping[str, Any]) -> Any:
    """Return `record` as an instance of `kind`, a dataclass of records."""
    values = {entry.name: typed(entry, record[entry.name]) for entry in fields(kind) if entry.name in record}
    needed = [entry.name for entry in fields(kind) if entry.default is MISSING and entry.default_factory is MISSING]
    lacking = [name for name in needed if name not in values]
    if lacking:
        raise ValueError(f"lacks {', '.join(lacking)}")
    verdict = values.get("verdict", VERDICTS[0])
    if verdict not in VERDICTS:
        raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, was {verdict!r}")
    return kind(**values)


def typed(entry: Any, value: Any) -> Any:
    """Return `value` as the field `entry` holds it."""
    if entry.type is float:
        return number(value)
    origin = get_origin(entry.type) or entry.type
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(value)
    if not isinstance(value, origin):
        raise ValueError(f"{entry.name} must be of type {origin.__name__}, was {value!r}")
    return value


def grouped(entries: Iterable[Entry], key: Callable[[Entry], Key]) -> dict[Key, list[Entry]]:
    """Return the entries under their keys, the keys as they first appear."""
    groups: dict[Key, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return groups
