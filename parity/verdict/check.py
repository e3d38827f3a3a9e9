"""A check: one question asked of a subject, and the cases that it is asked of. Each file of the contract has one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from parity.catalogue.page import Case, Page
from parity.verdict.trial import Judged, Trial, records
from reports.record import ASPECTS, Parity

NUMBERS, BEHAVIOUR, CONVENTIONS = ASPECTS

# Of checks that see memory: a library of one dtype shows its own only where nothing is cast.
WHERE_NOTHING_IS_CAST = ("float32", "float64")
Drawn = tuple[str, str, float]  # dtype, regime, scale of the cotangent


def wide(_: Page, case: Case) -> bool:
    """Return whether the case is drawn widely: what most checks are asked of."""
    return case.widely


def laid_out(page: Page, case: Case) -> bool:
    """Return whether the case has a batch, and is drawn widely or is the one of the others that is crossed."""
    return in_batches(page, replace(case, widely=case.widely or case.crossed))


def in_batches(_: Page, case: Case) -> bool:
    """Return whether the case is drawn widely and has a batch: one sample of classes has none."""
    return case.widely and not (case.target == "classes" and len(case.x) == 1)


def with_parameters(page: Page, case: Case) -> bool:
    """Return whether the case is drawn widely and has parameters."""
    return case.widely and any(True for _ in page.reference(**case.options).parameters())


@dataclass(frozen=True)
class Check:
    """What the plan, the manifest, the proof of the suite and the diagnosis know of a check; none knows its name.

    name         as the command line and the records have it
    run          yield what is judged of a trial, as soon as it is; raises Unsupported for what the subject says that it
                 does not have. What was judged before an exception stays judged
    aspect       what its failures say is wrong: numbers, behaviour, or no more than conventions that others share; a
                 record of its own aspect keeps that
    concerns     of which cases of a page it is asked; not asking the others is not the same as unsupported
    dtypes       in which dtypes
    regime       in which regime; empty for that of the case
    crossed      in which further dtypes a case is asked that is not drawn widely, but crossed with them
    wide_draws   further dtypes, regimes and scales of the cotangent, for the cases that are drawn widely
    derived      the page that is asked in place of a module's, with the same cases
    trait        what a subject must say of itself (Traits) to be asked; empty for any
    one_call     whether it compares what one forward and one backward give on the cell's own draw, and nothing else:
                 its elements are counted, and a case where it fails can be shrunk
    repeats      whether it holds the numbers of one call against those of another: it is not asked where the module
                 draws numbers of its own
    cost         checks are run in the order of their cost: the cheapest that can fail comes first
    looks_like   what a broken promise looks like, from the trial and the quantity of the record; empty if unknown
    right_where  where a quantity that failed here is right, from the trial, the one in which it failed, and the
                 quantity: a key for the condition and the words
    """

    name: str
    run: Callable[[Trial], Iterable[Judged]]
    aspect: str
    concerns: Callable[[Page, Case], bool] = wide
    dtypes: Sequence[str] = ("float32",)
    regime: str = ""
    crossed: Sequence[str] = ()
    wide_draws: Sequence[Drawn] = ()
    derived: Callable[[Page], Page] = lambda page: page
    trait: str = ""
    one_call: bool = False
    repeats: bool = False
    cost: int = 1
    looks_like: Callable[[Trial, str], str] | None = None
    right_where: Callable[[Trial, Trial, str], tuple[str, str]] | None = None

    def asked(self, trial: Trial) -> Iterator[Judged]:
        """Run the check; yield what is judged, each with its aspect."""
        for one in self.run(trial):
            yield one if one.record.aspect else one.told(aspect=self.aspect)

    def judged(self, trial: Trial) -> tuple[list[Judged], Exception | None]:
        """Run the check; return what was judged, and the exception that ended it before its end."""
        judged: list[Judged] = []
        try:
            for one in self.asked(trial):
                judged.append(one)  # noqa: PERF402 - kept one by one: an exception must not lose those before it
        except Exception as error:
            return judged, error
        return judged, None

    def records(self, trial: Trial) -> list[Parity]:
        """Run the check; return the records of what was judged. An exception passes through."""
        return records(self.asked(trial))

    def draws(self, case: Case) -> Iterable[Drawn]:
        """Return in which dtypes, regimes and scales of the cotangent the case is drawn, each once."""
        dtypes = (*self.dtypes, *(self.crossed if case.crossed else ()))
        narrow = product(("float32",) if case.large else dtypes, (self.regime or case.regime,), (1.0,))
        return dict.fromkeys([*narrow, *(self.wide_draws if case.widely and not case.one_regime else ())])
