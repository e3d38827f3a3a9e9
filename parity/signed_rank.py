"""The Hodges-Lehmann estimate of a shift, and the exact interval of Wilcoxon's signed-rank test around it.

Source  Hodges & Lehmann 1963; Wilcoxon 1945. The interval holds every shift that the two-sided test does not reject: it
        ends at the order statistics of the Walsh averages (Hollander, Wolfe & Chicken 2014, section 3.3).
        Distribution-free for independent values with a symmetric law.
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
class Shift:
    """By how much values are off zero, with the interval; from -inf to inf where they are too few for one."""

    low: float
    estimate: float
    high: float


def shift(values: Sequence[float], level: float = LEVEL) -> Shift:
    """Return the shift of the values."""
    means = walsh(values)
    cut = rank_sum_limit(len(values), level)
    low, high = (float(means[cut]), float(means[-1 - cut])) if cut >= 0 else (-math.inf, math.inf)
    return Shift(low, float(np.median(means)), high)


def walsh(values: Sequence[float]) -> np.ndarray:
    """Return the means of all pairs of `values`, each with itself too, in ascending order."""
    each = np.asarray(values, dtype=float)
    first, second = np.triu_indices(len(each))
    return np.sort((each[first] + each[second]) / 2)


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
