"""Why a run failed: a cause for each wrong quantity of values and for each wrong check, and those that matter most."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from reports.parity.consequences import Consequences
from reports.parity.gate.aspects import aspect, gating, word
from reports.parity.looks import UNKNOWN, heading
from reports.parity.summary import display, order
from reports.parity.verdicts import reason, standing, weighs_values
from reports.reading import Recorded, grouped
from reports.record import Parity
from reports.text import generic, safe

WRONG = ("fail", "void", "error")
EVERYTHING = "all"  # of a cell that ended before a quantity was judged


@dataclass(frozen=True)
class FailureCause:
    """What failures that are told together have in common.

    names  the quantities of a module, by the names that readers know, or the check; of one cause there is one
    said   what they look like, in Markdown
    wrong  the failures, the first to be looked at first
    fails  whether they fail the run
    """

    subject: str
    module: str
    names: tuple[str, ...]
    said: str
    wrong: Sequence[Parity]
    fails: bool


def causes(recorded: Recorded) -> list[FailureCause]:
    """Return every cause, in the order of a page: by module, values first."""
    consequences, failing = Consequences(recorded.parity), gating(recorded.runs)
    every = grouped(recorded.parity, key)
    found = sorted((one for one in recorded.parity if standing(one) in WRONG and one not in consequences), key=order)
    return [
        FailureCause(
            *(subject, module, (display(name),), said(wrong, every[subject, module, name]), wrong),
            fails=any(standing(one) != "fail" or aspect(one) in failing for one in wrong),
        )
        for (subject, module, name), wrong in grouped(found, key).items()
    ]


def key(record: Parity) -> tuple[str, str, str]:
    """Return what failures have in common that are told together: values by quantity, behaviour by check."""
    return record.subject, record.module, record.quantity if weighs_values(record) else record.check


def said(wrong: Sequence[Parity], every: Sequence[Parity]) -> str:
    failed = [one for one in wrong if standing(one) == "fail" and weighs_values(one)]
    if failed:
        return heading(failed, every)
    of = "" if wrong[0].quantity == EVERYTHING or weighs_values(wrong[0]) else f"{safe(wrong[0].quantity)}: "
    return f"{word(wrong[0])}: {of}{safe(reason(wrong[0]))}"


def foremost(every: Iterable[FailureCause]) -> list[FailureCause]:
    """Return the causes that fail a run, those that matter most first.

    Values come before behaviour, then what is explained before what is not, or ended in an error, then what fails more
    often. Quantities of a module that look alike are one cause, and every module is told once before any is told again.
    """
    failing = [cause for cause in every if cause.fails]
    alike = grouped(failing, lambda cause: (cause.subject, cause.module, generic(cause.said))).values()
    ranked = sorted(map(joined, alike), key=place)
    return list(by_turns(grouped(ranked, lambda cause: (cause.subject, cause.module)).values()))


def place(cause: FailureCause) -> tuple[bool, bool, int]:
    """Return a sorting key: what matters most comes first."""
    unexplained = cause.said.lower().startswith(UNKNOWN) or standing(cause.wrong[0]) == "error"
    return not weighs_values(cause.wrong[0]), unexplained, -len(cause.wrong)


def joined(alike: Sequence[FailureCause]) -> FailureCause:
    """Return causes of a module that look alike as one."""
    names = tuple(name for cause in alike for name in cause.names)
    return replace(alike[0], names=names, wrong=[one for cause in alike for one in cause.wrong])


def by_turns(groups: Iterable[Sequence[FailureCause]]) -> Iterator[FailureCause]:
    """Yield the first of each group, then the second of each, and so on."""
    for turn in zip_longest(*groups):
        yield from (cause for cause in turn if cause is not None)
