"""The referee's report on one subject: what is right, what is wrong and why, what was not tested, how fast."""

from collections.abc import Sequence

from reports.parity.assessment import Assessment, assessed
from reports.parity.referee import faults, speed, untested
from reports.parity.summary import DTYPES, display, dtype, largest, position
from reports.perf.reading import Timed
from reports.reading import Recorded
from reports.record import Parity
from reports.text import counted, figure, listed, safe, span


def render(recorded: Recorded, timed: Timed | None) -> str:
    """Return the report on the subject of the records, to its author; `timed` is what perf.json beside them holds."""
    modules = assessed(recorded.parity)
    offered = [module for module in modules if module.offered]
    if not offered:
        return "Nothing was compared, so there is nothing to report on."
    parts = {
        "Summary": summary(offered, len(modules)),
        "What is right": right(offered),
        "What is wrong, and why": faults.render(offered),
        "What was not tested": untested.render(recorded, modules),
        "How fast it is": speed.render(timed, recorded.runs),
    }
    return "\n\n".join(f"**{heading}.**{glue(text)}{text}" for heading, text in parts.items())


def glue(text: str) -> str:
    """Return what stands between a heading and its text: a list stands below it."""
    return "\n\n" if text.startswith("- ") else " "


def summary(offered: Sequence[Assessment], catalogue: int) -> str:
    """Return how much was compared, and what came of it."""
    values = sum(len(module.values) for module in offered)
    claims = sum(len(module.claims) for module in offered)
    wrong = sum(len(module.wrong_values) for module in offered)
    broken = sum(len(module.broken_claims) for module in offered)
    stopped = sum(len(module.stopped) for module in offered)
    sentences = [
        f"{len(offered)} of {counted(catalogue, 'module')} {'was' if len(offered) == 1 else 'were'} tested.",
        f"Of {values:,} outputs and gradients that were compared with the truth, {none_or(wrong)} wrong.",
    ]
    if claims:
        sentences.append(f"Of {claims:,} claims about behaviour, {none_or(broken)} broken.")
    if stopped:
        sentences.append(f"{counted(stopped, 'cell')} stopped in an error.")
    return " ".join([*sentences, numbers(offered)])


def none_or(count: int) -> str:
    return "none is" if not count else f"{count:,} {'is' if count == 1 else 'are'}"


def numbers(offered: Sequence[Assessment]) -> str:
    """Name the modules whose numbers are right, and those whose are not."""
    right = [safe(module.module) for module in offered if module.values and not module.wrong_values]
    wrong = [f"{safe(module.module)}{only_in(module)}" for module in offered if module.wrong_values]
    words = [f"The numbers are right in {', '.join(right)}" if right else "No module has all its numbers right"]
    return "; ".join([*words, *([f"wrong in {', '.join(wrong)}"] if wrong else [])]) + "."


def only_in(module: Assessment) -> str:
    """Return the regimes in which alone a module is wrong, in brackets; empty if it is wrong on normal input."""
    regimes = sorted({record.regime for record in module.wrong_values})
    return "" if "normal" in regimes else f" (on input of regime {safe(' and '.join(regimes))} alone)"


def right(offered: Sequence[Assessment]) -> str:
    """Return an item a module: which quantities are right, how near to the truth, and which checks hold."""
    items = [f"- {item}" for module in offered if (item := right_of(module))]
    return "\n".join(items) or "Nothing."


def right_of(module: Assessment) -> str:
    whole = [record for record in module.values if record.quantity not in module.wrong_quantities]
    held = [check for check in module.checks if check not in module.broken_checks]
    words = [numbers_right(whole)] if whole else []
    if held:
        words.append(f"Its behaviour holds in {safe(', '.join(held))}.")
    return f"**{safe(module.module)}**: {' '.join(words)}" if words else ""


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
