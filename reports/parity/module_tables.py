"""Every module quantity by quantity: how far from torch.nn, how far from the truth, and which contracts hold."""

from collections.abc import Callable, Sequence

from reports.columns import RIGHT, Column, table
from reports.parity.summary import Pool, arithmetic, display, order, pool
from reports.parity.verdicts import spelled, weighs_values
from reports.reading import grouped
from reports.record import Parity
from reports.text import ABSENT, figure, safe, span

OWN_COLUMN = ("pass", "unsupported", "fail")

VALUES: Sequence[Column[Pool]] = (
    Column("check", lambda pool: safe(pool.first.check)),
    Column("quantity", lambda pool: safe(display(pool.first.quantity))),
    Column("dtype", lambda pool: safe(arithmetic(pool.first))),
    Column("cells", lambda pool: f"{pool.cells:,}", RIGHT),
    Column("elements", lambda pool: f"{pool.elements:,}", RIGHT),
    Column(
        r"max \|difference\|",
        lambda pool: figure(pool.max_abs_diff),
        RIGHT,
        "*Differences* are to torch.nn in the subject's own dtype, in the units of the quantity; unlike errors they "
        "grow with the size of the numbers, so read them beside the scale.",
    ),
    Column(
        r"mean \|difference\|",
        lambda pool: figure(pool.mean_abs_diff),
        RIGHT,
        "Means and scales of several cells are weighted by their elements.",
    ),
    Column(
        "scale",
        lambda pool: figure(pool.scale),
        RIGHT,
        "The *scale* is the root mean square of the truth.",
    ),
    Column(
        "worst error, subject",
        lambda pool: figure(pool.subject_error),
        RIGHT,
        "An *error* is the largest distance to the truth over the elements, divided by u·gauge, so that an error of 1 "
        "is about one honest rounding.",
    ),
    Column("worst error, torch.nn", lambda pool: figure(pool.reference_error), RIGHT),
    Column(
        "limit",
        lambda pool: span(pool.limits),
        RIGHT,
        "The *limit* is the error beyond which a quantity fails.",
    ),
    Column(
        "share of bound",
        lambda pool: figure(pool.bound_fraction),
        RIGHT,
        "The *share of bound* is the largest distance to the truth as a share of the rigorous bound γₙ|A||B|, which no "
        "order of summation can exceed; only linear maps have one.",
    ),
    Column("verdicts", lambda pool: spelled(pool.verdicts)),
)

CONTRACTS: Sequence[Column[Pool]] = (
    Column("contract check", lambda pool: safe(pool.first.check)),
    Column("cells", lambda pool: f"{pool.cells:,}", RIGHT),
    Column("quantities", lambda pool: f"{pool.verdicts.total():,}", RIGHT),
    Column("passed", lambda pool: pool.count("pass"), RIGHT),
    Column("unsupported", lambda pool: pool.count("unsupported"), RIGHT),
    Column("failed", lambda pool: pool.count("fail"), RIGHT),
    Column("other", lambda pool: spelled(pool.verdicts, but=OWN_COLUMN) or ABSENT),
)


def section(module: str, records: Sequence[Parity]) -> str:
    """Return the heading and the tables of one module."""
    placed = sorted(records, key=order)
    values = [record for record in placed if weighs_values(record)]
    contracts = [record for record in placed if not weighs_values(record)]
    parts = [f"### {safe(module)}"]
    parts.append(table(VALUES, pools(values, kind_of_value)) if values else "No value was compared.")
    parts.append(
        table(CONTRACTS, pools(contracts, lambda record: record.check)) if contracts else "No contract was checked."
    )
    return "\n\n".join(parts)


def kind_of_value(record: Parity) -> tuple[str, str, str]:
    """Return what the records of one row of values have in common."""
    return record.check, record.quantity, arithmetic(record)


def pools(records: Sequence[Parity], key: Callable[[Parity], object]) -> list[Pool]:
    """Return the records pooled, those with the same key into one."""
    return [pool(alike) for alike in grouped(records, key).values()]
