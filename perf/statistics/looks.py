"""When a measurement may end: looks are few, and they see only the width, never which side is ahead."""

from collections.abc import Sequence
from dataclasses import dataclass

from parity.signed_rank import LEAST
from perf.statistics.interval import Interval, interval

WANTED = 0.015  # half-width of an interval, in log space: about 1.5 %
LOOKS = (6, 8, 11, 15, 20, 27, 36, 48, 64, 85, 113)  # rebuilds; each look a third more than the last


@dataclass(frozen=True)
class Stopping:
    """half_width: at which a measurement is done, in log space. seconds: after which it ends, six rebuilds made."""

    half_width: float = WANTED
    seconds: float = 3.0
    most: int = LOOKS[-1]

    def ends(self, log_ratios: Sequence[float], seconds: float) -> bool:
        """Whether enough rebuilds were made, or no more may be."""
        count = len(log_ratios)
        if count < LEAST:
            return False
        if count >= self.most or seconds >= self.seconds:
            return True
        return count in LOOKS and self.narrow(interval(log_ratios))

    def narrow(self, at: Interval) -> bool:
        """Whether the interval is as narrow as was asked for."""
        return at.half_width <= self.half_width
