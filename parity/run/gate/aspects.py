"""Which failures make a run fail: those of numbers and of behaviour; those of conventions where that is asked."""

from collections.abc import Sequence

import pytest

from parity.run.session import one_of
from reports.record import ASPECTS, Parity

DEFAULT = "numbers,behaviour"
FAIL_ON = pytest.StashKey[tuple[str, ...]]()  # the aspects whose failures make the run fail


def aspects_of(given: str) -> tuple[str, ...]:
    """Return the aspects that --fail-on names, in their order; raise ValueError, with the nearest, for another word."""
    words = given.replace(",", " ").split()
    if not words:
        raise ValueError(f"--fail-on must name one or more of {', '.join(ASPECTS)}, was {given!r}")
    named = {one_of("--fail-on", word, ASPECTS) for word in words}
    return tuple(aspect for aspect in ASPECTS if aspect in named)


def fails(record: Parity, fail_on: Sequence[str]) -> bool:
    """Return whether a record makes the run fail: a crash always does, and what proves nothing."""
    if record.verdict == "fail":
        return record.aspect in fail_on or not record.aspect
    return record.verdict in ("error", "void")


def not_asked(wrong: Sequence[Parity]) -> str:
    """Return, on one line, what is wrong in an aspect that --fail-on does not name."""
    first = wrong[0]
    return f"{first.aspect} alone, which --fail-on does not name: {first.quantity}: {first.detail}"
