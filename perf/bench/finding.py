"""The finding of a row, filled in step by step: its times and verdict, its parity, rates, memory and device."""

from dataclasses import replace
from typing import Any

from parity.verdict import limits
from perf.method.duel import Duel
from perf.physics.ceiling import Share
from perf.statistics.gate import verdict
from perf.statistics.interval import Interval
from reports.perf.record import RowFinding, TimeRatio


def ratio(at: Interval) -> TimeRatio:
    """Return an interval as it is written down."""
    return TimeRatio(ratio=at.ratio, low=at.low, high=at.high)


def sides(finding: RowFinding, subject: dict[str, Any], reference: dict[str, Any]) -> RowFinding:
    """Return the finding with more figures of either side, by their names."""
    return replace(
        finding, subject=replace(finding.subject, **subject), reference=replace(finding.reference, **reference)
    )


def timed(finding: RowFinding, times: Duel, gate: float | None) -> RowFinding:
    """Return the finding with what a duel gave, and its verdict."""
    at, (subject, reference) = times.interval, times.medians
    judged = replace(
        finding,
        verdict=verdict(at, limits.TIME_MARGIN if gate is None else gate),
        time=ratio(at),
        rebuilds=len(times.rebuilds),
    )
    return sides(judged, {"seconds": subject}, {"seconds": reference})


def rated(finding: RowFinding, subject: Share | None, reference: Share | None) -> RowFinding:
    """Return the finding with rates and shares, where both sides have one."""
    if subject is None or reference is None:
        return finding
    return sides(
        replace(finding, unit=reference.unit),
        {"rate": subject.rate, "share": subject.share},
        {"rate": reference.rate, "share": reference.share},
    )
