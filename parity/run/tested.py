"""The subjects of a run: the words of the command line, each with the library that it names and its cells."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from parity.catalogue import offered, options, pages
from parity.catalogue.optimisers import optimisers
from parity.catalogue.optimisers.page import OptimiserPage
from parity.catalogue.page import Page
from parity.contract import CHECKS, checks_of
from parity.run.first_try import first_try
from parity.run.planning import Answers, plans
from parity.run.session import Selection, chosen_of
from parity.subjects import is_file, known, load
from parity.subjects.contract import Subject, offers_of, optimisers_of, traits
from parity.subjects.inventory import inventory
from parity.subjects.process import Isolated, Limits
from parity.verdict.check import Check

ASKED_OF_IT = ("parity.independence.asked", "parity.contract")  # modules of what a run asks an isolated subject to do
Selecting = Callable[[Mapping[str, Page], Mapping[str, OptimiserPage], Mapping[str, Check]], Selection]


@dataclass(frozen=True)
class Told:
    """What a subject said before a run, as plain values, so that it is asked in one process alone."""

    lacks: Answers = field(default_factory=dict)
    mistaken: dict[str, str] = field(default_factory=dict)  # module -> what is wrong with its adapter
    notes: dict[str, list[str]] = field(default_factory=dict)  # what is not judged -> the modules
    offers: list[str] | None = None  # what it is meant to have, by the catalogue's names; None where it does not say
    library: dict[str, Any] = field(default_factory=dict)  # what its adapter makes known (parity/subjects/inventory.py)

    def let_pass(self) -> tuple[str, ...]:
        """Return what of the library's convention is let pass, one sentence each."""
        return tuple(f"in {', '.join(modules)}: {note}" for note, modules in self.notes.items())


@dataclass(frozen=True)
class Tested:
    """A library under test, as the command line names it, and the cells selected for it."""

    word: str
    subject: Subject
    selection: Selection
    unmet: tuple[str, ...] = ()  # sentences on what of the catalogue's options it does not have
    told: Told = field(default_factory=lambda: Told())  # what was found out before, for other processes to plan alike

    def left_out(self, module: str) -> bool:
        """Return whether the command line leaves a module out that the subject is asked for."""
        offered = (*self.selection.offered, *self.selection.optimisers)
        return module in offered and module not in self.selection.modules

    @property
    def source(self) -> str:
        """The file of its adapter; empty for one that comes with the suite."""
        return self.word if is_file(self.word) else ""


def words(given: str) -> list[str]:
    """Return the subjects that the command line names: one, or several with blanks between them.

    A file whose name holds a blank is one subject; among several it stands in quotes. Raises ValueError, in one
    sentence, if there is none, or one is named twice.
    """
    if given in known() or Path(given).is_file():
        return [given]
    try:
        names = shlex.split(given)
    except ValueError as error:
        raise ValueError(
            f"--subject must be names or files with blanks between them, was {given!r} ({error})"
        ) from None
    twice = [word for word, count in Counter(names).items() if count > 1]
    if twice or not names:
        raise ValueError(f"--subject must name {'each subject once' if twice else 'a subject'}, was {given!r}")
    return names


def subject_of(word: str, in_process: bool, limits: Limits) -> Subject:
    """Return the subject that a word names: one of a file in a process of its own, unless that is not wanted."""
    return load(word) if in_process or not is_file(word) else Isolated(word, limits, ASKED_OF_IT)


def tell_apart(subjects: Sequence[Subject], names: Sequence[str]) -> None:
    """Add its word to the name of each subject that shares its name, so that their records can be told apart."""
    alike = Counter(subject.name for subject in subjects)
    for subject, word in zip(subjects, names, strict=True):
        if alike[subject.name] > 1:
            subject.name = f"{subject.name} ({word})"


def asked_of(
    names: Sequence[str],
    subjects: Sequence[Subject],
    selected: Selecting,
    modules: Sequence[str] | None = None,
    told: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[list[Tested], list[str]]:
    """Return the subjects, each with what is asked of it, and a sentence on each that has nothing of that.

    modules  what every --module says: only the cases of these are planned for the subject
    told     by subject, the fields of what it said where it was asked before
    Raises ValueError if none has anything.
    """
    tested, reasons, left_out = [], [], []
    for word, subject in zip(names, subjects, strict=True):
        try:
            before = None if told is None else Told(**told.get(word, {}))
            tested.append(asked_one(word, subject, selected, modules, before))
        except ValueError as error:
            reasons.append(str(error))
            left_out.append(f"{subject.name}: every cell, because its catalogue has nothing of what was asked for")
    if not tested:
        raise ValueError(reasons[0])
    return tested, left_out


def asked_one(
    word: str,
    subject: Subject,
    selected: Selecting,
    modules: Sequence[str] | None,
    before: Told | None,
) -> Tested:
    """Return a subject with what is asked of it; raise ValueError if that is nothing, or its adapter is wrong."""
    catalogue, told = offered(traits(subject).operators), before or Told()
    stepped = optimisers() if optimisers_of(subject) else {}
    try:
        chosen = [name for name in chosen_of(modules, [*catalogue, *stepped]) if name in catalogue]
    except ValueError:
        selected(catalogue, stepped, checks_of(subject))  # complains of this, and of all other words
        raise
    planned, unmet = plans(subject, {name: page for name, page in pages().items() if name in chosen}, told.lacks)
    catalogue |= planned
    if before is None and is_file(word):
        try_all(subject, [catalogue[name] for name in chosen], told)
        told.library.update(said(subject, inventory) or {})
    if before is None:
        told = replace(told, offers=said(subject, offers_of))
    checks = checks_of(subject)
    selection = replace(selected(catalogue, stepped, checks), mistaken=told.mistaken)
    if told.mistaken and not selection.pages() and not selection.step_cells():
        raise ValueError("\n".join(f"the adapter is wrong: {said}" for said in selection.faults()))
    left_out = options.sentences(pages()[name] for name in chosen if name in pages())
    return Tested(word, subject, selection, (*unmet, *not_asked(subject, checks), *left_out), told)


def said(subject: Subject, asked: Callable[[Subject], Any]) -> Any:
    """Return what a function of the suite reads of a subject, where the subject is; None where it cannot."""
    try:
        return subject.apply(subject.name, asked) if isinstance(subject, Isolated) else asked(subject)
    except Exception:  # of whatever the library does when it is read: the run itself tells
        return None


def not_asked(subject: Subject, checks: Mapping[str, Check]) -> list[str]:
    """Return a sentence for every check of subjects that say what this one does not say."""
    others = (check for name, check in CHECKS.items() if name not in checks)
    return [f"{subject.name}: the check {one.name}, which is of subjects that say {one.trait}" for one in others]


def try_all(subject: Subject, catalogue: Iterable[Page], told: Told) -> None:
    """Try the first case of every page; keep what is wrong with the adapter, and what of a convention is let pass."""
    for page in catalogue:
        found = first_try(subject, page)
        if found.mistaken:
            told.mistaken[page.module] = found.said
        for note in found.notes:
            told.notes.setdefault(note, []).append(page.module)
