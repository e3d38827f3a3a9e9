"""The records of a sweep, added up one after the other: of a million cells as much is held as of a thousand."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reports.reading import restore, unfinished
from reports.record import Damage, Run
from reports.sweep.record import COUNTED, SweepChunk, SweepScope, pairs_of
from reports.text import counted, generic

KINDS: Mapping[str, Any] = {one.kind: one for one in (Run, SweepScope, SweepChunk, Damage)}
EXAMPLES = 3  # of one cause
FURTHEST = 1000  # bin of errors: more is none
NEEDED = {"configuration", "module", "x", "options", "layouts", "dtype", "regime", "quantity", "detail", "diagnosis"}


class SweptKey(NamedTuple):
    """What cells are counted by."""

    module: str
    dtype: str
    regime: str


class Cost(NamedTuple):
    """What a chunk cost."""

    number: int
    cells: int
    seconds: float
    cpu_seconds: float
    megabytes: float


@dataclass
class SweptCause:
    """Failures of one quantity that look alike."""

    module: str
    quantity: str
    words: str
    count: int = 0
    examples: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass
class Sweep:
    """What one file says."""

    runs: list[Run] = field(default_factory=list)
    scopes: list[SweepScope] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    counts: defaultdict[SweptKey, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    errors: defaultdict[tuple[str, str], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    largest: dict[tuple[str, str], float] = field(default_factory=dict)
    met: defaultdict[tuple[str, str], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    pairs: Counter[str] = field(default_factory=Counter)  # by module: a number whose bits say which pairs were met
    causes: dict[tuple[str, str, str], SweptCause] = field(default_factory=dict)
    not_kept: int = 0
    lacking: Counter[str] = field(default_factory=Counter)
    costs: dict[int, Cost] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Mapping[str, Any]]) -> "Sweep":
        """Add up records; raise ValueError that names the first which is not what its kind says, or is there twice."""
        sweep = cls()
        for position, record in enumerate(records, start=1):
            kind = str(record.get("kind"))
            try:
                sweep.take(restore(KINDS[kind], record) if kind in KINDS else None)
            except (TypeError, ValueError) as error:
                raise ValueError(f"record {position} of kind {kind}: {error}") from error
        return sweep

    def take(self, record: Any) -> None:
        if isinstance(record, Run):
            self.runs.append(record)
        elif isinstance(record, SweepScope):
            self.scopes.append(record)
        elif isinstance(record, Damage):
            self.damages.append(record)
        elif isinstance(record, SweepChunk):
            self.add(record)

    def add(self, chunk: SweepChunk) -> None:
        """Add a chunk; raise ValueError for one that was added before."""
        if chunk.number in self.costs:
            raise ValueError(f"chunk {chunk.number} is there twice")
        self.costs[chunk.number] = Cost(chunk.number, chunk.cells, chunk.seconds, chunk.cpu_seconds, chunk.megabytes)
        for words, counts in chunk.counts.items():
            self.counts[SweptKey(*words.split(" ", 2))].update(dict(zip(COUNTED, counts, strict=True)))
        for words, bins in chunk.errors.items():
            self.errors[pair(words)].update({bin_of(at): count for at, count in bins.items()})
        for words, error in chunk.largest.items():
            self.largest[pair(words)] = max(error, self.largest.get(pair(words), 0.0))
        for words, places in chunk.met.items():
            self.met[pair(words)].update(dict(enumerate(places)))
        for module, met in chunk.pairs.items():
            self.pairs[module] |= int(met, 16)
        for failure in chunk.failures:
            self.fail(failure)
        self.not_kept += chunk.not_kept
        self.lacking.update(chunk.lacking)

    def fail(self, failure: Mapping[str, Any]) -> None:
        if not failure.keys() >= NEEDED or not isinstance(failure["options"], Mapping):
            raise ValueError(f"failures must each have {', '.join(sorted(NEEDED))}")
        module, quantity = str(failure["module"]), str(failure["quantity"])
        words = str(failure["diagnosis"] or failure["detail"])
        cause = self.causes.setdefault((module, quantity, generic(words)), SweptCause(module, quantity, words))
        cause.count += 1
        if len(cause.examples) < EXAMPLES:
            cause.examples.append(failure)

    @property
    def unfinished(self) -> str:
        """Why these are not the records of a finished sweep, in one sentence; empty if they are."""
        if why := unfinished(self.runs, self.damages):
            return why
        missing = sum(len(set(scope.numbers()) - self.costs.keys()) for scope in self.scopes if not scope.cut)
        return f"{counted(missing, 'chunk')} of what was asked for, and no record." if missing else ""

    def total(self, what: str, chosen: Iterable[SweptKey] | None = None) -> int:
        """Return the sum of a count over these keys, or all."""
        return sum(self.counts[key][what] for key in (self.counts if chosen is None else chosen))

    def by(self, name: str) -> dict[str, list[SweptKey]]:
        """Return the keys under the values of one of their fields."""
        groups = defaultdict[str, list[SweptKey]](list)
        for key in sorted(self.counts):
            groups[getattr(key, name)].append(key)
        return dict(groups)

    def values(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        return {module: space for scope in self.scopes for module, space in scope.values.items()}

    def unmet(self) -> Iterator[tuple[str, str, list[str]]]:
        """Yield module, option, and its values that no compared cell had."""
        for module, space in self.values().items():
            for name, words in space.items():
                never = [word for at, word in enumerate(words) if not self.met[module, name][at]]
                if never:
                    yield module, name, never

    def pairs_unmet(self, module: str) -> list[str]:
        """Return the pairs of values that no compared cell had, in words."""
        space = self.values()[module]
        pairs = (pair for bit, pair in enumerate(pairs_of(space)) if not self.pairs[module] >> bit & 1)
        return [" with ".join(f"{name} {space[name][at]}" for name, at in pair) for pair in pairs]

    def pairs_met(self, module: str) -> tuple[int, int]:
        """Return how many pairs of values were met, and how many there are."""
        every = len(pairs_of(self.values().get(module, {})))
        return self.pairs[module].bit_count(), every


def bin_of(word: str) -> int:
    """Return the number of a bin; raise ValueError for none."""
    if abs(number := int(word)) > FURTHEST:
        raise ValueError(f"errors must have bins up to {FURTHEST}, had {number}")
    return number


def pair(words: str) -> tuple[str, str]:
    first, _, second = words.partition(" ")
    return first, second
