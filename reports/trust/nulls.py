"""Subjects that compute nothing on the page: they must fail, and do."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from reports.columns import RIGHT, Column, table
from reports.reading import grouped
from reports.text import safe
from reports.trust.record import NullRecord

EXPLANATION = (
    "A null answers without computing. It must fail in every value cell of every module. Where the truth itself, "
    "rounded to the dtype, is the null's answer (the identity of positive input through ReLU), or the plan of the run "
    "names the quantity as one where zeros are all but right, the quantity coincides, with its reason. A cell fails if "
    "one of its quantities does; it proves nothing if none fails and one passed without such a reason."
)


@dataclass(frozen=True)
class Tallied:
    """A null over all modules."""

    name: str
    records: Sequence[NullRecord]

    def total(self, field: str) -> int:
        return sum(map(attrgetter(field), self.records))

    @property
    def by_chance(self) -> int:
        """How many quantities passed for no reason."""
        return self.total("quantities") - self.total("quantities_failed") - self.total("quantities_coincide")


NULLS: Sequence[Column[Tallied]] = (
    Column("null", lambda null: safe(null.name)),
    Column("cells", lambda null: f"{null.total('cells'):,}", RIGHT),
    Column("failed", lambda null: f"{null.total('failed'):,}", RIGHT),
    Column("coincide", lambda null: f"{null.total('coincides'):,}", RIGHT),
    Column("passed", lambda null: f"{null.total('passed'):,}", RIGHT),
    Column("quantities", lambda null: f"{null.total('quantities'):,}", RIGHT),
    Column("failed", lambda null: f"{null.total('quantities_failed'):,}", RIGHT),
    Column("coincide", lambda null: f"{null.total('quantities_coincide'):,}", RIGHT),
    Column("passed by chance", lambda null: f"{null.by_chance:,}", RIGHT),
)
REASONS: Sequence[Column[NullRecord]] = (
    Column("null", lambda record: safe(record.null)),
    Column("module", lambda record: safe(record.module)),
    Column("why (quantities)", lambda record: safe("; ".join(record.reasons), most=1000)),
)


def sentence(records: Sequence[NullRecord]) -> str:
    """Return in how many cells a null failed, coincided or passed."""
    if not records:
        return "No null was run."
    every = Tallied("every null", records)
    return (
        f"Subjects that compute nothing: {every.total('failed'):,} of {every.total('cells'):,} cells fail, "
        f"{every.total('coincides'):,} coincide with the truth, {every.total('passed'):,} pass."
    )


def section(records: Sequence[NullRecord]) -> str:
    """Return one row a null over all modules, then the reasons."""
    if not records:
        return "No null was run."
    rows = [Tallied(*entry) for entry in grouped(records, lambda record: record.null).items()]
    reasons = [record for record in records if record.reasons]
    parts = [EXPLANATION, table(NULLS, rows)]
    return "\n\n".join(parts + (["Where quantities coincide:", table(REASONS, reasons)] if reasons else []))
