"""The Hodges-Lehmann estimate of a ratio, and the exact interval of the signed-rank test around it.

Source  Hodges & Lehmann 1963; Wilcoxon 1945. The interval holds every shift that the two-sided test does not reject: it
        ends at the order statistics of the Walsh averages (Hollander, Wolfe & Chicken 2014, section 3.3).
        Distribution-free for independent values with a symmetric law; that of a rebuild's log ratio is symmetric where
        the sides are alike, because which side is built and run first is drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import wilcoxon

LEVEL = 0.95  # of every interval
LEAST = 6  # values: fewer have no two-sided interval of that level


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


@lru_cache(maxsize=64)
def rank_sum_limit(count: int, level: float = LEVEL) -> int:
    """Return the largest c with P(rank sum <= c) <= (1 - level) / 2 for `count` values; -1 where there is none."""
    below = -1
    while tail(count, below + 1) <= (1 - level) / 2:
        below += 1
    return below


def tail(count: int, rank_sum: int) -> float:
    """Return the exact P(rank sum <= `rank_sum`), as scipy's test gives it for a sample that has this rank sum."""
    left, signed = rank_sum, []
    for rank in range(count, 0, -1):
        taken = rank <= left
        left -= rank * taken
        signed.append(-rank if taken else rank)
    return float(wilcoxon(signed, alternative="greater", method="exact").pvalue) if not left else 1.0


def walsh(values: Sequence[float]) -> np.ndarray:
    """Return the means of all pairs of `values`, each with itself too, in ascending order."""
    found = np.asarray(values, dtype=float)
    first, second = np.triu_indices(len(found))
    return np.sort((found[first] + found[second]) / 2)


def interval(log_ratios: Sequence[float], level: float = LEVEL) -> Interval:
    """Return the ratio with its interval; from 0 to infinity where the values are too few for one."""
    means = walsh(log_ratios)
    cut = rank_sum_limit(len(log_ratios), level)
    ratio = math.exp(float(np.median(means)))
    if cut < 0:
        return Interval(0.0, ratio, math.inf)
    return Interval(math.exp(float(means[cut])), ratio, math.exp(float(means[-1 - cut])))
