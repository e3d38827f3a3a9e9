"""What a run did not test: modules and options that the subject does not offer, and what was not run."""

from collections.abc import Sequence

from reports.parity.assessment import Assessment
from reports.reading import Recorded, grouped
from reports.text import counted, listed, safe

MOST_REASONS = 8


def render(recorded: Recorded, modules: Sequence[Assessment]) -> str:
    """Return an item for the modules that are not offered, for each common reason of unsupported cells, and not run."""
    lacking = [safe(module.module) for module in modules if not module.offered]
    items = [f"Not offered, {counted(len(lacking), 'module')}: {', '.join(lacking)}."] if lacking else []
    items += [*reasons(modules), *(f"Not run: {safe(why, most=1000)}." for why in not_run(recorded))]
    return "\n".join(f"- {item}" for item in items) or "Everything in the catalogue was."


def not_run(recorded: Recorded) -> list[str]:
    """Return the sentences of the runs on what they left out, without their full stops."""
    return [sentence.rstrip(".") for run in recorded.runs for sentence in run.not_run]


def reasons(modules: Sequence[Assessment]) -> list[str]:
    """Return an item for each of the reasons that cost most, and how many reasons follow."""
    records = [record for module in modules if module.offered for record in module.unsupported]
    by_reason = grouped(records, lambda record: record.detail or "no reason given")
    first = sorted(by_reason.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    items = [
        f"Unsupported, {counted(len(alike), 'comparison')} of "
        f"{safe(listed(sorted({record.module for record in alike}), 8))}: {safe(why)}."
        for why, alike in first[:MOST_REASONS]
    ]
    rest = first[MOST_REASONS:]
    if rest:
        cost = counted(sum(len(alike) for _, alike in rest), "comparison")
        items.append(f"Unsupported for {counted(len(rest), 'rarer reason')}, {cost}: listed under what did not run.")
    return items
