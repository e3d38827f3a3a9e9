"""Nulls and correct implementations on the page: who must fail and does, who must not and does not."""

from collections.abc import Sequence

from reports.text import ABSENT, counted, safe, table
from reports.trust.record import FalseAlarm, Null, Rate

OF_NULLS = (
    "A null answers without computing. It must fail in every value cell of every module. Where the truth itself, "
    "rounded to the dtype, is the null's answer (the identity of positive input through ReLU), or the plan of the run "
    "names the quantity as one where zeros are all but right, the quantity coincides, with its reason. A cell fails if "
    "one of its quantities does; it proves nothing if none fails and one passed without such a reason."
)
OF_ALARMS = (
    "A run is one correct implementation of one module in one cell of one seed. It is an alarm if any quantity fails. "
    "Intervals are of 95 % (Clopper & Pearson 1934). No run was repeated."
)


def sentence_of_nulls(nulls: Sequence[Null]) -> str:
    if not nulls:
        return "No null was run."
    cells, failed = sum(null.cells for null in nulls), sum(null.failed for null in nulls)
    coincide, passed = sum(null.coincides for null in nulls), sum(null.passed for null in nulls)
    return (
        f"Subjects that compute nothing: {failed:,} of {cells:,} cells fail, {coincide:,} coincide with the truth, "
        f"{passed:,} pass."
    )


def nulls(found: Sequence[Null]) -> str:
    """Return one row a null over all modules, then the reasons."""
    if not found:
        return "No null was run."
    names = dict.fromkeys(null.null for null in found)
    rows = [null_row(name, [null for null in found if null.null == name]) for name in names]
    headers = ("null", "cells", "failed", "coincide", "passed", "quantities", "failed", "coincide", "passed by chance")
    reasons = [
        (safe(null.null), safe(null.module), safe("; ".join(null.reasons), most=1000)) for null in found if null.reasons
    ]
    parts = [OF_NULLS, table(headers, rows, "lrrrrrrrr")]
    if reasons:
        parts += ["Where quantities coincide:", table(("null", "module", "why (quantities)"), reasons)]
    return "\n\n".join(parts)


def null_row(name: str, found: Sequence[Null]) -> list[str]:
    fields = ("cells", "failed", "coincides", "passed", "quantities", "quantities_failed", "quantities_coincide")
    sums = [sum(getattr(null, field) for null in found) for field in fields]
    return [safe(name), *(f"{value:,}" for value in [*sums, sums[4] - sums[5] - sums[6]])]


def sentence(rates: Sequence[Rate]) -> str:
    for rate in rates:
        if rate.regime == "all":
            return (
                f"False alarms: {rate.alarms:,} in {counted(rate.runs, 'run')} of correct implementations "
                f"({shown(rate.alarms, rate.runs, rate.low, rate.high)}); assert_close "
                f"{shown(rate.assert_close_alarms, rate.runs, rate.assert_close_low, rate.assert_close_high)}."
            )
    return "No correct implementation was run."


def shown(events: int, runs: int, low: float, high: float) -> str:
    return f"{100 * events / runs:.3g} %, 95 % interval {100 * low:.2g} to {100 * high:.2g} %"


def section(rates: Sequence[Rate], alarms: Sequence[FalseAlarm]) -> str:
    """Return the rate by regime and by implementation, and every alarm."""
    if not rates:
        return "No correct implementation was run."
    by_regime = [
        [
            safe(rate.regime),
            f"{rate.runs:,}",
            f"{rate.alarms:,}",
            shown(rate.alarms, rate.runs, rate.low, rate.high),
            f"{rate.assert_close_alarms:,}",
            shown(rate.assert_close_alarms, rate.runs, rate.assert_close_low, rate.assert_close_high),
        ]
        for rate in rates
    ]
    headers = ("regime", "runs", "alarms", "rate", "alarms of assert_close", "rate of assert_close")
    parts = [OF_ALARMS, table(headers, by_regime, "lrrlrl"), by_implementation(alarms)]
    first = [f"- {safe(alarm.implementation)}: {safe(alarm.first)}" for alarm in alarms if alarm.alarms]
    return "\n\n".join([*parts, "\n".join(["First alarm of each:", *first]) if first else "Nobody was accused."])


def by_implementation(alarms: Sequence[FalseAlarm]) -> str:
    names = dict.fromkeys(alarm.implementation for alarm in alarms)
    groups = [(name, [alarm for alarm in alarms if alarm.implementation == name]) for name in names]
    rows = [
        [
            safe(name),
            f"{len({alarm.module for alarm in found}):,}",
            *(
                f"{sum(values):,}"
                for values in zip(*((a.runs, a.alarms, a.assert_close_alarms) for a in found), strict=True)
            ),
        ]
        for name, found in groups
    ]
    headers = ("implementation", "modules", "runs", "alarms", "alarms of assert_close")
    return table(headers, rows, "lrrrr") if rows else ABSENT
