"""Whether two sides differ: figures of paired runs, by Wilcoxon's signed-rank test."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from statistics import fmean, median, stdev

from scipy.stats import wilcoxon

from parity.signed_rank import LEAST, shift


@dataclass(frozen=True)
class Paired:
    """What R pairs of runs say about subject minus reference; too few for an interval of 95 % have none: nan."""

    effect: float  # Hodges-Lehmann: the median of the means of every two differences
    low: float
    high: float
    p_value: float
    same_bits: bool


def compare(subject: Sequence[float], reference: Sequence[float]) -> Paired:
    """Return effect, interval and two-sided p-value; with all pairs equal there is no effect to estimate, and p = 1."""
    differences = [a - b for a, b in zip(subject, reference, strict=True)]
    if not any(differences):
        return Paired(0.0, 0.0, 0.0, 1.0, same_bits=True)
    between = shift(differences)
    low, high = (between.low, between.high) if len(differences) >= LEAST else (nan, nan)
    p = float(wilcoxon(differences, zero_method="pratt").pvalue)
    return Paired(between.estimate, low, high, p, same_bits=False)


def centre(values: Sequence[float], statistic: str) -> float:
    """Return the mean or the median of the values."""
    return fmean(values) if statistic == "mean" else median(values)


def spread(values: Sequence[float]) -> float:
    """Return the standard deviation, n - 1 in the denominator; 0 for one value."""
    return stdev(values) if len(values) > 1 else 0.0
