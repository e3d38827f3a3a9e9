"""What is wrong with a subject, and why: wrong numbers module by module, then broken claims."""

import math
from collections import Counter
from collections.abc import Sequence

from reports.parity.assessment import Assessment
from reports.parity.summary import arithmetic, display
from reports.parity.verdicts import reason
from reports.reading import grouped
from reports.record import Parity
from reports.text import counted, listed, safe


def render(offered: Sequence[Assessment]) -> str:
    """Return an item for every wrong quantity of a module, then one for every way in which a check fails."""
    wrong = [(module, name) for module in offered for name in module.wrong_quantities]
    wrong.sort(key=lambda entry: not on_normal_input(*entry))
    items = [
        *(of_quantity(module, name) for module, name in wrong),
        *stopped(offered),
        *broken(offered),
        *void(offered),
    ]
    return "\n".join(f"- {item}" for item in items) or "Nothing that was tested."


def on_normal_input(module: Assessment, quantity: str) -> bool:
    return any(record.quantity == quantity and record.regime == "normal" for record in module.wrong_values)


def of_quantity(module: Assessment, quantity: str) -> str:
    """Say how often a quantity is wrong, where, by how much at worst, and what it looks like."""
    wrong = [record for record in module.wrong_values if record.quantity == quantity]
    compared = sum(record.quantity == quantity for record in module.values)
    worst = max(wrong, key=lambda record: (record.elements > 0, record.subject_error))
    usual = Counter(record.diagnosis for record in wrong if record.diagnosis).most_common(1)
    why = f"It looks like this: {safe(usual[0][0])}." if usual else "No explanation on the suite's list fits."
    where = f"{among('case', wrong)}; {among('regime', wrong)}; {listed(sorted({arithmetic(r) for r in wrong}), 4)}"
    return (
        f"**{safe(module.module)}, {safe(display(quantity))}** is wrong in {len(wrong):,} of "
        f"{counted(compared, 'comparison')} ({where}). At worst, in case {safe(worst.case)} ({arithmetic(worst)}): "
        f"{safe(worst.detail, most=600)}. {why}{elsewhere(module, quantity)}"
    )


def follows(module: Assessment, record: Parity) -> bool:
    """Whether a check fails in the value of a quantity that is wrong anyhow, and so says nothing of its own."""
    return record.quantity in module.wrong_quantities and not math.isnan(record.subject_error)


def elsewhere(module: Assessment, quantity: str) -> str:
    """Return which checks of behaviour met the wrong quantity too, as a sentence of its own; empty where none did."""
    met = [r for r in module.broken_claims if r.quantity == quantity and follows(module, r)]
    checks = safe(listed(sorted({record.check for record in met}), 12))
    return f" It is wrong in {counted(len(met), 'comparison')} of other checks too: {checks}." if met else ""


def among(field: str, records: Sequence[Parity]) -> str:
    """Return the cases, or the regimes, of the records."""
    names = sorted({str(getattr(record, field)) for record in records})
    return f"{field if len(names) == 1 else field + 's'} {safe(listed(names, 6))}"


def stopped(offered: Sequence[Assessment]) -> list[str]:
    """Return an item for every error that ended a cell."""
    alike = grouped((r for module in offered for r in module.stopped), lambda r: (r.check, r.detail))
    return [f"**Stopped** in {safe(check)}, {modules(records)}: {safe(why)}" for (check, why), records in alike.items()]


def broken(offered: Sequence[Assessment]) -> list[str]:
    """Return an item for every claim that does not hold, and says why, with the modules of which it does not hold."""
    records = [r for module in offered for r in module.broken_claims if not follows(module, r)]
    by_reason = grouped(records, lambda r: (r.check, reason(r).partition("; ")[0]))
    return [
        f"**{safe(check)}** is broken: {'; '.join(claims(alike))}: {safe(why, most=600)}{looks(alike)}"
        for (check, why), alike in sorted(by_reason.items())
    ]


def looks(records: Sequence[Parity]) -> str:
    """Return what broken claims look like, as a sentence of its own; empty where no explanation fits."""
    causes = dict.fromkeys(record.diagnosis for record in records if record.diagnosis)
    return f". It looks like this: {safe('; '.join(causes))}" if causes else ""


def claims(records: Sequence[Parity]) -> list[str]:
    """Return what the records claim, each with the modules of which it does not hold."""
    return [f"{safe(name)} ({modules(alike)})" for name, alike in grouped(records, lambda r: r.quantity).items()]


def modules(records: Sequence[Parity]) -> str:
    return safe(listed(sorted({record.module for record in records}), 8))


def void(offered: Sequence[Assessment]) -> list[str]:
    """Return an item for every reason why a row says nothing."""
    alike = grouped((r for module in offered for r in module.void), reason)
    return [
        f"**Void**, {counted(len(records), 'row')} of {modules(records)}: {safe(why)}" for why, records in alike.items()
    ]
