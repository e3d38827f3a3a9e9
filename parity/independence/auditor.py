"""The audit of one cell: every witness watches the same rehearsal, and what they say is the verdict."""

from collections.abc import Mapping
from contextlib import suppress

from torch import Tensor

from parity.independence import evidence, source
from parity.independence.audits import ENDED, UNSUPPORTED, Audit, not_run
from parity.independence.rehearsal import Outcome, Rehearsal, eager
from parity.independence.witnesses import elsewhere, tampering
from parity.independence.witnesses.interpreter import LOOKED
from parity.independence.witnesses.kernels import listed
from parity.independence.witnesses.together import CHANGING, Witnesses
from parity.subjects.contract import Subject, Unsupported, traits
from parity.verdict.cell import Cell
from parity.verdict.reading import same_bits
from parity.verdict.trial import Trial

WRAPS = "it says that it wraps torch"
OUTSIDE = "it computes outside torch: only what it asked of torch was seen"
ELSEWHERE = "what runs in another process is not seen: "
SAY_SO = "what it computes there is not seen; if that is its way, its adapter says so by outside_torch = True"
OTHERWISE = "it gave other bits when it was watched"


class Hearing:
    """One subject in one cell, and what the witnesses found of it."""

    def __init__(self, subject: Subject, cell: Cell) -> None:
        self.subject, self.cell = subject, cell
        self.witnesses, self.others = Witnesses(), Witnesses()
        self.rehearsal = Rehearsal.of(subject, cell)
        self.outcomes: list[Outcome] = []
        self.against: set[str] = set()  # what voids the row
        self.unseen: set[str] = set()  # what no witness saw

    @property
    def outside(self) -> bool:
        """Whether it computes outside torch, as it or the adapter of the suite says."""
        return traits(self.subject).outside_torch or self.witnesses.boundary.carried

    def watch(self) -> None:
        """Run the rehearsal under all witnesses, under the profiler alone, and under none; an exception passes."""
        rehearsal, witnesses, outcomes = self.rehearsal, self.witnesses, self.outcomes
        with eager():
            with listed(witnesses.kernels):
                outcomes.append(rehearsal.run(witnesses.watch, witnesses))
                outcomes.append(rehearsal.run(witnesses.listen))
            outcomes += [rehearsal.run(), rehearsal.run()]
            rehearsal.reversed().run(self.others.watch, self.others)
            if alike(outcomes[2], outcomes[3]) and (self.otherwise(outcomes[0]) or self.otherwise(outcomes[1])):
                again = rehearsal.run(Witnesses().watch)  # for what differs in its very first run alone
                self.unseen |= {OTHERWISE} if self.otherwise(again) else set()

    def otherwise(self, watched: Outcome) -> bool:
        """Return whether a quantity that is right in a run that nothing watches has other bits in a watched one."""
        alone = self.outcomes[2]
        pairs = (
            (self.rehearsal.first, alone.first, watched.first),
            (self.rehearsal.second, alone.second, watched.second),
        )
        return any(
            agrees(trial, name, got)
            for trial, got, other in pairs
            for name in got
            if name not in other or not same_bits(got[name], other[name])
        )

    def listen_again(self) -> None:
        """Run the calls once more, for a profile; what it raises is known already."""
        with suppress(Exception), eager():
            self.rehearsal.run(self.witnesses.listen)

    def judge(self) -> None:
        """Enter what the witnesses say."""
        witnesses = self.witnesses
        self.against |= evidence.of(witnesses.forbidden(), self.listen_again)
        self.against |= {words for words in witnesses.events.against if words not in self.compiling()}
        self.against |= self.stale()
        if not self.outside:
            self.unseen |= self.hidden()
        if self.outside or self.unseen:
            self.unseen |= {f"{ELSEWHERE}{sign}" for sign in witnesses.events.unseen | elsewhere.beside()}

    def compiling(self) -> set[str]:
        """Return what is said of the stack, if the subject is outside torch: JAX and tinygrad read it to name code.

        In a process of its own it gains nothing by it: there is no reference to be found.
        """
        said = self.witnesses.events.against
        return {words for words in said if words.startswith(LOOKED)} if self.outside else set()

    def hidden(self) -> set[str]:
        """Return the signs that something was computed where no operation of torch shows it."""
        witnesses, signs = self.witnesses, self.witnesses.hidden(self.rehearsal.first.drawn.x.numel())
        if witnesses.came_in() - self.others.came_in() and self.others.strangers[2:]:
            signs |= set() if any(CHANGING in sign for sign in signs) else {CHANGING}
        for (call, quantity), lack in witnesses.lacking.items():
            if self.right(call, quantity):
                signs.add(f"{quantity} {lack}")
        return signs | ({SAY_SO} if signs else set())

    def stale(self) -> set[str]:
        """Return a sentence for each quantity that is right for the first data, and the same for others."""
        if not self.outcomes:
            return set()
        one, other = self.outcomes[0].first, self.outcomes[0].second
        return {
            f"{name} held the same bits for other data"
            for name, value in one.items()
            if value.numel() and name in other and same_bits(value, other[name])
            if self.right(1, name) and not self.right(2, name)
        }

    def right(self, call: int, quantity: str) -> bool:
        """Return whether a quantity of a call is right: what is wrong is the checks' business, and not the audit's."""
        if not self.outcomes:
            return False
        outcome = self.outcomes[0]
        trial, got = ((self.rehearsal.first, outcome.first), (self.rehearsal.second, outcome.second))[call - 1]
        return quantity in got and agrees(trial, quantity, got)


def agrees(trial: Trial, quantity: str, got: Mapping[str, Tensor]) -> bool:
    alone = got if trial.cell.page.draws(trial.cell.case) else {quantity: got[quantity]}
    judged = {one.record.quantity: one.record.verdict for one in trial.judge(alone)}
    return judged.get(quantity) in ("pass", "same-route")


def audit(subject: Subject, cell: Cell) -> Audit:
    """Return the audit of `subject` in `cell`. What the witnesses saw before an exception counts."""
    module = cell.page.module
    if traits(subject).wraps_torch:
        return not_run(subject.name, module, WRAPS)
    before, hearing, ended = tampering.snapshot(), Hearing(subject, cell), ""
    hearing.against |= set(tampering.counterfeits())
    try:
        hearing.watch()
    except Unsupported as lack:
        ended = f"{UNSUPPORTED}{lack}"
    except Exception as error:
        ended = f"{ENDED}{type(error).__name__}: {error}"
    hearing.against |= set(tampering.changes(before))
    hearing.judge()
    findings = hearing.against or ({ended} if ended else hearing.unseen)
    remarks = [source.remark(subject), OUTSIDE if hearing.outside else "", *sorted(hearing.compiling())]
    return Audit(
        subject=subject.name,
        module=module,
        operations=hearing.witnesses.operations(),
        verdict="void" if hearing.against else "not audited" if findings else "independent",
        findings=tuple(sorted(findings, key=lambda words: (words == SAY_SO, words))),
        remark="; ".join(filter(None, remarks)),
        touched={
            name: frozenset(label.split()[0] for label in labels)
            for name, labels in hearing.witnesses.trace.touched.items()
        },
        outside=hearing.outside,
    )


def alike(one: Outcome, other: Outcome) -> bool:
    """Return whether two outcomes agree bit by bit."""
    pairs = ((one.first, other.first), (one.second, other.second))
    return all(a.keys() == b.keys() and all(same_bits(value, b[name]) for name, value in a.items()) for a, b in pairs)
