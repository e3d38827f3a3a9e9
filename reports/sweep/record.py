"""The records of a sweep: of what it draws, and what every chunk of configurations gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.record import SCHEMA

COUNTED = ("cells", "wrong", "unsupported", "quantities")  # what is counted of a module, dtype and regime
FINEST = 2.0  # bins of errors a decade


@dataclass(frozen=True, kw_only=True)
class SweepScope:
    """What a sweep draws from: the configuration with a number follows from this alone."""

    cases: int  # numbers from 0 to this, without it
    chunk: int  # of how many numbers a chunk is
    seed: int
    modules: tuple[str, ...]
    every: bool = True  # whether these are all that the subject offers, and none were named
    dtypes: tuple[str, ...] = ()  # those that the subject has
    device: str = "cpu"
    shard: int = 1  # this one of `shards`: of the chunks, every so manieth
    shards: int = 1
    code: str = ""  # a digest of the files of the subject's adapter and of added pages
    cut: str = ""  # why no more was given out, before all was done
    values: Mapping[str, Mapping[str, tuple[str, ...]]] = field(
        default_factory=dict
    )  # of each module's space, in words
    schema: int = SCHEMA
    kind: str = "sweep-scope"

    def numbers(self) -> range:
        """Return the numbers of the chunks of this shard."""
        return range(self.shard - 1, -(-self.cases // self.chunk), self.shards)

    def cells(self, number: int) -> int:
        """Return of how many configurations a chunk is."""
        return min(self.chunk, self.cases - number * self.chunk)


@dataclass(frozen=True, kw_only=True)
class SweepChunk:
    """What the configurations of one chunk gave.

    counts   by "module dtype regime": COUNTED, in their order
    errors   by "module side", side being subject or reference: how many quantities had their largest error in a bin
    met      by "module option": how often every value of the space, in their order, and others were met
    pairs    by module: which pairs of values were met, one bit each, in the order of `pairs_of`, in hexadecimal
    lacking  why configurations are unsupported, by "module: reason": how many
    failures of what is wrong, the first few of each kind: number, case, quantity, and what its record says
    """

    number: int
    cells: int
    seconds: float
    cpu_seconds: float  # of the process that asks, without those of a subject in a process of its own
    megabytes: float  # the most that the process held so far
    counts: Mapping[str, tuple[int, ...]]
    errors: Mapping[str, Mapping[str, int]]
    largest: Mapping[str, float]  # by "module side": the largest error
    met: Mapping[str, tuple[int, ...]]
    pairs: Mapping[str, str]
    lacking: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[Mapping[str, Any], ...] = ()
    not_kept: int = 0  # failing quantities of which nothing is kept
    schema: int = SCHEMA
    kind: str = "sweep-chunk"


def pairs_of(values: Mapping[str, tuple[str, ...]]) -> list[tuple[tuple[str, int], tuple[str, int]]]:
    """Return every pair of values of two options, each by its option and its place, in a fixed order."""
    names = list(values)
    return [
        ((one, i), (other, j))
        for at, one in enumerate(names)
        for other in names[at + 1 :]
        for i in range(len(values[one]))
        for j in range(len(values[other]))
    ]
