"""What changed from one run to another, by module and by cause."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from reports.compare.side import Key, QuantityState, RunSide
from reports.parity.gate.aspects import gating
from reports.parity.verdicts import VALUE_CHECKS
from reports.record import Run
from reports.text import generic

MODULE, QUICK = "--module", "--quick"  # of these alone a run keeps what they selected
GROWN = 2.0  # times the error before that an error is at least, to have drifted: half as much again is another machine
NEAR = 0.25  # of the limit, below which an error may grow as it likes: that is rounding


class Kind(StrEnum):
    """A kind of change; the first is what fails a comparison."""

    WRONG = "newly wrong"
    MENDED = "mended"
    DRIFTED = "drifted towards the limit"
    MISSING = "newly missing"
    COMPARED = "newly compared"


@dataclass
class Change:
    """Quantities of a module that changed in one way, for one cause."""

    kind: Kind
    subject: str
    module: str
    what: str  # the quantity whose values were weighed, or the check that does not hold
    cause: str  # of what is wrong, or was, as it was first told; empty for other changes
    aspect: str
    fails: bool = False  # whether it makes the newer run fail, or is all of a module, and a run of all lost it
    count: int = 0
    example: Key = ()
    before: float = math.nan  # the error of the example, in units of u x gauge
    after: float = math.nan

    def take(self, key: Key, before: float, after: float) -> None:
        """Count a quantity; that with the largest error afterwards is the example."""
        self.count += 1
        if not self.example or after > self.after:
            self.example, self.before, self.after = key, before, after


@dataclass
class Changes:
    """All changes, and how much stayed as it was."""

    groups: list[Change]
    old: Sequence[Run]
    new: Sequence[Run]
    same: Counter[str] = field(default_factory=Counter)  # quantities that are right, or wrong, in both

    def of(self, *kinds: Kind) -> list[Change]:
        return [change for change in self.groups if change.kind in kinds]

    def count(self, *kinds: Kind) -> int:
        return sum(change.count for change in self.of(*kinds))

    @property
    def failing(self) -> list[Change]:
        """What fails the comparison: what is newly wrong and makes the newer run fail, and modules that are gone."""
        return [change for change in self.groups if change.fails]


def changes(old: RunSide, new: RunSide, grown: float = GROWN) -> Changes:
    """Compare the records of two runs; both files are read once, and of each quantity its states alone are held.

    Raises ValueError, in one sentence, where a file is no finished run, or the two are of no common subject.
    """
    met: dict[Key, list[QuantityState | None]] = {}
    for place, side in enumerate((old, new)):
        for key, state in side.states():
            both = met.setdefault(key, [None, None])
            before = both[place]
            both[place] = before.with_another(state) if before else state
    of_one_subject(old, new)
    found, same, fail_on = dict[tuple[object, ...], Change](), Counter[str](), gating(new.runs)
    for key, (earlier, later) in met.items():
        kind = kind_of(earlier, later, grown, fail_on)
        if kind is None:
            same["right" if later and later.is_right else "wrong" if later and later.is_wrong else "unsupported"] += 1
            continue
        shown = earlier if kind is Kind.MENDED or later is None else later
        assert shown is not None
        what, cause, aspect = of_kind(kind, key, shown)
        fails = kind is Kind.WRONG and shown.fails(fail_on)
        name = kind, key[0], key[1], what, generic(cause), aspect, fails
        change = found.setdefault(name, Change(kind, key[0], key[1], what, cause, aspect, fails))
        change.take(key, earlier.error if earlier else math.nan, later.error if later else math.nan)
    still, asked = {key[:2] for key, (_, later) in met.items() if is_compared(later)}, asked_again(old.runs, new.runs)
    for change in found.values():
        gone = change.kind is Kind.MISSING and (change.subject, change.module) not in still
        change.fails |= gone and change.subject in asked
    if not same and not any(change.kind not in (Kind.MISSING, Kind.COMPARED) for change in found.values()):
        raise ValueError(f"{old.path} and {new.path} have no compared quantity in common: nothing can be said of them")
    return Changes(sorted(found.values(), key=order), old.runs, new.runs, same)


def asked_again(old: Sequence[Run], new: Sequence[Run]) -> set[str]:
    """Return the subjects of which the newer run asked all, or the same selection of modules as the earlier one did.

    Of other words, a dtype say, a run keeps that they were given, and not which: there it may have asked less.
    """
    asked, before = set(), [selection(run) for run in old]
    for run in new:
        selected = {*run.narrowed_by} <= {MODULE, QUICK} and selection(run) in before
        if selected or not (run.narrowed_by or run.quick):
            asked.add(run.subject)
    return asked


def selection(run: Run) -> tuple[object, ...]:
    """Return what a run tells of the selection that it was asked for."""
    return run.subject, run.narrowed_by, run.quick, run.without


def of_kind(kind: Kind, key: Key, shown: QuantityState) -> tuple[str, str, str]:
    """Return by what else changes of a kind are told apart in a module: quantity or check, cause, aspect."""
    if kind in (Kind.MISSING, Kind.COMPARED):
        return "", "", ""
    what = key[4] if key[3] in VALUE_CHECKS else key[3]
    return what, "" if kind is Kind.DRIFTED else shown.cause, shown.aspect


def kind_of(
    earlier: QuantityState | None, later: QuantityState | None, grown: float, fail_on: Collection[str]
) -> Kind | None:
    """Return how a quantity changed; None where it did not, or was compared in neither run.

    What was wrong in a way that fails no run, and is now in one that does, is newly wrong.
    """
    was, is_now = is_compared(earlier), is_compared(later)
    if is_now and later and later.is_wrong:
        as_before = earlier is not None and earlier.is_wrong and earlier.fails(fail_on) >= later.fails(fail_on)
        return None if as_before else Kind.WRONG
    if was and not is_now:
        return Kind.MISSING
    if is_now and not was:
        return Kind.COMPARED
    if was and earlier and later and earlier.is_wrong:
        return Kind.MENDED
    return Kind.DRIFTED if earlier and later and has_drifted(earlier, later, grown) else None


def is_compared(state: QuantityState | None) -> bool:
    return state is not None and (state.is_right or state.is_wrong)


def has_drifted(earlier: QuantityState, later: QuantityState, grown: float) -> bool:
    """Return whether an error grew by a factor, to where the limit is in sight; of nan neither can be said."""
    return later.error >= grown * earlier.error and later.error >= NEAR * later.limit


def of_one_subject(old: RunSide, new: RunSide) -> None:
    """Raise ValueError, in one sentence, where two sides that have records are of no common subject."""
    names = [sorted({run.subject for run in side.runs}) for side in (old, new)]
    if all(names) and not set(names[0]) & set(names[1]):
        raise ValueError(
            f"{old.path} is of {' and '.join(names[0])}, {new.path} of {' and '.join(names[1])}: two runs of one "
            "library can be compared; libraries side by side are one run, with several words of --subject"
        )


def order(change: Change) -> tuple[int, str, str, int]:
    return list(Kind).index(change.kind), change.subject, change.module, -change.count
