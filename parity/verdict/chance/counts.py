"""Counts of draws: how many are True, in how many calls as many as expected, how many pairs agree."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from parity.verdict import limits


@dataclass(frozen=True)
class Hits:
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


def rate(drawn: Tensor, chance: float) -> Hits:
    """Return the count of what is True."""
    says = "{hits} of {trials} are kept, where each should be with probability {chance}"
    return Hits("rate", says, int(drawn.sum()), drawn.numel(), chance)


def number(calls: Tensor, chance: float) -> Hits:
    """Return the count of the calls in which as many are True as are expected: by chance they are few."""
    size = calls[0].numel()
    expected = {math.floor(size * chance), math.ceil(size * chance)}
    share = math.fsum(math.comb(size, k) * chance**k * (1 - chance) ** (size - k) for k in expected)
    met = sum(kept in expected for kept in calls.flatten(1).sum(1).tolist())
    says = "as many are kept as are expected in {hits} of {trials} calls, where it should be with probability {chance}"
    return Hits("number kept", says, met, len(calls), share)


def pairs(calls: Tensor, chance: float) -> Iterator[Hits]:
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
                    yield Hits(of, says, int(same.sum()), same.numel(), alike)
