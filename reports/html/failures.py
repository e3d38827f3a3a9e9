"""Failing records in full: what was found, what it looks like, the smallest case, and the command that asks again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports import again
from reports.html.facets import Facets
from reports.html.grid import WRONG
from reports.parity.gate.aspects import differs, word
from reports.parity.page import gravity, regime
from reports.parity.summary import arithmetic, display
from reports.parity.verdicts import UNJUDGED, reason, standing
from reports.reading import grouped
from reports.record import Parity, Run
from reports.text import figure, generic, one_line

MOST_ALIKE = 4  # shown of one group, the worst first
MOST_GROUPS = 20  # shown of one module
MOST_WORDS = 1500
MOST_FITS = 6


@dataclass(frozen=True)
class FailureView:
    """A record of a failing quantity, in plain words."""

    verdict: str
    word: str
    tokens: str
    quantity: str
    check: str
    case: str
    where: str  # dtype, device and regime
    error: str
    limit: str
    index: str  # of the worst element
    options: str
    detail: str
    looks: str
    fits: Sequence[str]
    script: str
    again: str


def of(record: Parity, run: Run | None, tokens: str) -> FailureView:
    """Return what is shown of a record; its tokens are those by which it is filtered."""
    return FailureView(
        verdict="differs" if differs(record) else standing(record),
        word=word(record),
        tokens=tokens,
        quantity=one_line(display(record.quantity)),
        check=one_line(record.check),
        case=one_line(record.case),
        where=one_line(f"{arithmetic(record)}, {regime(record)}"),
        error=figure(record.subject_error),
        limit=figure(record.limit),
        index=str(record.worst_index) if record.worst_index else "",
        options=one_line(options(record.options), MOST_WORDS),
        detail=one_line(reason(record), MOST_WORDS),
        looks=one_line(record.diagnosis, MOST_WORDS),
        fits=[one_line(fit, MOST_WORDS) for fit in record.fits[:MOST_FITS]],
        script=one_line(record.script),
        again=again.of_case(record, run),
    )


def options(held: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in held.items())


@dataclass(frozen=True)
class FailureGroup:
    """Records that failed alike: the worst, a few that are nearly as bad, and how many more there are."""

    first: FailureView
    others: Sequence[FailureView]
    more: int


def groups(failed: Sequence[Parity], run: Run | None, facets: Facets) -> tuple[list[FailureGroup], int]:
    """Return failing records check by check and quantity by quantity, what was void or stopped reason by reason.

    Besides, how many groups there are that are not shown.
    """
    alike = list(grouped(sorted(failed, key=lambda record: WRONG.index(standing(record))), likeness).values())
    shown = [group(sorted(records, key=gravity), run, facets) for records in alike[:MOST_GROUPS]]
    return shown, len(alike) - len(shown)


def likeness(record: Parity) -> tuple[str, ...]:
    """Return what records that stand in one group have in common."""
    if standing(record) in UNJUDGED:
        return standing(record), generic(reason(record))
    return standing(record), record.check, record.quantity


def group(records: Sequence[Parity], run: Run | None, facets: Facets) -> FailureGroup:
    """Return the group of records, of which the worst is the first."""
    first, *others = (of(record, run, facets.tokens([record])) for record in records[:MOST_ALIKE])
    return FailureGroup(first, others, len(records) - 1 - len(others))
