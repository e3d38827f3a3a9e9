"""Correct implementations on the page: how often one of them was accused, by us and by assert_close."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.columns import RIGHT, Column, table
from reports.reading import grouped
from reports.text import ABSENT, counted, safe
from reports.trust.record import FalseAlarm, FalseAlarmRate

EXPLANATION = (
    "A run is one correct implementation of one module in one cell of one seed. It is an alarm if any quantity fails. "
    "Intervals are of 95 % (Clopper & Pearson 1934). No run was repeated."
)
BY_REGIME: Sequence[Column[FalseAlarmRate]] = (
    Column("regime", lambda rate: safe(rate.regime)),
    Column("runs", lambda rate: f"{rate.runs:,}", RIGHT),
    Column("alarms", lambda rate: f"{rate.alarms:,}", RIGHT),
    Column("rate", lambda rate: ours(rate)),
    Column("alarms of assert_close", lambda rate: f"{rate.assert_close_alarms:,}", RIGHT),
    Column("rate of assert_close", lambda rate: theirs(rate)),
)


@dataclass(frozen=True)
class Implementation:
    """A correct implementation with its counts: of every module, regime and dtype."""

    name: str
    counts: Sequence[FalseAlarm]


BY_IMPLEMENTATION: Sequence[Column[Implementation]] = (
    Column("implementation", lambda one: safe(one.name)),
    Column("modules", lambda one: f"{len({count.module for count in one.counts}):,}", RIGHT),
    Column("runs", lambda one: f"{sum(count.runs for count in one.counts):,}", RIGHT),
    Column("alarms", lambda one: f"{sum(count.alarms for count in one.counts):,}", RIGHT),
    Column(
        "alarms of assert_close",
        lambda one: f"{sum(count.assert_close_alarms for count in one.counts):,}",
        RIGHT,
    ),
)


def sentence(rates: Sequence[FalseAlarmRate]) -> str:
    """Return the rate of all runs together."""
    whole = next((rate for rate in rates if rate.regime == "all"), None)
    if whole is None:
        return "No correct implementation was run."
    return (
        f"False alarms: {whole.alarms:,} in {counted(whole.runs, 'run')} of correct implementations "
        f"({ours(whole)}); assert_close {theirs(whole)}."
    )


def ours(rate: FalseAlarmRate) -> str:
    return shown(rate.alarms / rate.runs, rate.low, rate.high)


def theirs(rate: FalseAlarmRate) -> str:
    return shown(rate.assert_close_alarms / rate.runs, rate.assert_close_low, rate.assert_close_high)


def shown(share: float, low: float, high: float) -> str:
    return f"{100 * share:.3g} %, 95 % interval {100 * low:.2g} to {100 * high:.2g} %"


def section(rates: Sequence[FalseAlarmRate], alarms: Sequence[FalseAlarm]) -> str:
    """Return the rate by regime and by implementation, and every alarm."""
    if not rates:
        return "No correct implementation was run."
    first = [f"- {safe(alarm.implementation)}: {safe(alarm.first)}" for alarm in alarms if alarm.alarms]
    accused = "\n".join(["First alarm of each:", *first]) if first else "None was accused."
    return "\n\n".join([EXPLANATION, table(BY_REGIME, rates), by_implementation(alarms), accused])


def by_implementation(alarms: Sequence[FalseAlarm]) -> str:
    rows = [Implementation(*entry) for entry in grouped(alarms, lambda alarm: alarm.implementation).items()]
    return table(BY_IMPLEMENTATION, rows) if rows else ABSENT
