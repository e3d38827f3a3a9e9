"""What a verdict counts as, and the glyph and word that show it."""

from collections import Counter
from collections.abc import Mapping

from reports.record import Parity

VALUE_CHECKS = ("values", "second-order")  # every other check is a contract check
COMPARED = ("pass", "same-route", "fail")
UNJUDGED = ("void", "error")
WORDS = {
    "fail": "✗ FAIL",
    "error": "! error",
    "void": "∅ void",
    "pass": "✓ pass",
    "same-route": "≡ same route",
    "unsupported": "○ unsupported",
}


def weighs_values(record: Parity) -> bool:
    """Whether the record compares numbers with the truth, rather than establishing a contract."""
    return record.check in VALUE_CHECKS


def standing(record: Parity) -> str:
    """Return the verdict, except that agreement of values over no element at all is void."""
    vacuous = not record.elements and record.verdict in ("pass", "same-route") and weighs_values(record)
    return "void" if vacuous else record.verdict


def reason(record: Parity) -> str:
    """Return the detail of a record, or what made the page call it void."""
    if standing(record) != record.verdict:
        return " ".join(filter(None, (f"nothing was compared, though recorded as {record.verdict}", record.detail)))
    return record.detail


def total(verdicts: Mapping[str, int], kinds: tuple[str, ...]) -> int:
    """Return how many of the counted verdicts are of these kinds."""
    return sum(verdicts.get(kind, 0) for kind in kinds)


def gravest(verdicts: Mapping[str, int]) -> str:
    """Return glyph and word of the gravest verdict counted; what was unsupported weighs least."""
    return next((word for verdict, word in WORDS.items() if verdicts.get(verdict)), "∅ nothing recorded")


def spelled(verdicts: Counter[str], but: tuple[str, ...] = ()) -> str:
    """Return every verdict counted, `but` for some, each with glyph and word."""
    return ", ".join(
        word.replace(" ", f" {verdicts[verdict]:,} ", 1)
        for verdict, word in WORDS.items()
        if verdicts[verdict] and verdict not in but
    )
