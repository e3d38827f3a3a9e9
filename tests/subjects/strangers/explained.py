"""What the page and the first failing cell give as explanations, and whether one of them names the true cause."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.subjects.strangers.examine import Record, Visit
from tests.subjects.strangers.faults.fault import StrangersFault

FIRST, LISTED, MISTAKEN, NONE = "first", "on the list", "wrong", "none"
UNKNOWN = "no explanation on the suite's list fits"
# Where, how often and under which conditions something fails: no word of these is taken for an explanation.
CONDITION = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
COUNTED = re.compile(r"^in ([\d,]+ comparisons?|[\d,]+ like something else)( \((?:[^()]|\([^()]*\))*\))? ?")
FIGURES = re.compile(r"\d+ of \d+ elements (are wrong|are not exact|differ in being finite)")
ITEM_LOOKS = re.compile(r"It looks like this: (.*)$")
ITEM_SIMPLER = re.compile(r"\. It is (right .*)$")


@dataclass(frozen=True)
class Passage:
    """A place where a reader looks: what stands first there, and the alternatives and later cases behind it."""

    leads: tuple[str, ...]
    rest: tuple[str, ...] = ()
    guessed: bool = False  # whether it says what the failure looks like, and does not only tell what failed


def clauses(looks: str) -> list[str]:
    """Return the explanations of one telling, the first one first: of several cases, and of several alternatives.

    What a semicolon joins is one explanation: a condition, and what the numbers look like where it does not hold.
    """
    cases = [COUNTED.sub("", case) for case in re.split(r"; (?=in [\d,]+ )", looks)]
    parts = [part.strip(" .") for case in cases for part in re.split(r", or | or ", case)]
    return [part for part in parts if part and UNKNOWN not in part.lower()]


def told(detail: str) -> list[str]:
    """Return what is told of a failure besides figures: a broken promise, a wrong shape, an exception."""
    text = re.sub(rf"{UNKNOWN}\.?", "", detail, flags=re.IGNORECASE).strip(" .")
    return [] if not text or FIGURES.search(text) else [text]


def of_item(item: str) -> Passage:
    """Return what an item of the page explains."""
    plain = re.sub(r" And so it fails .*$", "", item.replace("**", "").replace("\\", ""))
    found = ITEM_LOOKS.search(plain) or ITEM_SIMPLER.search(plain)
    looks = clauses(found[1]) if found else []
    before = plain[: found.start()] if found else plain
    worst = re.search(r"At worst, in case .*?: (.*)$", before)
    detail = worst[1] if worst else re.sub(r"^(Stopped in|[\w-]+ is broken:) ", "", CONDITION.sub("", before, count=1))
    return Passage((*looks[:1], *told(detail)), tuple(looks[1:]), bool(looks))


def of_cell(said: str) -> Passage:
    """Return what the terminal says of a cell: of its first quantity first."""
    details, looks = [], []
    for line in said.splitlines():
        if detail := re.match(r"  (?! )(?!again: |smallest case: |and \d)([^:]+): (.*)", line):
            details.append(detail[2])
        elif look := re.match(r"    looks like: (.*)", line):
            looks.append(clauses(look[1]))
    leads = [*(looks[0][:1] if looks else ()), *(told(details[0]) if details else ())]
    rest = [*(looks[0][1:] if looks else ()), *(clause for later in looks[1:] for clause in later)]
    return Passage(tuple(leads), (*rest, *(text for detail in details[1:] for text in told(detail))), bool(looks))


def heads(items: Sequence[str], records: Sequence[Record]) -> list[str]:
    """Return the items that are about these records: not those on a check that fails in the honest library alike."""
    checks = {record["check"] for record in records}
    about = [re.match(r"\*\*([\w-]+)\*\* is broken", item) for item in items]
    return [item for item, check in zip(items, about, strict=True) if check is None or check[1] in checks]


@dataclass(frozen=True)
class Explanation:
    """How well a fault is explained, and the words that a reader meets first."""

    outcome: str
    words: str


def explained(fault: StrangersFault, seen: Visit, honest: Visit) -> Explanation:
    """Judge the head of the page and what stands beside the first failing cell; the later items are the list."""
    head, *later = [of_item(item) for item in heads(seen.items, seen.beyond(honest))] or [Passage(())]
    cell = of_cell(seen.first_cell(honest))
    leads = [*head.leads, *cell.leads]
    rest = [*head.rest, *cell.rest, *(text for passage in later for text in (*passage.leads, *passage.rest))]
    words = " | ".join(dict.fromkeys(leads)) or "-"
    if any(map(fault.named_by, leads)):
        return Explanation(FIRST, words)
    if any(map(fault.named_by, rest)):
        named = next(text for text in rest if fault.named_by(text))
        return Explanation(LISTED, f"{words} | later: {named}")
    return Explanation(MISTAKEN if head.guessed or cell.guessed else NONE, words)
