"""What the failures of one quantity look like together: the explanation that fits most of them, and the others."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from reports.parity.referee.condition import condition
from reports.record import Parity
from reports.text import counted, generic, safe

NOT_SOUGHT = "not looked for, as --no-causes asks"  # in place of a diagnosis
UNKNOWN = "no explanation on the suite's list fits"
MOST_GROUPS = 3  # told after the heading
MOST_CONDITIONS = 2
RIGHT_IF = "right if"
TELL_LITTLE = tuple(f"{RIGHT_IF} {key}" for key in ("regime", "batch", "dtype"))
REGION = "in region"  # the end of a kind that says where, not why
NEARLY = 0.75  # of the failures that a region fits, that an explanation must fit to head them


@dataclass
class Look:
    """An explanation: its words where it was first told, the failures that it fits, and how early it was told there."""

    kind: str
    words: str
    records: list[Parity] = field(default_factory=list)
    ranks: int = 0

    @property
    def place(self) -> tuple[int, float]:
        """A sorting key: what fits more failures comes first, then what was told earlier in them."""
        return -len(self.records), self.ranks / max(1, len(self.records))

    def fitted(self, records: Sequence[Parity], fits: bool = True) -> list[Parity]:
        """Return those of the records that it fits, or those that it does not."""
        own = set(map(id, self.records))
        return [record for record in records if (id(record) in own) is fits]

    def count(self, among: Set[int]) -> int:
        """Return how many it fits of the records with these identities; it looks at its own alone."""
        return sum(id(record) in among for record in self.records)


def told(record: Parity) -> list[tuple[str, str]]:
    """Return kind and words of all that fits a failure; of a record of before, its one line without a kind."""
    if not record.fits:
        return [("", record.diagnosis)] if record.diagnosis else []
    return [(kind, words) for kind, _, words in (fit.partition(": ") for fit in record.fits)]


def looks(records: Sequence[Parity]) -> list[Look]:
    """Return every explanation that fits some of the failures, that which fits most first.

    Two tellings that differ in figures alone are one.
    """
    by_words: dict[tuple[bool, str], Look] = {}
    for record in records:
        for rank, (kind, words) in enumerate(told(record)):
            look = by_words.setdefault((kind.startswith(RIGHT_IF), generic(words)), Look(kind, words))
            if not look.records or look.records[-1] is not record:
                look.records.append(record)
                look.ranks += rank
    return sorted(by_words.values(), key=lambda look: look.place)


def heading(wrong: Sequence[Parity], values: Sequence[Parity]) -> str:
    """Return what the failures of a quantity, a part of its comparisons, look like.

    The explanation that fits most is told with how many it fits; if it fits less than half of them, that is said, and
    the failures are told cause by cause.
    """
    if all(record.diagnosis == NOT_SOUGHT for record in wrong):
        return f"What they look like was {NOT_SOUGHT}."
    every = looks(wrong)
    causes = [look for look in every if not look.kind.startswith(RIGHT_IF)]
    met = sorted((look for look in every if look.kind.startswith(RIGHT_IF)), key=telling)
    best = likeliest(causes)
    if best and 2 * len(best.records) >= len(wrong):
        return f"It looks like this: {of_best(best, causes, wrong, values)}.{conditions(met, wrong, best)}"
    where = [look for look in met if 2 * len(look.records) >= len(wrong)]
    if where:
        others = f" Within them: {groups(causes, wrong, values)}." if causes else ""
        return f"It is {safe(where[0].words)}{so(where[0], wrong)}.{others}"
    if not every:
        return f"{UNKNOWN.capitalize()}."
    return f"No explanation fits half of the {len(wrong):,} failures: {groups([*causes, *met], wrong, values)}."


def telling(look: Look) -> tuple[int, bool]:
    """A sorting key of conditions: what holds of most failures, and of those what tells more than numbers and sizes."""
    return -len(look.records), look.kind in TELL_LITTLE


def likeliest(causes: Sequence[Look]) -> Look | None:
    """Return what fits most; in place of a mere region what fits nearly as many, for that says why."""
    if not causes or not causes[0].kind.endswith(REGION):
        return causes[0] if causes else None
    enough = NEARLY * len(causes[0].records)
    others = (look for look in causes if not look.kind.endswith(REGION) and len(look.records) >= enough)
    return next(others, causes[0])


def of_best(best: Look, causes: Sequence[Look], wrong: Sequence[Parity], values: Sequence[Parity]) -> str:
    """Return the explanation that fits most, another that fits just as well, and what the other failures look like."""
    as_many = [look for look in causes if len(look.records) == len(best.records)]
    alike = [look for look in as_many if len(best.fitted(look.records)) == len(best.records)][:2]
    words = " or ".join(safe(look.words) for look in alike)
    rest = best.fitted(wrong, fits=False)
    others = f"; the other{f' {len(rest):,}' * (len(rest) > 1)}: {groups(causes, rest, values)}" if rest else ""
    return f"{words}{share(best, wrong)}{others}"


def share(look: Look, wrong: Sequence[Parity]) -> str:
    """Return how many of the failures an explanation fits."""
    if len(look.records) == len(wrong):
        return f": fits all {len(wrong):,} failures" if len(wrong) > 1 else ""
    return f": fits {len(look.records):,} of {len(wrong):,} failures"


def groups(causes: Sequence[Look], wrong: Sequence[Parity], values: Sequence[Parity]) -> str:
    """Return failures cause by cause, each with the condition under which it shows; those that nothing fits last."""
    left = list(wrong)
    said: list[str] = []
    while left and causes and len(said) < MOST_GROUPS:
        identities = set(map(id, left))
        look = max(causes, key=lambda one: one.count(identities))
        those = look.fitted(left)
        if not those:
            break
        left = look.fitted(left, fits=False)
        said.append(f"in {counted(len(those), 'comparison')} ({condition(those, values)}) {safe(look.words)}")
    if left:
        identities = set(map(id, left))
        words = "like something else" if any(look.count(identities) for look in causes) else UNKNOWN
        said.append(f"in {counted(len(left), 'comparison')} ({condition(left, values)}) {words}")
    return "; ".join(said)


def conditions(met: Sequence[Look], wrong: Sequence[Parity], best: Look) -> str:
    """Return under which conditions most of the failures are right, as a sentence of its own.

    A condition on an option that the explanation itself names says nothing more.
    """
    most = [look for look in met if 2 * len(look.records) >= len(wrong) and option(look) not in best.words]
    return "".join(f" It is {safe(look.words)}{so(look, wrong)}." for look in most[:MOST_CONDITIONS])


def option(look: Look) -> str:
    """Return the option, or the other thing, that a condition is of."""
    return look.kind.removeprefix(RIGHT_IF).strip().removeprefix("equal ")


def so(look: Look, wrong: Sequence[Parity]) -> str:
    """Return in how many of the failures a condition is met."""
    if len(look.records) == len(wrong):
        return f", in all {len(wrong):,} failures" if len(wrong) > 1 else ""
    return f", in {len(look.records):,} of {len(wrong):,} failures"
