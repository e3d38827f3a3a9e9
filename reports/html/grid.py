"""The grid: where a module and a kind of quantity meet, a square that says what came of it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.html.facets import Facets
from reports.parity.consequences import Consequences
from reports.parity.gate.aspects import aspect, differs
from reports.parity.summary import display
from reports.parity.verdicts import UNJUDGED, WORDS, standing, weighs_values
from reports.record import BEHAVIOUR, CONVENTIONS, Parity
from reports.text import one_line

OTHERS, FOLLOWS, DIFFERS = "others", "follows", "differs"
COLUMNS = {
    "output": "output",
    "dx": "dL/dX",
    "dweight": "dL/dW",
    "dbias": "dL/db",
    OTHERS: "other gradients, outputs and buffers",
    BEHAVIOUR: "checks of behaviour",
    CONVENTIONS: "conventions",
}
HEADS = dict(zip(COLUMNS, ("out", "dX", "dW", "db", "more", "checks", "conv."), strict=True))
# Verdict: the sign, the word beside it, and what it means.
SIGNS = {
    "fail": ("✗", "FAIL", "an element is beyond the limit, or the behaviour is wrong"),
    "error": ("!", "error", "stopped before there was anything to compare"),
    "void": ("∅", "void", "proves nothing"),
    FOLLOWS: ("↳", "follows", "fails only because a quantity is wrong anyhow"),
    DIFFERS: ("≠", "differs", "another convention than torch's, which right libraries may have"),
    "pass": ("✓", "pass", "every element is within the limit, or the behaviour is as it must be"),
    "same-route": ("≡", "same", "right in torch's very bits: agreement, but no independent proof"),
    "unsupported": ("○", "none", "the subject says that it does not have this"),
}
WRONG = ("fail", *UNJUDGED)


@dataclass(frozen=True)
class Square:
    """What came of one kind of quantity of one module."""

    verdict: str  # the gravest of its records; empty where there is none
    said: str  # all of them, in words
    anchor: str  # where its records stand; empty where they stand nowhere by themselves

    @property
    def sign(self) -> str:
        return SIGNS[self.verdict][0]

    @property
    def word(self) -> str:
        return SIGNS[self.verdict][1]


@dataclass(frozen=True)
class GridLine:
    """A module with its squares, in the order of COLUMNS."""

    module: str
    anchor: str
    tokens: str
    squares: Sequence[Square]

    @property
    def absent(self) -> bool:
        """Whether the subject has nothing of the module."""
        return all(square.verdict in ("", "unsupported") for square in self.squares)


def kind(record: Parity) -> str:
    """Return the column that a record belongs to."""
    if aspect(record) == CONVENTIONS or not weighs_values(record):
        return CONVENTIONS if aspect(record) == CONVENTIONS else BEHAVIOUR
    return record.quantity if record.quantity in COLUMNS else OTHERS


def line(module: str, records: Sequence[Parity], consequences: Consequences, anchor: str, facets: Facets) -> GridLine:
    """Return the line of a module; its squares are found by the module's anchor and their column."""
    by_kind: defaultdict[str, list[Parity]] = defaultdict(list)
    for record in records:
        by_kind[kind(record)].append(record)
    squares = [square(module, column, by_kind.get(column, []), consequences, anchor) for column in COLUMNS]
    return GridLine(one_line(module), anchor, facets.tokens(records), squares)


def square(module: str, column: str, records: Sequence[Parity], consequences: Consequences, anchor: str) -> Square:
    if not records:
        return Square("", f"{one_line(module)}, {COLUMNS[column]}: nothing asked", "")
    verdicts = Counter(verdict(record, consequences) for record in records)
    gravest = next(verdict for verdict in SIGNS if verdicts[verdict])
    names = dict.fromkeys(display(record.quantity) for record in records)
    which = f"{COLUMNS[column]} ({one_line(', '.join(names), 120)})" if column == OTHERS else COLUMNS[column]
    counts = ", ".join(f"{verdicts[verdict]:,} {spelled(verdict)}" for verdict in SIGNS if verdicts[verdict])
    return Square(gravest, f"{one_line(module)}, {which}: {counts}", f"{anchor}--{column}")


def verdict(record: Parity, consequences: Consequences) -> str:
    """Return what came of a record, told apart from what follows of it and from other conventions."""
    return FOLLOWS if record in consequences else DIFFERS if differs(record) else standing(record)


def spelled(verdict: str) -> str:
    """Return a verdict in words, without its sign."""
    others = {FOLLOWS: "follow from a wrong quantity", DIFFERS: "differ in a convention"}
    return others[verdict] if verdict in others else WORDS[verdict].partition(" ")[2].lower()


def placed(lines: Sequence[GridLine]) -> list[GridLine]:
    """Return the lines, those first in which something is wrong, each lot in its order."""
    return sorted(lines, key=lambda one: min(gravity(square) for square in one.squares))


def gravity(square: Square) -> int:
    """Return a sorting key: what is wrong by itself before everything else."""
    return WRONG.index(square.verdict) if square.verdict in WRONG else len(WRONG)


def halves(lines: Sequence[GridLine], most: int) -> list[Sequence[GridLine]]:
    """Return the lines in two parts of one length, or in one if they are no more than `most`."""
    parts = min(2, -(-len(lines) // most))
    length = -(-len(lines) // parts) if parts else 0
    return [lines[start : start + length] for start in range(0, len(lines), length)] if length else []


def legend(lines: Sequence[GridLine]) -> Mapping[str, tuple[str, str, str]]:
    """Return the signs that occur, with their words and what they mean."""
    there = {square.verdict for one in lines for square in one.squares}
    return {verdict: sign for verdict, sign in SIGNS.items() if verdict in there}
