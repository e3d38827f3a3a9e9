"""The words of a void row: each operator that a subject may not use, with the call and the line that asked for it."""

from collections.abc import Callable, Mapping

from parity.independence import rules
from parity.independence.witnesses import whereabouts


def of(forbidden: Mapping[str, str], again: Callable[[], object]) -> set[str]:
    """Return a sentence for each kind of forbidden operator and each place; `again` runs the subject's calls once more.

    forbidden  operator -> the call in which it was seen, in the order in which they were seen
    """
    if not forbidden:
        return set()
    places = whereabouts.found(again, forbidden)
    first: dict[tuple[str, str], str] = {}  # an operator is made of others: the outermost is named
    for operator, phase in forbidden.items():
        where = places.get(operator) or ", ".join(filter(None, (phase, "no line was found that asks for it")))
        first.setdefault((rules.family(operator), where), f"{rules.fault(operator)}: {where}")
    return set(first.values())
