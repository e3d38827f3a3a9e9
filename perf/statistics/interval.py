"""A ratio with its interval: the shift of log ratios, by the signed-rank test.

The law of a rebuild's log ratio is symmetric where the sides are alike, as that test asks, because which side is built
and run first is drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from parity.signed_rank import LEVEL, shift


@dataclass(frozen=True)
class Interval:
    """A ratio with its interval."""

    low: float
    ratio: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval in log space: 0.01 is about 1 %."""
        return math.log(self.high / self.low) / 2 if self.low > 0 else math.inf

    def holds(self, ratio: float) -> bool:
        """Whether `ratio` lies inside."""
        return self.low <= ratio <= self.high


def interval(log_ratios: Sequence[float], level: float = LEVEL) -> Interval:
    """Return the ratio with its interval; from 0 to infinity where the values are too few for one."""
    logs = shift(log_ratios, level)
    return Interval(math.exp(logs.low), math.exp(logs.estimate), math.exp(logs.high))
