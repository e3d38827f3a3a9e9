"""The one interval of a rate that is counted: of a sweep, and of false alarms in a run of trust."""

CONFIDENCE = 0.95


def interval(events: int, runs: int) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a rate."""
    from scipy.stats import binomtest  # which needs numpy, as no other page does but for its figures

    ends = binomtest(events, runs).proportion_ci(CONFIDENCE, "exact")
    return float(ends.low), float(ends.high)
