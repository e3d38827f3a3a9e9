"""What many records of a parity run say together. The order of the records does not matter."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reports.parity.gate.aspects import by_aspect, shown
from reports.parity.verdicts import COMPARED, standing, total, weighs_values
from reports.record import CONVENTIONS, Parity
from reports.text import ABSENT, percent

NAMES = {"output": "output", "dx": "dL/dX", "dweight": "dL/dW", "dbias": "dL/db"}
DTYPES = ("float64", "float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Pool:
    """Several records as one. Differences and scale are weighted by elements; errors are in units of u x gauge."""

    first: Parity  # of the records, for what they have in common
    cells: int
    elements: int
    max_abs_diff: float
    mean_abs_diff: float
    scale: float
    subject_error: float
    reference_error: float
    bound_fraction: float
    limits: tuple[float, ...]
    verdicts: Counter[str]
    closeness: "Closeness"
    records: Sequence[Parity]

    @cached_property
    def aspects(self) -> Mapping[str, Counter[str]]:
        """How often each verdict stands under numbers, behaviour and conventions."""
        return by_aspect(self.records)

    def aspect(self, name: str) -> str:
        """Return glyph and word of the verdict in one of them."""
        return shown(name, self.aspects[name])

    @property
    def failed(self) -> int:
        """How many quantities fail, conventions left out."""
        return self.verdicts["fail"] - self.aspects[CONVENTIONS]["fail"]

    def count(self, *verdicts: str) -> str:
        """Return how many quantities have one of these verdicts."""
        return f"{total(self.verdicts, verdicts):,}"


def pool(records: Sequence[Parity]) -> Pool:
    """Pool one record or more; only those compared give figures, and only value checks give differences and errors."""
    verdicts = list(map(standing, records))
    compared = [record for record, verdict in zip(records, verdicts, strict=True) if verdict in COMPARED]
    values = [record for record in compared if weighs_values(record)]
    return Pool(
        first=records[0],
        cells=len({cell(record) for record in records}),
        elements=sum(record.elements for record in compared),
        max_abs_diff=largest(record.max_abs_diff for record in values),
        mean_abs_diff=weighted((record.mean_abs_diff, record.elements) for record in values),
        scale=math.sqrt(weighted((record.scale * record.scale, record.elements) for record in values)),
        subject_error=largest(record.subject_error for record in values),
        reference_error=largest(record.reference_error for record in values if dtype(record) != "float64"),
        bound_fraction=largest(record.bound_fraction for record in values),
        limits=tuple(record.limit for record in values),
        verdicts=Counter(verdicts),
        closeness=closeness(values),
        records=records,
    )


@dataclass(frozen=True)
class Closeness:
    """In how many quantities each side is closer to the truth."""

    subject: int
    equal: int
    reference: int

    def share(self, count: int) -> str:
        """Return `count` in per cent of the quantities in which the sides were compared."""
        whole = self.subject + self.equal + self.reference
        return percent(count, whole) if whole else ABSENT


def closeness(records: Iterable[Parity]) -> Closeness:
    """Count which side is closer to the truth, leaving out float64, where truth and reference coincide."""
    signs: Counter[int] = Counter()
    for record in records:
        mine, theirs = record.subject_error, record.reference_error
        counts = weighs_values(record) and standing(record) in COMPARED and dtype(record) != "float64"
        if counts and not math.isnan(mine) and not math.isnan(theirs):
            signs[(mine > theirs) - (mine < theirs)] += 1
    return Closeness(subject=signs[-1], equal=signs[0], reference=signs[1])


def cell(record: Parity) -> tuple[Any, ...]:
    """Return what makes the cell of a record: everything that was chosen before any quantity was looked at."""
    chosen = record.module, record.case, record.check, record.device, record.dtype
    return *chosen, record.regime, record.cotangent, record.seed


def order(record: Parity) -> tuple[Any, ...]:
    """Return the place of a record on a page: value checks first, the output first, wide arithmetic first."""
    quantity, width = position(record.quantity, tuple(NAMES)), position(dtype(record), DTYPES)
    return record.module, not weighs_values(record), record.check, quantity, width, record.device


def position(name: str, known: Sequence[str]) -> tuple[int, str]:
    """Return a sorting key that puts `known` names first, in their order, and others after them by name."""
    return (known.index(name) if name in known else len(known)), name


def dtype(record: Parity) -> str:
    return record.dtype.removeprefix("torch.")


def arithmetic(record: Parity) -> str:
    """Return the dtype, and the device where it is not the processor."""
    return dtype(record) if record.device == "cpu" else f"{dtype(record)} on {record.device}"


def display(quantity: str) -> str:
    """Return the name under which readers know a quantity."""
    return NAMES.get(quantity, quantity)


def largest(values: Iterable[float]) -> float:
    """Return the largest value that is a number; nan where there is none."""
    return max((value for value in values if not math.isnan(value)), default=math.nan)


def weighted(values: Iterable[tuple[float, int]]) -> float:
    """Return the mean of values that are numbers, each with its weight; nan where there is none."""
    known = [(value, weight) for value, weight in values if weight and not math.isnan(value)]
    if not known:
        return math.nan
    try:
        return math.fsum(value * weight for value, weight in known) / sum(weight for _, weight in known)
    except OverflowError:  # of the sum, where a subject is wrong by the largest number there is
        return math.inf
