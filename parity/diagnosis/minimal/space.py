"""The space of smaller cases: every whole number of a case may fall, those that are equal fall together.

In x=(5, 7), in_features=7 the two sevens are one number: lowered alone, either would make a case that no library
accepts. Numbers that are equal by chance are told apart by drawing a few places that fall alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies
from hypothesis.strategies import DrawFn, SearchStrategy

from parity.catalogue.page import Case

Path = tuple[Any, ...]
ALONE = 3  # places that fall without their equals in one draw: more of them seldom make a case that is accepted
LEAST = {"padding": 0, "output_padding": 0, "start_dim": 0}


def numbers(value: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    """Yield every positive whole number inside shapes and options, with the way to it."""
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        if value > 0:
            yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from numbers(item, (*path, key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for position, item in enumerate(value):
            yield from numbers(item, (*path, position))


def substituted(value: Any, chosen: Mapping[Path, int], path: Path = ()) -> Any:
    """Return shapes or options with the numbers at some places replaced."""
    if path in chosen:
        return chosen[path]
    if isinstance(value, Mapping):
        return {key: substituted(item, chosen, (*path, key)) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(substituted(item, chosen, (*path, position)) for position, item in enumerate(value))
    return value


def least(path: Path) -> int:
    return min(LEAST.get(part, 1) for part in path)


def smaller(case: Case) -> SearchStrategy[Case]:
    """Return a strategy of cases none of whose numbers is above that of `case`."""
    whole = {"x": case.x, "options": dict(case.options), "others": dict(case.others)}
    places = dict(numbers(whole))

    if not places:
        return strategies.just(case)

    @strategies.composite
    def draw_case(draw: DrawFn) -> Case:
        together = {value: draw(strategies.integers(1, value)) for value in sorted(set(places.values()))}
        alone = draw(strategies.lists(strategies.sampled_from(list(places)), max_size=ALONE, unique=True))
        chosen = {path: together[value] for path, value in places.items()}
        chosen |= {path: draw(strategies.integers(least(path), places[path])) for path in alone}
        changed = substituted(whole, chosen)
        return replace(case, name=f"{case.name}-smallest", **changed)

    return draw_case()
