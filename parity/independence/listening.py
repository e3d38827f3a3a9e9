"""Every cell that runs is listened to: a profile over the subject's calls names what they ask of torch.

A profile keeps every event, so it is closed after a while, and a sample that would fill the memory alone is watched by
the modes of torch, which keep names.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf, prod
from statistics import median

from parity.catalogue.page import Page
from parity.independence import evidence, rules
from parity.independence.effort import Effort
from parity.independence.kinds import Sample
from parity.independence.overheard import Hear, Overheard, Unjudged
from parity.independence.rehearsal import eager
from parity.independence.witnesses.interpreter import LOOKED, Events, listening
from parity.independence.witnesses.kernels import Kernels, called, listed
from parity.independence.witnesses.names import Called, Dispatched
from parity.subjects.contract import Subject, Unsupported, traits
from parity.verdict import limits
from parity.verdict.draw import drawn_for

AHEAD = 20  # samples whose draws are made before a profile begins
FEW = 3  # samples of whose time nothing can be said yet


@dataclass(frozen=True)
class Heard:
    """What was heard of one sample; `ended` says how its check ended, if by an exception."""

    against: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    ended: str = ""
    lacking: bool = False  # whether the subject says that it does not have this
    seconds: float = 0.0  # of work


@dataclass(frozen=True)
class Ending:
    """How the check of a sample ended, and after how many seconds of work."""

    ended: str
    lacking: bool
    seconds: float


class Ear:
    """Listens to the calls of samples, one after the other."""

    def __init__(self, subject: Subject, page: Page) -> None:
        self.subject, self.page = subject, page
        self.kernels, self.events, self.endings = Kernels(), list[Events](), list[Ending]()
        self.named: dict[int, set[str]] = {}  # of the samples that were watched by modes: what speaks against them
        self.rates: list[float] = []  # seconds of work an element of x

    def is_long(self, sample: Sample) -> bool:
        """Return whether the calls of a sample would be too many to be kept, as far as those before tell."""
        if len(self.rates) < FEW:
            return sample.case.large
        return median(self.rates) * prod(sample.case.x) > limits.AUDIT_LONG

    @contextmanager
    def hear(self, phase: str) -> Iterator[None]:
        with called(f"{len(self.events) - 1} {phase}"), listening(self.events[-1], phase):
            yield

    @contextmanager
    def hear_names(self, phase: str) -> Iterator[None]:
        found = self.named.setdefault(len(self.events) - 1, set())
        with listening(self.events[-1], phase), Called(phase, found), Dispatched(phase, found):
            yield

    def take(self, sample: Sample, hear: Hear) -> None:
        """Run the check of a sample."""
        self.events.append(Events())
        effort = Effort()
        ended, lacking = ending(self.subject, self.page, sample, hear)
        self.endings.append(Ending(ended, lacking, effort.seconds))
        if sample.one_call and not ended:
            self.rates.append(effort.seconds / max(1, prod(sample.case.x)))

    def forbidden(self, number: int) -> dict[str, str]:
        """Return the operators that the subject may not use and that were seen first in this sample, with the call."""
        seen = {name: call.split(" ", 1) for name, call in self.kernels.seen.items()}
        return {name: phase for name, (of, phase) in seen.items() if int(of) == number and rules.fault(name)}

    def heard(self, number: int, sample: Sample) -> Heard:
        """Return what was heard of a sample."""
        end, events, outside = self.endings[number], self.events[number], traits(self.subject).outside_torch
        against = evidence.of(
            self.forbidden(number), lambda: ending(self.subject, self.page, sample, called)
        ) | self.named.get(number, set())
        against |= {words for words in events.against if not (outside and words.startswith(LOOKED))}
        return Heard(tuple(sorted(against)), tuple(sorted(events.unseen)), end.ended, end.lacking, end.seconds)


def listen(subject: Subject, page: Page, samples: Sequence[Sample], seconds: float, waited: float = inf) -> list[Heard]:
    """Return what is heard of the samples, in their order; of the first alone if the time is over before the last.

    The time is over after so many `seconds` of work, or when the caller has `waited` so many.
    """
    ear, waiting, effort, until = Ear(subject, page), deque(samples), Effort(), time.monotonic() + waited
    with eager():
        while waiting and (not ear.endings or (effort.seconds < seconds and time.monotonic() < until)):
            if ear.is_long(waiting[0]):
                ear.take(waiting.popleft(), ear.hear_names)
                continue
            for sample in list(waiting)[:AHEAD]:  # draws would fill half of a profile; what has none says so itself
                with suppress(Exception):
                    drawn_for(sample.cell(page))
            profiled = Effort()
            with listed(ear.kernels):
                ear.take(waiting.popleft(), ear.hear)
                while waiting and profiled.seconds < limits.AUDIT_PROFILE and not ear.is_long(waiting[0]):
                    if time.monotonic() >= until:
                        break
                    ear.take(waiting.popleft(), ear.hear)
        return [ear.heard(number, samples[number]) for number in range(len(ear.endings))]


def ending(subject: Subject, page: Page, sample: Sample, hear: Hear) -> tuple[str, bool]:
    """Run the check of a sample; return the exception that ended it, in words, and whether it is a lack."""
    try:
        for _ in sample.run(Unjudged(sample.cell(page), Overheard(subject, hear))):
            pass
    except Unsupported as lack:
        return str(lack) or "no reason given", True
    except Exception as error:
        return f"{type(error).__name__}: {error}", False
    return "", False
