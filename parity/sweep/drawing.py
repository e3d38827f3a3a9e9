"""The configuration with a number: the same on every machine, for every subject of the same modules and dtypes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any

import torch

from parity.catalogue import written
from parity.catalogue.page import Case, Page, Space
from parity.catalogue.planning import case_of, told
from parity.catalogue.taken import refused_by_torch
from parity.contract.numbers.layouts import LAYOUTS
from parity.contract.numbers.values import COTANGENTS
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.draw import drawn_for
from parity.verdict.reference import quantities
from parity.verdict.regimes import REGIMES

PLAIN = 0.6  # how often an option keeps its plain value: few that are unusual at once can be told apart
BEYOND = 0.3  # how often one that does not has a number near those of its space, and none of them
RESHAPED = 0.5  # how often extents are others than those of the space
WRITTEN = 0.1  # how often a case is one that was written by hand, where there are such
SCALED = 0.2  # how often the cotangent has another scale than 1
LAID_OUT = 0.2  # how often tensors have another layout than a contiguous one
TRIES = 30  # of values that torch.nn takes; then the plain case is asked
MOST_ELEMENTS = 20_000  # of an input: cells are many, so that none may be large
SEEDS = 2**31

Values = dict[str, Any]


@dataclass(frozen=True)
class Configuration:
    """A cell with its number; layouts of inputs and cotangents, empty where contiguous; the values of the space."""

    number: int
    cell: Cell
    layouts: tuple[str, str] = ("", "")
    values: Mapping[str, Any] = field(default_factory=dict)


def configuration(
    number: int, seed: int, modules: Sequence[str], dtypes: Sequence[str] = tuple(DTYPES), device: str = "cpu"
) -> Configuration:
    """Return the configuration with a number, of one of these modules in one of these dtypes."""
    chance = Random(f"{seed} {number}")
    page = written()[chance.choice(modules)]
    case, values = drawn_case(page, chance)
    dtype, another = chance.choice([*DTYPES]), chance.choice(dtypes)  # both are drawn, whatever the subject has
    dtype = dtype if dtype in dtypes else another
    regime = case.regime if case.one_regime else chance.choice([*REGIMES])
    cotangent = chance.choice(COTANGENTS) if chance.random() < SCALED else 1.0
    layouts = chance.choice([*product(LAYOUTS, LAYOUTS)]) if chance.random() < LAID_OUT else ("", "")
    if page.is_loss or regime == "not-finite":
        layouts = ("", "")  # torch refuses some of a loss, and gives other places of nan
    cell = Cell(page, case, "values", device, dtype, regime, cotangent, chance.randrange(SEEDS))
    return Configuration(number, cell, layouts, values)


def drawn_case(page: Page, chance: Random) -> tuple[Case, Values]:
    """Return a case that torch.nn takes, and of which values of the page's space it is made: of one that was written by
    hand, none."""
    by_hand = [case for case in page.cases if not case.large and not refused_by_torch(page, case)]
    space = page.space
    if space is None or (by_hand and chance.random() < WRITTEN):
        return chance.choice(by_hand), {}
    for _ in range(TRIES):
        values = drawn_values(space, chance)
        case = attempted(page, space, values)
        if case is not None:
            return case, values
    plain = {name: choices[0] for name, choices in space.values.items()}
    return case_of(page, space, plain, space.plain), plain


def attempted(page: Page, space: Space, values: Values) -> Case | None:
    """Return the case of these values; None where they go together in no case, or torch.nn does not take it."""
    try:
        case = case_of(page, space, values, named(space, values))
    except Exception:  # of whatever a page computes of values that it did not list together
        return None
    shapes = (case.x, *case.others.values())
    fits = all(math.prod(shape) <= MOST_ELEMENTS for shape in shapes) and math.prod(case.x) > 0
    return case if fits and not refused_by_torch(page, case) and takes_target(page, case) else None


def takes_target(page: Page, case: Case) -> bool:
    """Return whether torch takes the target of a loss too, which is known when it is drawn: another module has none."""
    if not case.target:
        return True
    try:
        quantities(page, case, drawn_for(Cell(page, case, dtype="float64")), torch.float64)
    except Exception:
        return False
    return True


def named(space: Space, values: Values) -> str:
    """Return the name of a case: what in it is not plain."""
    unusual = [f"{name} {told(value)}" for name, value in values.items() if value != space.values[name][0]]
    return ", ".join(unusual) or space.plain


def drawn_values(space: Space, chance: Random) -> Values:
    """Return a value of every name of a space."""
    return {
        name: reshaped(choices, chance) if name in space.shapes else drawn_option(choices, chance)
        for name, choices in space.values.items()
    }


def drawn_option(choices: Sequence[Any], chance: Random) -> Any:
    """Return a value of an option: the plain one, another of its space, or a number near those."""
    if chance.random() < PLAIN:
        return choices[0]
    return near(choices, chance) if chance.random() < BEYOND else chance.choice(choices)


def reshaped(choices: Sequence[Any], chance: Random) -> Any:
    """Return a value of what is no option: one of the space, or, where it is of extents, others."""
    value = chance.choice(choices)
    if chance.random() >= RESHAPED:
        return value
    if is_whole(value):
        return chance.randint(1, value + 3) if value > 0 else value
    if isinstance(value, tuple) and value and all(map(is_whole, value)) and min(value) > 0:
        return tuple(chance.randint(1, extent + 3) for extent in value)
    return value


def near(choices: Sequence[Any], chance: Random) -> Any:
    """Return a number, or a tuple of whole numbers, near those of a space; one of the space where it has neither."""
    value = chance.choice(choices)
    whole, real = ([one for one in choices if kind(one)] for kind in (is_whole, is_real))
    if is_whole(value):
        return chance.randint(min(whole), max(whole) + 2)
    if is_real(value):
        return chance.uniform(min(real), max(real))
    if isinstance(value, tuple) and value and all(map(is_whole, value)):
        return tuple(chance.randint(min(value), max(value) + 1) for _ in value)
    return value


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_real(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)
