"""The plan of a subject: it is asked, case by case, what of a page's space it does not have.

Before that, the pages that a user added to the catalogue are looked at: the truth and the gauge of each must be known.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from parity import catalogue
from parity.catalogue import written
from parity.catalogue.page import Case, Page
from parity.catalogue.planning import PagePlan, planned
from parity.subjects.contract import Stopped, Subject, Unsupported
from parity.subjects.process import Isolated
from parity.verdict.cell import Cell
from parity.verdict.perturbed.kernels import UnknownKernelError
from parity.verdict.trial import Trial, evidence
from reports.text import one_line

Answers = dict[str, dict[str, str]]  # module -> name of a case -> why the subject does not have it
IN = ("float32", "float64")  # a subject has what it has in one of them
ABSENT = re.compile(r"the \w+ of .+? has no (\w+)=[^;]*")  # as adapters say it (parity/subjects/adapters/lacking.py)
DTYPE = re.compile(r"\b(bfloat16|float16|float32|float64)\b")  # a reason that names one is not of an option
NO_SUCH_OPTION = "it has no such option"
REASON_CHARACTERS, SENTENCE_CHARACTERS = 120, 900


def add_pages(words: Sequence[str] | None) -> None:
    """Add the pages of the files that --pages names; without it, those of the variable stay.

    Raises ValueError, in one sentence with file and line, for a file or a page that is wrong, and for a reference whose
    truth or gauge is not to be had.
    """
    catalogue.add(words)
    for page in written().values():
        if page.source and (said := incomparable(page)):
            raise ValueError(f"{page.source}: {said}")


def incomparable(page: Page) -> str:
    """Return why nothing can be compared with the reference of a page that a user added; empty if something can."""
    try:
        evidence(Cell(page, page.cases[0], dtype="float64")).gauges  # noqa: B018 - made where they are asked for
    except Exception as error:  # whatever the reference does where it is drawn for, and differentiated
        said = one_line(str(error))[:SENTENCE_CHARACTERS]
        known = "; write the reference in other operations of torch" if isinstance(error, UnknownKernelError) else ""
        return f"nothing can be compared with the reference of {page.module}: {type(error).__name__}: {said}{known}"
    return ""


class Asking:
    """Asks a subject for the cases of a page, and remembers what it answered.

    What crashes, hangs or raises is there: the cell itself will tell. After a crash it is not asked again.
    """

    def __init__(self, subject: Subject, page: Page) -> None:
        self.subject, self.page, self.dtypes = subject, page, list(IN)
        self.answers: dict[str, str] = {}
        self.crashed = False

    def refused(self, case: Case) -> str:
        """Return why the subject does not have the case; empty if it has it."""
        if case.name not in self.answers:
            self.answers[case.name] = self.reason(case)
        return self.answers[case.name]

    def reason(self, case: Case) -> str:
        reasons = {}
        for dtype in self.dtypes if not self.crashed else ():
            found = self.tried(Trial(Cell(self.page, case, dtype=dtype), self.subject))
            if not found:
                self.dtypes = [dtype]
                return ""
            reasons[found] = dtype
        of_options = [reason for reason in reasons if not DTYPE.search(reason)]
        return "; ".join(of_options or reasons)

    def tried(self, trial: Trial) -> str:
        """Build the module and call it once; return what it says it lacks."""
        if isinstance(self.subject, Isolated):
            self.subject.begin()
        try:
            trial.build().forward(*trial.inputs())
        except Unsupported as unsupported:
            return str(unsupported) or "no reason given"
        except Stopped:
            self.crashed = True
        except Exception:
            return ""
        return ""


def plan(subject: Subject, page: Page, answers: Answers) -> PagePlan:
    """Return the plan of a page for the subject; what `answers` holds already is not asked again."""
    module = page.module
    if module in answers:
        return planned(page, lambda case: answers[module].get(case.name, ""))
    asking = Asking(subject, page)
    found = planned(page, asking.refused)
    answers[module] = {name: why for name, why in asking.answers.items() if why}
    if isinstance(subject, Isolated):
        subject.overrun.pop(module, None)  # its cells have their patience still
        subject.begin()
    return found


def plans(subject: Subject, catalogue: Mapping[str, Page], answers: Answers) -> tuple[dict[str, Page], list[str]]:
    """Return the pages of a catalogue as planned for the subject, and a sentence for each that left values out."""
    pages, sentences = dict(catalogue), []
    for module in catalogue:
        of_module = plan(subject, written()[module], answers)
        if [case.name for case in of_module.page.cases] != [case.name for case in catalogue[module].cases]:
            pages[module] = of_module.page
        if of_module.unmet:
            sentences.append(f"{subject.name}: {unmet(module, of_module.unmet)}")
    return pages, sentences


def unmet(module: str, values: Mapping[str, str]) -> str:
    """Return the sentence on the values of a module that no case of the subject has, grouped by the reason."""
    by_reason = defaultdict(list)
    for value, why in values.items():
        said = " ".join(why.split())[:REASON_CHARACTERS].rstrip(".")
        by_reason[NO_SUCH_OPTION if ABSENT.fullmatch(said) else said].append(value)
    groups = [f"{', '.join(alike)} ({why})" for why, alike in by_reason.items()]
    sentence = f"{module} was never met with {'; '.join(groups)}"
    return sentence if len(sentence) <= SENTENCE_CHARACTERS else f"{sentence[:SENTENCE_CHARACTERS]}..."
