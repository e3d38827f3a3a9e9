"""How much of the catalogue a run compared, and what of the library is in no table of its adapter."""

from collections.abc import Collection, Sequence

from reports.parity.gate.aspects import aspect
from reports.parity.verdicts import COMPARED, standing
from reports.reading import Recorded
from reports.record import NUMBERS
from reports.text import counted, listed, safe

MOST_NAMED = 12


def coverage(compared: Collection[str], catalogue: Collection[str], unnamed: Sequence[str]) -> str:
    """Return the sentence on the modules of which a number was compared; empty where the run does not say the whole.

    What was compared and is not in the catalogue is an optimiser, or an operator, which has a dot in its name.
    """
    if not catalogue:
        return ""
    met = len(set(compared) & set(catalogue))
    said = f"{met} of {counted(len(catalogue), 'module')} of the catalogue {'was' if met == 1 else 'were'} compared"
    if beside := sorted(name for name in {*compared} - {*catalogue} if "." not in name):
        said += f", and {counted(len(beside), 'optimiser')}: {listed(beside, MOST_NAMED)}"
    if unnamed:
        classes = "1 class of the library is" if len(unnamed) == 1 else f"{len(unnamed)} classes of the library are"
        said += f"; {classes} in no table of the adapter: {listed(list(unnamed), MOST_NAMED)}"
    return f"{said}."


def of_page(recorded: Recorded) -> str:
    """Return the sentences on the subjects of a page, each with its name where they are several."""
    subjects = {run.subject: run for run in recorded.runs}
    sentences = []
    for name, run in subjects.items():
        met = {
            record.module
            for record in recorded.parity
            if record.subject == name and aspect(record) == NUMBERS and standing(record) in COMPARED
        }
        said = coverage(met, run.catalogue, run.unnamed)
        sentences += [f"{name}: {said}" if len(subjects) > 1 else said] if said else []
    return safe(" ".join(sentences), most=2000)
