"""One chunk: every configuration of a range of numbers, asked of the subject, and counted."""

import math
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import torch

from parity.catalogue import written
from parity.catalogue.planning import told
from parity.contract.numbers.layouts import arranged
from parity.diagnosis import explain
from parity.run.gate import origin
from parity.run.planning import add_pages
from parity.run.tested import subject_of
from parity.settle import settle
from parity.subjects.contract import Subject, Unsupported
from parity.subjects.process import Isolated, Limits
from parity.subjects.process.isolated import PATIENCE
from parity.sweep.drawing import Configuration, configuration
from parity.verdict.cell import Cell
from parity.verdict.compare import Comparison
from parity.verdict.reading import said
from parity.verdict.trial import Judged, Trial, forget
from reports.record import Parity
from reports.sweep.record import COUNTED, FINEST, SweepChunk, SweepScope, pairs_of
from reports.text import one_line

REASONS, REASON_CHARACTERS = 4, 120  # that a chunk keeps of a module for what is not supported
KEPT = 3  # failing quantities of a module and quantity that a chunk keeps, each with its explanation
RIGHT = ("pass", "same-route", "unsupported")
NOT_ASKED = f"not asked again: {PATIENCE} configurations of a chunk were stopped at a limit"
CONTIGUOUS = "right for contiguous tensors"
SIDES = ("subject", "reference")
SMALLEST, LARGEST = -8, 40  # bins of errors: at most 1e-4, at least 1e20


@dataclass(frozen=True)
class Errand:
    """What a process needs to know to do any chunk of a sweep."""

    word: str  # of the subject
    limits: Limits
    scope: SweepScope
    pages: tuple[str, ...] = ()  # files that were added to the catalogue
    code: tuple[str, str] = ("", "")  # of the suite, and of torch, that must do it; empty for any


@dataclass(frozen=True)
class LaidOut(Trial):
    """A trial whose tensors lie in memory as a configuration says."""

    layouts: tuple[str, str] = ("", "")

    def at(self, cell: Cell) -> Trial:
        return replace(self, cell=cell)

    def inputs(self) -> tuple[Any, ...]:
        return tuple(arranged(self.layouts[0], super().inputs()))

    def cotangents(self) -> tuple[Any, ...]:
        return tuple(arranged(self.layouts[1], super().cotangents()))


@cache
def prepared(word: str, limits: Limits, pages: tuple[str, ...], code: tuple[str, str] = ("", "")) -> Subject:
    """Return the subject, once a process; settle the process. Raises ValueError where other code would do the work."""
    settle()
    if any(code) and code != (here := code_here()):
        raise ValueError(f"this worker has suite and torch {' and '.join(here)}, the sweep is of {' and '.join(code)}")
    add_pages(pages or None)
    return subject_of(word, False, limits)


def code_here() -> tuple[str, str]:
    """Return which suite, and which torch, this process runs."""
    return origin.of_suite(), torch.__version__


def trial_of(drawn: Configuration, subject: Subject) -> Trial:
    return LaidOut(drawn.cell, subject, layouts=drawn.layouts) if any(drawn.layouts) else Trial(drawn.cell, subject)


def asked(trial: Trial) -> list[Judged]:
    """Ask one cell; return what was judged: an exception, of the subject or of the suite, is a record too."""
    judged: list[Judged] = []
    if isinstance(trial.subject, Isolated):
        if trial.subject.overrun[trial.cell.page.module] >= PATIENCE:
            return [Judged(trial.record("all", Comparison("unsupported", NOT_ASKED)))]
        trial.subject.begin()
    try:
        for one in trial.verdicts(trial.build()):
            judged.append(one)  # noqa: PERF402 - kept one by one: an exception must not lose those before it
    except Unsupported as error:
        judged.append(Judged(trial.record("all", Comparison("unsupported", str(error)))))
    except Exception as error:
        judged.append(Judged(trial.record("all", Comparison("error", said(error)))))
    return judged


@dataclass
class ChunkTally:
    """What the cells of a chunk gave so far."""

    scope: SweepScope
    counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    errors: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    largest: dict[str, float] = field(default_factory=dict)
    met: dict[str, Counter[int]] = field(default_factory=dict)
    pairs: Counter[str] = field(default_factory=Counter)  # a number whose bits say which
    failures: list[dict[str, Any]] = field(default_factory=list)
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    not_kept: int = 0
    lacking: Counter[str] = field(default_factory=Counter)

    def add(self, drawn: Configuration, judged: Sequence[Judged], trial: Trial) -> None:
        """Count a cell; explain the first few of its failures."""
        cell, records = drawn.cell, [one.record for one in judged]
        wrong = [one for one in judged if one.record.verdict not in RIGHT]
        compared = [record for record in records if record.verdict != "unsupported"]
        self.counts[f"{cell.page.module} {cell.dtype} {cell.regime}"].update(
            cells=1, wrong=int(bool(wrong)), unsupported=int(not compared), quantities=len(compared)
        )
        for record in compared:
            for side in SIDES:
                self.enter(f"{record.module} {side}", getattr(record, f"{side}_error"))
        if compared:
            self.meet(drawn)
        else:
            self.lack(cell.page.module, records[0].detail)
        self.keep(drawn, wrong, trial)

    def lack(self, module: str, reason: str) -> None:
        """Count why a configuration is not supported; of a module with many reasons, the first few apart."""
        words = f"{module}: {one_line(reason, REASON_CHARACTERS)}"
        alike = sum(known.startswith(f"{module}: ") for known in self.lacking)
        self.lacking[words if words in self.lacking or alike < REASONS else f"{module}: other reasons"] += 1

    def enter(self, key: str, error: float) -> None:
        """Enter an error in units of u x gauge, where there is one."""
        if not math.isnan(error):
            self.errors[key][binned(error)] += 1
            self.largest[key] = max(error, self.largest.get(key, 0.0))

    def meet(self, drawn: Configuration) -> None:
        """Note which values, and which pairs of them, a cell had."""
        module, places = drawn.cell.page.module, dict[str, int]()
        space = self.scope.values.get(module, {})
        for name, words in space.items():
            said_of_it = told(drawn.values[name]) if name in drawn.values else ""
            places[name] = words.index(said_of_it) if said_of_it in words else len(words)
            if drawn.values:
                self.met.setdefault(f"{module} {name}", Counter())[places[name]] += 1
        if drawn.values:
            self.pairs[module] |= sum(1 << bit for bit in bits(module, self.scope, places))

    def keep(self, drawn: Configuration, wrong: Sequence[Judged], trial: Trial) -> None:
        """Keep what failed, explained, unless enough of its kind is kept."""
        module = drawn.cell.page.module
        wanted = [one for one in wrong if self.kept[module, one.record.quantity] < KEPT]
        self.not_kept += len(wrong) - len(wanted)
        self.kept.update((module, one.record.quantity) for one in wanted)
        self.failures += [shown(drawn, record) for record in explained(drawn, wanted, trial)]

    def chunk(self, number: int, cells: int, seconds: float, cpu_seconds: float) -> SweepChunk:
        return SweepChunk(
            number=number,
            cells=cells,
            seconds=round(seconds, 3),
            cpu_seconds=round(cpu_seconds, 3),
            megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            counts={key: tuple(count[name] for name in COUNTED) for key, count in self.counts.items()},
            errors={key: dict(bins) for key, bins in self.errors.items()},
            largest=self.largest,
            met={key: tuple(self.met[key][at] for at in range(self.places(key))) for key in self.met},
            pairs={module: f"{met:x}" for module, met in self.pairs.items()},
            lacking=dict(self.lacking),
            failures=tuple(self.failures),
            not_kept=self.not_kept,
        )

    def places(self, key: str) -> int:
        """Return how many values an option has, and one for all others."""
        module, _, name = key.partition(" ")
        return len(self.scope.values[module][name]) + 1


def explained(drawn: Configuration, wrong: Sequence[Judged], trial: Trial) -> list[Parity]:
    """Return what failed with what it looks like; a layout is named where the same numbers are right without it."""
    records = explain(trial, wrong)
    if not records or not any(drawn.layouts):
        return records
    plain = {one.record.quantity for one in asked(Trial(drawn.cell, trial.subject)) if one.record.verdict not in RIGHT}
    return [
        record
        if record.quantity in plain
        else replace(record, diagnosis="; ".join(filter(None, (CONTIGUOUS, record.diagnosis))))
        for record in records
    ]


def bits(module: str, scope: SweepScope, places: dict[str, int]) -> list[int]:
    """Return the bits of the pairs of values that stand in these places."""
    known = numbered(tuple((name, tuple(words)) for name, words in scope.values[module].items()))
    at = list(places.items())
    both = ((one, other) for i, one in enumerate(at) for other in at[i + 1 :])
    return [known[pair] for pair in both if pair in known]


@cache
def numbered(space: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[Any, int]:
    """Return the bit of every pair of values of a space."""
    return {pair: bit for bit, pair in enumerate(pairs_of(dict(space)))}


def binned(error: float) -> str:
    """Return the bin of an error: the number whose power of ten, divided by FINEST, it reaches."""
    if error <= 0:
        return str(SMALLEST)
    return str(LARGEST if math.isinf(error) else min(LARGEST, max(SMALLEST, math.ceil(FINEST * math.log10(error)))))


def shown(drawn: Configuration, record: Parity) -> dict[str, Any]:
    """Return what a sweep keeps of a failure."""
    of_x, of_dy = drawn.layouts
    return {
        "configuration": drawn.number,
        "module": record.module,
        "case": record.case,
        "x": list(drawn.cell.case.x),
        "options": dict(record.options),
        "layouts": f"{of_x} x, {of_dy} dy" if of_x else "",
        "dtype": record.dtype,
        "regime": record.regime,
        "cotangent": record.cotangent,
        "quantity": record.quantity,
        "verdict": record.verdict,
        "error": record.subject_error,
        "limit": record.limit,
        "detail": record.detail,
        "diagnosis": record.diagnosis,
    }


def scoped(scope: SweepScope) -> SweepScope:
    """Return a scope with the values of its modules' spaces, in words."""
    spaces = {name: written()[name].space for name in scope.modules}
    values = {
        name: {option: tuple(map(told, choices)) for option, choices in space.values.items()}
        for name, space in spaces.items()
        if space is not None
    }
    return replace(scope, values=values)


def of_scope(number: int, scope: SweepScope) -> Configuration:
    return configuration(number, scope.seed, scope.modules, scope.dtypes, scope.device)


def done(errand: Errand, number: int) -> SweepChunk:
    """Do the chunk with a number."""
    subject, scope = prepared(errand.word, errand.limits, errand.pages, errand.code), errand.scope
    if isinstance(subject, Isolated):
        subject.overrun.clear()  # what a chunk gives depends on its number alone
    tally, began, worked = ChunkTally(scope), time.perf_counter(), time.process_time()
    numbers = range(number * scope.chunk, min(scope.cases, (number + 1) * scope.chunk))
    for each in numbers:
        drawn = of_scope(each, scope)
        trial = trial_of(drawn, subject)
        tally.add(drawn, asked(trial), trial)
        forget()
    return tally.chunk(number, len(numbers), time.perf_counter() - began, time.process_time() - worked)
