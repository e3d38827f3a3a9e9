"""What is wrong with a subject, and why: wrong numbers module by module, then broken claims, cause by cause."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from reports.parity.assessment import Assessment
from reports.parity.gate.aspects import differs
from reports.parity.looks import heading
from reports.parity.referee.condition import condition
from reports.parity.referee.merits import claim, right_of
from reports.parity.summary import arithmetic, display
from reports.parity.verdicts import reason
from reports.reading import grouped
from reports.record import Parity
from reports.text import code, counted, folded, generic, listed, safe

Item = Callable[[], str]  # on one cause, told when it is shown
MOST_QUANTITIES, MOST_CAUSES, MOST_ITEMS = 4, 3, 12  # shown; the rest is folded away
MOST_TOLD = 60  # causes told at all, for each is held against what ran beside it


def render(offered: Sequence[Assessment]) -> str:
    """Return an item for every wrong quantity of a module, then one for every way in which a check fails."""
    blocks = [block for module in sorted(offered, key=special) if (block := of_module(module))]
    causes = [*stopped(offered), *broken(offered), *void(offered)]
    items = [f"- {cause()}" for cause in causes[:MOST_TOLD]]
    items += [f"- And {counted(len(causes) - MOST_TOLD, 'cause')} more, in the records."] if causes[MOST_TOLD:] else []
    return "\n".join([*blocks, *shortened(items, MOST_ITEMS, "cause")]) or "Nothing that was tested."


def shortened(items: Sequence[str], most: int, noun: str) -> list[str]:
    """Return the first items, and the others folded away."""
    if len(items) <= most:
        return list(items)
    rest = "\n".join(items[most:])
    return [*items[:most], "", folded(f"{counted(len(items) - most, noun)} more", rest), ""]


def special(module: Assessment) -> bool:
    """Whether the numbers of a module are right on normal input: such modules come last."""
    return not any(record.regime == "normal" for record in module.wrong_values)


def of_module(module: Assessment) -> str:
    """Return an item for each wrong quantity of a module, all but the first few folded away, and one for the rest."""
    items = [f"- {of_quantity(module, name)}" for name in module.wrong_quantities]
    if module.through:
        names, wrong = safe(listed(module.through, 8)), f"{counted(len(items), 'quantity')} of it"
        said = f"- **{safe(module.module)}** is put together of {names}, where numbers are wrong: mend that first."
        items = [said, "", folded(f"{wrong} {'is' if len(items) == 1 else 'are'} wrong too", "\n".join(items)), ""]
        return "\n".join(items)
    besides = right_of(module) if items else ""
    right = [f"- **{safe(module.module)}**, what is right: {besides}"] if besides else []
    return "\n".join([*shortened(items, MOST_QUANTITIES, "wrong quantity"), *right])


def of_quantity(module: Assessment, quantity: str) -> str:
    """Say how often a quantity is wrong, where, by how much at worst, and what it looks like."""
    values = [record for record in module.values if record.quantity == quantity]
    wrong = [record for record in values if record.verdict == "fail"]
    worst = max(wrong, key=lambda record: (record.elements > 0, record.subject_error))
    return (
        f"**{safe(module.module)}, {safe(display(quantity))}** is wrong in {len(wrong):,} of "
        f"{counted(len(values), 'comparison')} ({condition(wrong, values)}). At worst, in case {safe(worst.case)} "
        f"({safe(arithmetic(worst))}): {safe(worst.detail, most=600)}. {heading(wrong, values)}"
        f"{elsewhere(module, quantity)}{scripts(wrong)}"
    )


def scripts(records: Iterable[Parity]) -> str:
    """Return what runs the smallest case of records, as a sentence of its own; empty where none was written."""
    names = dict.fromkeys(record.script for record in records if record.script)
    return f" To see it on a few numbers, run {' or '.join(code(f'python {name}') for name in names)}." if names else ""


def elsewhere(module: Assessment, quantity: str) -> str:
    """Return which checks fail because the quantity is wrong, as a sentence of its own; empty where none does."""
    met = [record for record in module.met if record.quantity == quantity]
    checks = sorted({record.check for record in met})
    said = f"{counted(len(checks), 'check')}: {safe(listed(checks, 12))}, in {counted(len(met), 'comparison')}"
    return f" And so it fails {said}." if met else ""


def stopped(offered: Sequence[Assessment]) -> list[Item]:
    """Return an item for every cause that ended cells, the most frequent first."""
    every = (record for module in offered for record in module.records if record.verdict != "unsupported")
    ran = grouped(every, where)
    alike = grouped((r for module in offered for r in module.stopped), lambda record: generic(record.detail))
    frequent = sorted(alike.values(), key=lambda records: -len(records))
    return [partial(of_stopped, records, ran) for records in frequent]


def of_stopped(records: Sequence[Parity], ran: Mapping[tuple[str, str], Sequence[Parity]]) -> str:
    """Say where cells stopped of one cause, among all that ran of the same modules in the same checks."""
    beside = [record for place in dict.fromkeys(map(where, records)) for record in ran[place]]
    return (
        f"**Stopped** in {named(r.check for r in records)}, {modules(records)}{times(records)} "
        f"({condition(records, beside)}): {told(records)}{simpler(records)}.{scripts(records)}"
    )


def simpler(records: Sequence[Parity]) -> str:
    """Return under which simpler conditions what stopped is right, and what its words look like; empty if none is."""
    seen = dict.fromkeys(fit.partition(": ")[2] for record in records for fit in record.fits)
    known = dict.fromkeys(record.diagnosis for record in records if record.diagnosis)
    met = dict.fromkeys(words for said in known for words in said.split("; ") if words not in seen)
    right = f". It is {safe(listed(list(met), MOST_CAUSES))}" if met else ""
    return f"{right}. It looks like this: {safe(listed(list(seen), MOST_CAUSES))}" if seen else right


def where(record: Parity) -> tuple[str, str]:
    return record.module, record.check


def told(records: Sequence[Parity]) -> str:
    """Return why records are what they are, in the words of the first; the others may have other figures."""
    whole = {reason(record) for record in records}
    also = f" (and {counted(len(whole) - 1, 'telling')} with other figures)" if len(whole) > 1 else ""
    return f"{safe(reason(records[0]), most=600)}{also}"


def times(records: Sequence[Parity]) -> str:
    return f", {len(records):,} times" if len(records) > 1 else ""


def named(names: Iterable[str]) -> str:
    return safe(listed(sorted(set(names)), 8))


def broken(offered: Sequence[Assessment]) -> list[Item]:
    """Return an item for every claim that does not hold, and says why, with the modules of which it does not hold."""
    records = [record for module in offered for record in module.broken_claims]
    by_cause = grouped(sorted(records, key=lambda record: record.check), cause)
    return [partial(of_broken, alike) for alike in by_cause.values()]


def of_broken(alike: Sequence[Parity]) -> str:
    """Say which claims do not hold of one cause, and what they look like."""
    return (
        f"**{safe(claim(alike[0]))}** {is_broken(alike)}: {'; '.join(claims(alike))}{times(alike)}: "
        f"{told(alike)}{looks(alike)}.{scripts(alike)}"
    )


def is_broken(records: Sequence[Parity]) -> str:
    """Return what a claim is that does not hold: broken, or where all of it is a convention, no more than another."""
    return "is another convention than torch's" if all(map(differs, records)) else "is broken"


def cause(record: Parity) -> tuple[str, ...]:
    """Return what two broken claims of one cause have in common.

    Of a value that is wrong it is what the value looks like: the words differ with every number and layout.
    """
    if record.subject_error == record.subject_error:
        return record.check, record.module, record.quantity, record.diagnosis
    return record.check, generic(reason(record))


def looks(records: Sequence[Parity]) -> str:
    """Return what broken claims look like, as a sentence of its own; empty where no explanation fits."""
    causes = dict.fromkeys(record.diagnosis for record in records if record.diagnosis)
    return f". It looks like this: {safe('; '.join(causes))}" if causes else ""


def claims(records: Sequence[Parity]) -> list[str]:
    """Return what the records claim, each with the modules of which it does not hold."""
    return [f"{safe(name)} ({modules(alike)})" for name, alike in grouped(records, lambda r: r.quantity).items()]


def modules(records: Sequence[Parity]) -> str:
    return named(record.module for record in records)


def void(offered: Sequence[Assessment]) -> list[Item]:
    """Return an item for every reason why a row says nothing."""
    alike = grouped((r for module in offered for r in module.void), lambda record: generic(reason(record)))
    return [partial(of_void, records) for records in alike.values()]


def of_void(records: Sequence[Parity]) -> str:
    return f"**Void**, {counted(len(records), 'row')} of {modules(records)}: {told(records)}"
