"""Whether what a module drew is what its draws should be like: exact tests of counts.

A draw is True with one probability, independently of every other. Under that, each count here is of independent trials,
so that its p-value is exact; of n tests together each may have the n-th part of `limits.LUCK` (Bonferroni), which then
bounds the probability that any of them accuses a right module.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from parity.catalogue.page import Conditioned
from parity.verdict import limits


@dataclass(frozen=True)
class Outcomes:
    """A count of independent trials: how many hits, of how many, each with a probability.

    of    what is counted
    says  the count in words: {hits}, {trials} and {chance} stand in it
    """

    of: str
    says: str
    hits: int
    trials: int
    chance: float

    def by_luck(self) -> float:
        """Return the probability of all counts that are no likelier than this one."""
        from scipy.stats import binomtest

        return float(binomtest(self.hits, self.trials, self.chance).pvalue) if self.trials else 1.0

    @property
    def off(self) -> float:
        """How many standard deviations the count is off."""
        deviation = math.sqrt(self.trials * self.chance * (1 - self.chance))
        distance = abs(self.hits - self.trials * self.chance)
        return distance / deviation if deviation else math.inf if distance else 0.0

    def fault(self, tests: int = 1) -> str:
        """Return the count in words if chance may not give it, as one of so many; empty if it may."""
        if self.by_luck() >= limits.LUCK / tests:
            return ""
        return self.says.format(hits=self.hits, trials=self.trials, chance=f"{self.chance:.4g}")


def rate(drawn: Tensor, chance: float) -> Outcomes:
    """Return the count of what is True."""
    says = "{hits} of {trials} are kept, where each should be with probability {chance}"
    return Outcomes("rate", says, int(drawn.sum()), drawn.numel(), chance)


def number(calls: Tensor, chance: float) -> Outcomes:
    """Return the count of the calls in which as many are True as are expected: by chance they are few."""
    size = calls[0].numel()
    expected = {math.floor(size * chance), math.ceil(size * chance)}
    share = math.fsum(math.comb(size, k) * chance**k * (1 - chance) ** (size - k) for k in expected)
    met = sum(kept in expected for kept in calls.flatten(1).sum(1).tolist())
    says = "as many are kept as are expected in {hits} of {trials} calls, where it should be with probability {chance}"
    return Outcomes("number kept", says, met, len(calls), share)


def pairs(calls: Tensor, chance: float) -> Iterator[Outcomes]:
    """Yield the counts of pairs that agree, at every distance along every axis; calls are the first axis.

    Pairs are disjoint, for then they are independent: blocks as long as the distance are paired with the next,
    beginning with the first of them, or with the second.
    """
    alike = chance**2 + (1 - chance) ** 2
    for axis, extent in enumerate(calls.shape):
        of = f"axis {axis - 1}" if axis else "calls"
        what = f"elements {{}} apart along {of}" if axis else "calls {} apart"
        for distance in range(1, extent):
            says = (
                f"of {what.format(distance)}, {{hits}} of {{trials}} pairs are kept or dropped together, where a pair "
            )
            says += "should be with probability {chance}"
            starts = torch.arange(extent - distance)
            for phase in (0, 1):
                first = starts[starts // distance % 2 == phase]
                same = calls.index_select(axis, first) == calls.index_select(axis, first + distance)
                if same.numel():
                    yield Outcomes(of, says, int(same.sum()), same.numel(), alike)


def of_one_call(made: Conditioned) -> Outcomes:
    """Return the count of what is True in one call, where it could be told."""
    return rate(made.drawn[made.known], made.chance)


def by_luck(made: Conditioned) -> float:
    """Return the probability that a right module draws as many in one call, or what is no likelier."""
    return of_one_call(made).by_luck()


def implausible(made: Conditioned) -> str:
    """Return why no right module would draw so in one call; empty if one may."""
    fault = of_one_call(made).fault()
    return f"{fault}; of {made.torn} of them a part is dropped and a part kept" if fault and made.torn else fault


def faults(calls: Tensor, chance: float) -> dict[str, str]:
    """Return what is wrong with many calls, by what was counted; empty strings if nothing is.

    Where draws hang together, all counts are of fewer trials than they seem, and stray: if something is wrong, only
    what is farthest off is named, and what is half as far.
    """
    certain = chance in (0, 1)
    counts = [rate(calls, chance), *([] if certain else [number(calls, chance), *pairs(calls, chance)])]
    worst: dict[str, Outcomes] = {}
    for count in sorted(counts, key=lambda count: (count.by_luck(), -count.off)):
        worst.setdefault(count.of, count)
    said = {of: count.fault(len(counts)) for of, count in worst.items()}
    least = max((worst[of].off for of, fault in said.items() if fault), default=0.0) / 2
    return {of: fault for of, fault in said.items() if not least or (fault and worst[of].off >= least)}
