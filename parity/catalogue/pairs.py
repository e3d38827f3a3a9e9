"""Pairwise covering of options: every two values of two options meet in some combination."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

Options = dict[str, Any]


def pairwise(values: Mapping[str, Sequence[Any]]) -> list[Options]:
    """Return combinations in which every pair of values of every pair of options occurs at least once.

    Greedy: each combination taken is the one that covers most pairs not yet covered, the first of them in order.
    """
    names = list(values)
    wanted = {
        (a, i, b, j)
        for a, b in combinations(names, 2)
        for i, j in product(range(len(values[a])), range(len(values[b])))
    }
    candidates = list(product(*(range(len(values[name])) for name in names)))
    taken = []
    while wanted:
        best = max(candidates, key=lambda chosen: len(wanted & covered(names, chosen)))
        wanted -= covered(names, best)
        taken.append({name: values[name][i] for name, i in zip(names, best, strict=True)})
    return taken


def covered(names: Sequence[str], chosen: Sequence[int]) -> set[tuple[str, int, str, int]]:
    return {(a, i, b, j) for (a, i), (b, j) in combinations(zip(names, chosen, strict=True), 2)}
