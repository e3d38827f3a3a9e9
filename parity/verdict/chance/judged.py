"""What a module drew, held against chance: in one call, and in many."""

from statistics import NormalDist

from torch import Tensor

from parity.catalogue.page import Conditioned
from parity.verdict.chance.counts import Hits, number, pairs, rate


def of_one_call(made: Conditioned) -> Hits:
    """Return the count of what is True in one call, where it could be told."""
    return rate(made.drawn[made.known], made.chance)


def by_luck(made: Conditioned) -> float:
    """Return the probability that a right module draws as many in one call, or what is no likelier."""
    return of_one_call(made).by_luck()


def implausible(made: Conditioned) -> str:
    """Return why no right module would draw so in one call; empty if one may."""
    fault = of_one_call(made).fault()
    return f"{fault}; of {made.torn} of them a part is dropped and a part kept" if fault and made.torn else fault


def looks(made: Conditioned) -> str:
    """Return what a draw looks like that no right module would make; empty where it is like nothing known."""
    told = made.drawn[made.known]
    if told.all():
        return "nothing is dropped"
    if made.known.all() and len(made.drawn) > 1 and told.any() and not (made.drawn != made.drawn[:1]).any():
        return "one draw serves all samples: they are kept and dropped together"
    if not rate(told, 1 - made.chance).fault():
        return "p and 1 - p are exchanged: as many are kept as should be dropped"
    if not told.any():
        return "everything is dropped"
    below = NormalDist().cdf(1 - made.chance)  # of normal numbers, that p is not reached
    for words, kept in {"": 1 - below, ", and what is below is kept": below}.items():
        if not rate(told, kept).fault():
            return f"normal numbers are compared with p, not uniform ones{words}"
    return ""


def faults(calls: Tensor, chance: float) -> dict[str, str]:
    """Return what is wrong with many calls, by what was counted; empty strings if nothing is.

    Where draws hang together, all counts are of fewer trials than they seem, and stray: if something is wrong, only
    what is farthest off is named, and what is half as far.
    """
    certain = chance in (0, 1)
    counts = [rate(calls, chance), *([] if certain else [number(calls, chance), *pairs(calls, chance)])]
    worst: dict[str, Hits] = {}
    for count in sorted(counts, key=lambda count: (count.by_luck(), -count.off)):
        worst.setdefault(count.of, count)
    said = {of: count.fault(len(counts)) for of, count in worst.items()}
    least = max((worst[of].off for of, fault in said.items() if fault), default=0.0) / 2
    return {of: fault for of, fault in said.items() if not least or (fault and worst[of].off >= least)}
