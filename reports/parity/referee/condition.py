"""The condition under which something happens: what the cells in which it does have in common, and others have not."""

from collections.abc import Callable, Sequence

from reports.parity.summary import arithmetic
from reports.record import Parity
from reports.text import listed, safe

MOST_NAMES = 6


def condition(those: Sequence[Parity], among: Sequence[Parity]) -> str:
    """Return the options, cases, regimes and dtypes of `those` records, a part of the records `among`."""
    parts = [
        options(those, among),
        names("case", those, among, lambda record: record.case),
        names("regime", those, among, lambda record: record.regime),
        safe(listed(sorted({arithmetic(record) for record in those}), 4)),
    ]
    return "; ".join(filter(None, parts))


def options(those: Sequence[Parity], among: Sequence[Parity]) -> str:
    """Return the options that all of those have, but not all the others; empty where there are none."""
    shared = set.intersection(*(set(record.options.items()) for record in those))
    telling = [option for option in sorted(shared) if any(option not in record.options.items() for record in among)]
    return safe(", ".join(f"{name}={value}" for name, value in telling))


def names(what: str, those: Sequence[Parity], among: Sequence[Parity], of: Callable[[Parity], str]) -> str:
    """Return the cases, or the regimes, of those: by name, or that it is every one of several."""
    found, every = {of(record) for record in those}, {of(record) for record in among}
    if len(found) > 1 and found == every:
        return f"every {what}"
    return f"{what if len(found) == 1 else what + 's'} {safe(listed(sorted(found), MOST_NAMES))}"
