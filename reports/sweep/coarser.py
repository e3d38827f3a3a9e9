"""A finished sweep in fewer, larger chunks, which say the same: what a repository can hold of a sweep of any length."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from reports.reading import restore
from reports.sweep.kept import Kept
from reports.sweep.record import SweepChunk

MOST = 40  # chunks, enough for a line over the length of a sweep


def coarser(path: Path) -> Iterator[Any]:
    """Yield the records of a file of a sweep, with at most MOST chunks; of a sweep that lacks some, as they are."""
    kept = Kept(path)
    assert kept.scope is not None  # of a finished sweep
    numbers = kept.scope.numbers()
    times = -(-len(numbers) // MOST) if kept.scope.shards == 1 and {*numbers} <= kept.places.keys() else 1
    yield kept.run
    yield replace(kept.scope, chunk=kept.scope.chunk * times)
    if times == 1:
        yield from kept.chunks()
        return
    chunks = (restore(SweepChunk, chunk) for chunk in kept.chunks())
    for number, some in groupby(chunks, lambda chunk: chunk.number // times):
        yield together(number, list(some))


def together(number: int, chunks: list[SweepChunk]) -> SweepChunk:
    """Return chunks as one: what is counted added up, what is largest the largest of all."""
    errors, pairs, largest = defaultdict[str, Counter[str]](Counter), Counter[str](), dict[str, float]()
    for chunk in chunks:
        largest |= {words: max(error, largest.get(words, 0.0)) for words, error in chunk.largest.items()}
        for words, bins in chunk.errors.items():
            errors[words].update(bins)
        for module, met in chunk.pairs.items():
            pairs[module] |= int(met, 16)
    return SweepChunk(
        number=number,
        cells=sum(chunk.cells for chunk in chunks),
        seconds=round(sum(chunk.seconds for chunk in chunks), 3),
        cpu_seconds=round(sum(chunk.cpu_seconds for chunk in chunks), 3),
        megabytes=max(chunk.megabytes for chunk in chunks),
        counts=added(chunk.counts for chunk in chunks),
        errors=errors,
        largest=largest,
        met=added(chunk.met for chunk in chunks),
        pairs={module: f"{met:x}" for module, met in pairs.items()},
        lacking=sum((Counter(chunk.lacking) for chunk in chunks), Counter[str]()),
        failures=tuple(failure for chunk in chunks for failure in chunk.failures),
        not_kept=sum(chunk.not_kept for chunk in chunks),
    )


def added(mappings: Iterable[Mapping[str, tuple[int, ...]]]) -> dict[str, tuple[int, ...]]:
    """Return rows of counts added up, under their keys."""
    rows: dict[str, tuple[int, ...]] = {}
    for mapping in mappings:
        for key, counts in mapping.items():
            rows[key] = tuple(map(sum, zip(rows[key], counts, strict=True))) if key in rows else counts
    return rows
