"""The page of several subjects: every module of each beside the others, and which is closer to the truth."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.columns import RIGHT, Column, readings, table
from reports.parity import headline
from reports.parity.assessment import Assessment, assessed
from reports.parity.summary import cell, display, dtype, largest
from reports.parity.verdicts import COMPARED, VALUE_CHECKS, weighs_values
from reports.reading import Recorded
from reports.record import Parity
from reports.text import ABSENT, figure, percent, safe

REFERENCE = "torch.nn"
STANDING = (
    "Right: every number and every claim about behaviour. ✗ names the quantities that are wrong, or the checks of "
    "behaviour that fail; void and stopped: some cells say nothing, or ended in an error. ○ unsupported: the subject "
    "does not offer it, which is neither right nor wrong."
)
CLOSEST = (
    "Of the outputs and gradients that every subject with the module was compared on, the share in per cent for "
    "which each is nearest to the truth; a tie counts for every side that shares it, so a row may add up to more than "
    "100. In brackets its worst error in units of u·gauge, over all that it was compared on. Cells in float64 are "
    "left out: there torch.nn is the truth."
)
Comparison = tuple[object, ...]  # what identifies one compared quantity of one cell
Modules = Mapping[str, Assessment]


@dataclass(frozen=True)
class Closest:
    """How often each side is nearest to the truth in one module, and its worst error; by the side's name."""

    module: str
    compared: int  # on which every subject with the module was compared
    nearest: Mapping[str, int]
    worst: Mapping[str, float]

    def share(self, side: str) -> str:
        """Return the text of one side's column."""
        if side not in self.worst or not self.compared:
            return ABSENT
        return f"{percent(self.nearest[side], self.compared)} ({figure(self.worst[side])})"


def by_subject(recorded: Recorded) -> dict[str, Recorded]:
    """Return the records of each subject, in the order of their runs."""
    return {
        run.subject: Recorded(
            runs=[run],
            parity=[record for record in recorded.parity if record.subject == run.subject],
            differences=[record for record in recorded.differences if record.subject == run.subject],
            audits=[record for record in recorded.audits if record["subject"] == run.subject],
            damages=recorded.damages,
        )
        for run in recorded.runs
    }


def sections(each: Mapping[str, Recorded]) -> dict[str, str]:
    """Return the sections that compare the subjects, by their headings."""
    subjects = {name: {one.module: one for one in assessed(of.parity)} for name, of in each.items()}
    return {
        "In five seconds": "\n".join(f"- **{safe(name)}**: {verdict(of)}" for name, of in each.items()),
        "Side by side": standings(subjects),
        "Who is closer to the truth": closest(subjects),
    }


def verdict(of: Recorded) -> str:
    return headline.headline(of)


def modules(subjects: Mapping[str, Modules]) -> list[str]:
    return sorted({module for assessments in subjects.values() for module in assessments})


def standings(subjects: Mapping[str, Modules]) -> str:
    """Return the table: modules down, subjects across."""
    module: Column[str] = Column("module", safe)
    columns = [module, *(of_subject(name, assessments) for name, assessments in subjects.items())]
    rows = modules(subjects)
    return f"{table(columns, rows) if rows else 'Nothing was compared.'}\n\n{readings(*columns)}"


def of_subject(name: str, assessments: Modules) -> Column[str]:
    """Return the column that says of every module how it stands in one subject."""
    return Column(safe(name), lambda module: status(assessments.get(module)), reading=STANDING)


def status(of: Assessment | None) -> str:
    """Return how a module stands in one subject, in a few words."""
    if of is None:
        return "– not run"
    if not of.offered:
        return "○ unsupported"
    faults = [
        *(safe(display(name)) for name in of.wrong_quantities),
        *(safe(check) for check in of.broken_checks if check not in VALUE_CHECKS),
        *(["conventions of nan"] if any(map(weighs_values, of.broken_claims)) else []),
        *(["void"] if of.void else []),
        *(["stopped"] if of.stopped else []),
    ]
    if not faults:
        return "✓ right"
    numbers = "✓ numbers; " if of.values and not of.wrong_values else ""
    return f"{numbers}✗ {', '.join(faults)}"


def closest(subjects: Mapping[str, Modules]) -> str:
    """Return the table of which side is nearest to the truth: modules down, subjects and torch.nn across."""
    columns: Sequence[Column[Closest]] = (
        Column("module", lambda row: safe(row.module)),
        Column("compared by all", lambda row: f"{row.compared:,}", RIGHT),
        *(of_side(side) for side in (*subjects, REFERENCE)),
    )
    rows = list(closest_rows(subjects))
    return f"{table(columns, rows) if rows else 'Nothing was compared.'}\n\n{readings(*columns)}"


def of_side(side: str) -> Column[Closest]:
    """Return the column of one side."""
    return Column(safe(side), lambda row: row.share(side), RIGHT, CLOSEST)


def closest_rows(subjects: Mapping[str, Modules]) -> Iterator[Closest]:
    """Yield the row of every module of which some subject has values."""
    for module in modules(subjects):
        offered = {name: narrow(assessments[module]) for name, assessments in subjects.items() if module in assessments}
        compared = {name: records for name, records in offered.items() if records}
        if compared:
            yield closest_row(module, compared)


def closest_row(module: str, compared: Mapping[str, Mapping[Comparison, Parity]]) -> Closest:
    """Return the row of one module from the values of each subject that has some."""
    common = set.intersection(*(set(records) for records in compared.values()))
    errors = {name: {at: records[at].subject_error for at in records} for name, records in compared.items()}
    errors[REFERENCE] = {at: record.reference_error for records in compared.values() for at, record in records.items()}
    return Closest(
        module=module,
        compared=len(common),
        nearest=Counter(side for at in common for side in nearest({name: errors[name][at] for name in errors})),
        worst={name: largest(of_side.values()) for name, of_side in errors.items()},
    )


def narrow(of: Assessment) -> dict[Comparison, Parity]:
    """Return the compared values of a module outside float64, by cell and quantity."""
    compared = [r for r in of.of(*COMPARED) if weighs_values(r) and r.elements and dtype(r) != "float64"]
    return {(*cell(record), record.quantity): record for record in compared}


def nearest(errors: Mapping[str, float]) -> list[str]:
    """Return the sides with the smallest error in one comparison; none where no error is a number."""
    known = {side: error for side, error in errors.items() if error == error}
    return [side for side, error in known.items() if error == min(known.values())]
