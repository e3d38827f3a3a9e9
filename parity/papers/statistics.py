"""Whether two sides differ: figures of paired runs, put to Wilcoxon's signed-rank test."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import nan
from statistics import fmean, median, stdev

from scipy.stats import wilcoxon

LEVEL = 0.95


@dataclass(frozen=True)
class Paired:
    """What R pairs of runs say about subject minus reference; fewer than six have no interval of 95 %: nan."""

    effect: float  # Hodges-Lehmann: the median of the means of every two differences
    low: float
    high: float
    p_value: float
    same_bits: bool


def compare(subject: Sequence[float], reference: Sequence[float]) -> Paired:
    """Return effect, interval and two-sided p-value.

    Source  Wilcoxon 1945; Hodges & Lehmann 1963; the interval inverts the test (Tukey's, from the ordered Walsh
            averages). With all pairs equal there is no effect to estimate, and p = 1.
    """
    differences = [a - b for a, b in zip(subject, reference, strict=True)]
    if not any(differences):
        return Paired(0.0, 0.0, 0.0, 1.0, same_bits=True)
    walsh = sorted((a + b) / 2 for a, b in combinations_with_replacement(differences, 2))
    cut = tukey(len(differences))
    low, high = (walsh[cut], walsh[-1 - cut]) if cut >= 0 else (nan, nan)
    p = float(wilcoxon(differences, zero_method="pratt").pvalue)
    return Paired(median(walsh), low, high, p, same_bits=False)


def tukey(runs: int) -> int:
    """Return how many Walsh averages to cut at either end; -1 where even the whole range holds less than LEVEL.

    The law of the signed-rank sum under the null hypothesis is counted out, exactly.
    """
    counts = [1]
    for rank in range(1, runs + 1):
        longer = [*counts, *([0] * rank)]
        for total, count in enumerate(counts):
            longer[total + rank] += count
        counts = longer
    below, cut = 0, 0
    while (below + counts[cut]) / 2**runs <= (1 - LEVEL) / 2:
        below += counts[cut]
        cut += 1
    return cut - 1


def centre(values: Sequence[float], statistic: str) -> float:
    """Return the mean or the median of the values."""
    return fmean(values) if statistic == "mean" else median(values)


def spread(values: Sequence[float]) -> float:
    """Return the standard deviation, n - 1 in the denominator; 0 for one value."""
    return stdev(values) if len(values) > 1 else 0.0
