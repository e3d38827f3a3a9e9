"""The three columns of a verdict: numbers, behaviour, conventions; a failure in one says nothing of the others."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from reports.parity.consequences import Consequences
from reports.parity.verdicts import WORDS, gravest, standing, weighs_values
from reports.record import ASPECTS, BEHAVIOUR, CONVENTIONS, NUMBERS, Parity, Run
from reports.text import ABSENT

DIFFERS = "≠ differs"
READINGS = {
    NUMBERS: "Numbers: outputs, gradients, and what comes of training with them.",
    BEHAVIOUR: "Behaviour: gradients accumulate, inputs are left alone, bad input is refused, and more.",
    CONVENTIONS: (
        "Conventions, in which right libraries differ: exact sums of integers, torch's choice at kinks, where nan and "
        "inf stand when the input holds them, the words of errors. What fails elsewhere because a number is wrong is "
        "counted under numbers alone."
    ),
}


def aspect(record: Parity) -> str:
    """Return what a failure of the record says is wrong; of a file of another version, by its check."""
    return record.aspect if record.aspect in ASPECTS else NUMBERS if weighs_values(record) else BEHAVIOUR


def differs(record: Parity) -> bool:
    """Return whether a record says that a convention is not torch's, which no right number need follow."""
    return standing(record) == "fail" and aspect(record) == CONVENTIONS


def by_aspect(records: Sequence[Parity]) -> Mapping[str, Counter[str]]:
    """Return how often each verdict stands in each aspect, without what follows from a wrong number."""
    consequences, counts = Consequences(records), {name: Counter[str]() for name in ASPECTS}
    for record in records:
        if record not in consequences:
            counts[aspect(record)][standing(record)] += 1
    return counts


def shown(of: str, verdicts: Mapping[str, int]) -> str:
    """Return glyph and word of the gravest verdict in an aspect; a convention that is not torch's is no failure."""
    if not sum(verdicts.values()):
        return ABSENT
    word = gravest(verdicts)
    return DIFFERS if of == CONVENTIONS and word == WORDS["fail"] else word


def word(record: Parity) -> str:
    """Return glyph and word of one record's verdict."""
    return shown(aspect(record), {standing(record): 1})


def gating(runs: Iterable[Run]) -> Collection[str]:
    """Return the aspects in which a failure made the runs fail: all of them in the files of older versions."""
    return {name for run in runs for name in run.fail_on} & {*ASPECTS} or ASPECTS
