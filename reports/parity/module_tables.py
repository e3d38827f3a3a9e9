"""Every module quantity by quantity: how far from torch.nn, how far from the truth, and which contracts hold."""

from collections import Counter
from collections.abc import Sequence

from reports.parity.summary import arithmetic, cell, display, grouped, order, pool
from reports.parity.verdicts import spelled, standing, weighs_values
from reports.record import Parity
from reports.text import ABSENT, figure, safe, span, table

VALUES = (
    "check", "quantity", "dtype", "cells", "elements", r"max \|difference\|", r"mean \|difference\|", "scale",
    "worst error, subject", "worst error, torch.nn", "limit", "share of bound", "verdicts",
)  # fmt: skip
CONTRACTS = ("contract check", "cells", "quantities", "passed", "unsupported", "failed", "other")
OWN_COLUMN = ("pass", "unsupported", "fail")


def section(module: str, records: Sequence[Parity]) -> str:
    """Return the heading and the tables of one module."""
    placed = sorted(records, key=order)
    values = [record for record in placed if weighs_values(record)]
    contracts = [record for record in placed if not weighs_values(record)]
    parts = [f"### {safe(module)}"]
    parts.append(value_table(values) if values else "No value was compared.")
    parts.append(contract_table(contracts) if contracts else "No contract was checked.")
    return "\n\n".join(parts)


def value_table(records: Sequence[Parity]) -> str:
    """Return one row for each check, quantity and dtype."""
    groups = grouped(records, lambda record: (record.check, record.quantity, arithmetic(record)))
    rows = [value_row(*key, found) for key, found in groups.items()]
    return table(VALUES, rows, "lllrrrrrrrrrl")


def value_row(check: str, quantity: str, dtype: str, records: Sequence[Parity]) -> list[str]:
    whole = pool(records)
    differences = map(figure, (whole.max_abs_diff, whole.mean_abs_diff, whole.scale))
    own, other, share = map(figure, (whole.subject_error, whole.reference_error, whole.bound_fraction))
    errors = own, other, span(whole.limits), share
    names = safe(check), safe(display(quantity)), safe(dtype)
    return [*names, f"{whole.cells:,}", f"{whole.elements:,}", *differences, *errors, spelled(whole.verdicts)]


def contract_table(records: Sequence[Parity]) -> str:
    """Return one row for each check."""
    groups = grouped(records, lambda record: record.check)
    return table(CONTRACTS, [contract_row(check, found) for check, found in groups.items()], "lrrrrrl")


def contract_row(check: str, records: Sequence[Parity]) -> list[str]:
    verdicts = Counter(standing(record) for record in records)
    own = [f"{verdicts.pop(verdict, 0):,}" for verdict in OWN_COLUMN]
    cells = len({cell(record) for record in records})
    return [safe(check), f"{cells:,}", f"{len(records):,}", *own, spelled(verdicts) or ABSENT]
