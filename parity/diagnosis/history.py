"""What explained the earlier failures of a quantity in this process: it is tried first where the quantity fails again.

A library has one fault in many cells. What fitted in some of them is tested in every other one, so that the page can
count how many failures it explains; once it is settled it is tested alone, and the rest of the list is left out.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field, replace

from parity.subjects.contract import Subject
from parity.verdict.trial import Trial
from reports.text import generic

SETTLED = 3  # failures in a row that look alike: the next is asked only whether it does too
SEARCHES = 6  # of the whole list, for one quantity in one check and regime: after that only what fitted before is tried
SUBJECTS = 8  # whose histories are kept


@dataclass(frozen=True)
class Met:
    """How one failure was explained: what fitted, by its place in the list, the words of the best, what was met."""

    hypotheses: frozenset[int]
    words: str
    conditions: frozenset[str]


@dataclass
class History:
    """Of one quantity of a module of one subject."""

    hypotheses: Counter[int] = field(default_factory=Counter)  # that fitted, by their place in the list
    words: Counter[str] = field(default_factory=Counter)  # of explanations that fitted, without figures
    searches: Counter[tuple[str, str]] = field(default_factory=Counter)  # of the whole list, by check and regime
    last: list[Met] = field(default_factory=list)

    @property
    def settled(self) -> Met | None:
        """How the last failures were all explained, by what fitted in each; None where they differ, or are too few."""
        recent = self.last[-SETTLED:]
        told = {(one.words, one.conditions) for one in recent}
        if len(recent) < SETTLED or len(told) > 1:
            return None
        return replace(recent[-1], hypotheses=frozenset.intersection(*(one.hypotheses for one in recent)))

    def searched(self, trial: Trial) -> bool:
        """Whether the whole list was tried often enough in failures like this one."""
        return self.searches[trial.cell.check, trial.cell.regime] >= SEARCHES

    def times(self, words: str) -> int:
        """Return how many failures these words, but for figures, have fitted so far."""
        return self.words[generic(words)]


_histories: OrderedDict[int, tuple[Subject, dict[tuple[str, str], History]]] = OrderedDict()


def history(trial: Trial, quantity: str) -> History:
    """Return what is known of a quantity of the trial's module; that of a subject that is another object is new."""
    subject = trial.subject
    held = _histories.pop(id(subject), (subject, {}))
    _histories[id(subject)] = held  # the subject is kept with it, so that no other gets its id
    while len(_histories) > SUBJECTS:
        _histories.popitem(last=False)
    return held[1].setdefault((trial.cell.page.module, quantity), History())
