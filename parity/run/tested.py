"""The subjects of a run: the words of the command line, each with the library that it names and its cells."""

import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parity.catalogue import offered, pages
from parity.catalogue.page import Page
from parity.run.planning import Answers, plans
from parity.run.session import Selection, chosen_of
from parity.subjects import is_file, known, load
from parity.subjects.contract import Subject, traits
from parity.subjects.process import Isolated, Limits


@dataclass(frozen=True)
class Tested:
    """A library under test, as the command line names it, and the cells selected for it."""

    word: str
    subject: Subject
    selection: Selection
    unmet: tuple[str, ...] = ()  # sentences on what of the catalogue's options it does not have
    answers: Answers = field(default_factory=dict)  # what it said it lacks, for other processes to plan alike

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
    return load(word) if in_process or not is_file(word) else Isolated(word, limits)


def tell_apart(subjects: Sequence[Subject], names: Sequence[str]) -> None:
    """Add its word to the name of each subject that shares its name, so that their records can be told apart."""
    alike = Counter(subject.name for subject in subjects)
    for subject, word in zip(subjects, names, strict=True):
        if alike[subject.name] > 1:
            subject.name = f"{subject.name} ({word})"


def asked_of(
    names: Sequence[str],
    subjects: Sequence[Subject],
    selected: Callable[[Mapping[str, Page]], Selection],
    modules: Sequence[str] | None = None,
    answers: Mapping[str, Answers] | None = None,
) -> tuple[list[Tested], list[str]]:
    """Return the subjects, each with what is asked of it, and a sentence on each that has nothing of that.

    modules  what every --module says: only the cases of these are planned for the subject
    answers  by subject, what it said it lacks where it was asked before
    Raises ValueError if none has anything.
    """
    tested, reasons, left_out = [], [], []
    for word, subject in zip(names, subjects, strict=True):
        said = dict((answers or {}).get(word, {}))
        try:
            catalogue = offered(traits(subject).operators)
            chosen = set(chosen_of(modules, catalogue))
            planned, unmet = plans(subject, {n: page for n, page in pages().items() if n in chosen}, said)
            tested.append(Tested(word, subject, selected(catalogue | planned), tuple(unmet), said))
        except ValueError as error:
            reasons.append(str(error))
            left_out.append(f"{subject.name}: every cell, because its catalogue has nothing of what was asked for")
    if not tested:
        raise ValueError(reasons[0])
    return tested, left_out
