"""What is right in a subject, module by module: how near its numbers are to the truth, and which checks hold."""

from collections.abc import Sequence

from reports.parity.assessment import BUT, Assessment
from reports.parity.summary import DTYPES, display, dtype, largest, position
from reports.parity.verdicts import weighs_values
from reports.record import Parity
from reports.text import counted, figure, listed, safe, span


def render(offered: Sequence[Assessment], verdict: str) -> str:
    """Return an item for each module of this verdict."""
    items = [f"- **{safe(module.module)}**: {right_of(module)}" for module in offered if module.verdict == verdict]
    return "\n".join(items) or "No module."


def right_of(module: Assessment) -> str:
    """Say what of a module is right, and of one whose numbers are, what else is not; empty where nothing is."""
    values = [record for record in module.values if record.quantity not in module.wrong_quantities]
    held = [check for check in module.checks if check not in module.broken_checks and check not in module.met_checks]
    words = [numbers_right(values)] if values else []
    words += [f"Its behaviour holds in {safe(', '.join(held))}."] if held else []
    return " ".join([*words, *([f"But: {but(module)}."] if module.verdict == BUT else [])])


def but(module: Assessment) -> str:
    """Return what is wrong with a module apart from its numbers, in a few words."""
    words = [*(safe(name) for name in dict.fromkeys(map(claim, module.broken_claims)))]
    words += [f"{counted(len(module.stopped), 'cell')} stopped"] if module.stopped else []
    return ", ".join([*words, *([f"{counted(len(module.void), 'row')} void"] if module.void else [])])


def claim(record: Parity) -> str:
    """Return what a broken claim is called: its check, or of a value that follows no convention, how it was drawn."""
    return f"{record.check} of {record.regime} input" if weighs_values(record) else record.check


def numbers_right(values: Sequence[Parity]) -> str:
    """Say which quantities are right, in how many comparisons, and how large the worst error is."""
    names = list(dict.fromkeys(safe(display(record.quantity)) for record in values))
    kinds = sorted({dtype(record) for record in values}, key=lambda kind: position(kind, DTYPES))
    limit = span([record.limit for record in values])
    worst = largest(record.subject_error for record in values)
    reference = largest(record.reference_error for record in values if dtype(record) != "float64")
    same = sum(record.verdict == "same-route" for record in values)
    alike = f", {same:,} of them in torch's very bits" if same else ""
    return (
        f"{listed(names, 8)} in {' and '.join(kinds)}: {counted(len(values), 'comparison')}{alike}; "
        f"worst error {figure(worst)} (torch.nn {figure(reference)}), where {limit} is allowed."
    )
