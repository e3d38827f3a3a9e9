"""The first case of every module, tried once: a mistake of the adapter is said once, and not by every cell."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from parity.catalogue.page import Page
from parity.subjects.adapters.tried import ADAPTER, LACKING, LIBRARY, tried
from parity.subjects.contract import Stopped, Subject
from parity.subjects.process import Isolated
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial

DTYPES_TRIED = ("float32", "float64")  # the first that the subject has


@dataclass(frozen=True)
class FirstTry:
    """What came of the first case of a module.

    whose  the first failure is of: "adapter", "library", "lacking"; empty if there was none
    said   the failure, in one sentence
    notes  what of the library's convention is let pass, and so is not judged
    dtype  in which it was tried
    """

    whose: str = ""
    said: str = ""
    notes: tuple[str, ...] = ()
    dtype: str = ""

    @property
    def mistaken(self) -> bool:
        """Whether the adapter itself is wrong."""
        return self.whose == ADAPTER

    @property
    def lacks(self) -> bool:
        """Whether the subject says that it does not have this."""
        return self.whose == LACKING


def first_try(subject: Subject, page: Page, dtypes: Iterable[str] = DTYPES_TRIED) -> FirstTry:
    """Try the first case of a page in the first dtype that the subject has."""
    found = FirstTry(LACKING)
    for dtype in dtypes:
        found = in_dtype(subject, page, dtype)
        if found.whose != LACKING:
            return found
    return found


def in_dtype(subject: Subject, page: Page, dtype: str) -> FirstTry:
    """Try the first case of a page in one dtype."""
    trial = Trial(Cell(page, page.cases[0], dtype=dtype), subject)
    kind = trial.cell.torch_dtype
    held = trial.placed(trial.drawn.parameters), trial.placed(trial.drawn.buffers)
    given = page.module, dict(page.cases[0].options), *held, trial.inputs(), trial.cotangents(), kind
    try:
        if isinstance(subject, Isolated):
            subject.begin()
            answer: dict[str, Any] = subject.apply(page.module, tried, *given)
        else:
            answer = tried(subject, *given)
    except Stopped as stopped:
        return FirstTry(LIBRARY, " ".join(str(stopped).split()), dtype=dtype)
    except Exception as error:
        return FirstTry(LIBRARY, f"{type(error).__name__}: {' '.join(str(error).split())}", dtype=dtype)
    finally:
        if isinstance(subject, Isolated):
            subject.overrun.pop(page.module, None)  # its cells have their patience still
            subject.begin()
    return replace(FirstTry(answer["whose"], answer["said"], tuple(answer["notes"])), dtype=dtype)
