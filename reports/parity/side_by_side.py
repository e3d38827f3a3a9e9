"""The page of several subjects: every module of each beside the others, and who is closer to the truth."""

from collections import Counter
from collections.abc import Mapping

from reports.parity import headline
from reports.parity.assessment import Assessment, assessed
from reports.parity.summary import cell, display, dtype, largest
from reports.parity.verdicts import COMPARED, VALUE_CHECKS, weighs_values
from reports.reading import Recorded
from reports.record import Parity
from reports.text import ABSENT, figure, percent, safe, table

REFERENCE = "torch.nn"
NOTE = (
    "Right: every number and every claim about behaviour. ✗ names the quantities that are wrong, or the checks of "
    "behaviour that fail; void and stopped: some cells say nothing, or ended in an error. ○ unsupported: the subject "
    "does not offer it, which is neither right nor wrong."
)
CLOSER = (
    "Of the outputs and gradients that every subject with the module was compared on, the share in per cent for "
    "which each is nearest to the truth; who ties is counted with the rest, so that a row may add up to more than "
    "100. In brackets its worst error in units of u·gauge, over all that it was compared on. Cells in float64 are "
    "left out: there torch.nn is the truth."
)
Column = Mapping[str, Assessment]


def by_subject(found: Recorded) -> dict[str, Recorded]:
    """Return the records of each subject, in the order of their runs."""
    return {
        run.subject: Recorded(
            runs=[run],
            parity=[record for record in found.parity if record.subject == run.subject],
            tables=[record for record in found.tables if record.subject == run.subject],
            audits=[record for record in found.audits if record["subject"] == run.subject],
        )
        for run in found.runs
    }


def sections(each: Mapping[str, Recorded]) -> dict[str, str]:
    """Return the sections that compare the subjects, by their headings."""
    columns = {name: {one.module: one for one in assessed(of.parity)} for name, of in each.items()}
    return {
        "In five seconds": "\n".join(f"- **{safe(name)}**: {verdict(of)}" for name, of in each.items()),
        "Side by side": f"{standings(columns)}\n\n{NOTE}",
        "Who is closer to the truth": f"{closest(columns)}\n\n{CLOSER}",
    }


def verdict(of: Recorded) -> str:
    return headline.headline(of.runs, of.parity)


def modules(columns: Mapping[str, Column]) -> list[str]:
    return sorted({module for column in columns.values() for module in column})


def standings(columns: Mapping[str, Column]) -> str:
    """Return the table: modules down, subjects across."""
    rows = [[safe(module), *(status(column.get(module)) for column in columns.values())] for module in modules(columns)]
    return table(("module", *map(safe, columns)), rows) if rows else "Nothing was compared."


def status(of: Assessment | None) -> str:
    """Return how a module stands in one subject, in a few words."""
    if of is None:
        return "– not run"
    if not of.offered:
        return "○ unsupported"
    faults = [
        *(safe(display(name)) for name in of.wrong_quantities),
        *(safe(check) for check in of.broken_checks if check not in VALUE_CHECKS),
        *(["void"] if of.void else []),
        *(["stopped"] if of.stopped else []),
    ]
    if not faults:
        return "✓ right"
    numbers = "✓ numbers; " if of.values and not of.wrong_values else ""
    return f"{numbers}✗ {', '.join(faults)}"


def closest(columns: Mapping[str, Column]) -> str:
    """Return the table of who is nearest to the truth: modules down, subjects and torch.nn across."""
    rows = [row for module in modules(columns) if (row := closest_row(module, columns))]
    headers = ("module", "compared by all", *map(safe, columns), REFERENCE)
    return table(headers, rows, "l" + "r" * (len(columns) + 2)) if rows else "Nothing was compared."


def closest_row(module: str, columns: Mapping[str, Column]) -> list[str]:
    """Return the row of one module; empty where no subject has values of it."""
    errors = {name: narrow(column[module]) for name, column in columns.items() if module in column}
    errors = {name: found for name, found in errors.items() if found}
    if not errors:
        return []
    common = set.intersection(*(set(found) for found in errors.values()))
    reference = {key: record.reference_error for found in errors.values() for key, record in found.items()}
    wins = Counter(name for key in common for name in nearest(key, errors, reference[key]))
    shares = {name: f"{percent(wins[name], len(common))} ({worst(errors[name])})" for name in errors if common}
    own = [shares.get(name, ABSENT) for name in columns]
    torch = f"{percent(wins[REFERENCE], len(common))} ({figure(largest(reference.values()))})" if common else ABSENT
    return [safe(module), f"{len(common):,}", *own, torch]


Key = tuple[object, ...]


def narrow(of: Assessment) -> dict[Key, Parity]:
    """Return the compared values of a module outside float64, by cell and quantity."""
    found = [r for r in of.of(*COMPARED) if weighs_values(r) and r.elements and dtype(r) != "float64"]
    return {(*cell(record), record.quantity): record for record in found}


def nearest(key: Key, errors: Mapping[str, Mapping[Key, Parity]], reference: float) -> list[str]:
    """Return who has the smallest error in one comparison; nobody where no error is a number."""
    at = {name: found[key].subject_error for name, found in errors.items()} | {REFERENCE: reference}
    known = {name: error for name, error in at.items() if error == error}
    return [name for name, error in known.items() if error == min(known.values())]


def worst(found: Mapping[Key, Parity]) -> str:
    return figure(largest(record.subject_error for record in found.values()))
