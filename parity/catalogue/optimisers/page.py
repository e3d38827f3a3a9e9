"""A page of an optimiser: with which options it must agree. Data, no code.

Entries are equal only to themselves, so that they can be keys although they hold options."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

Shape = tuple[int, ...]
SHAPES: Mapping[str, Shape] = {"matrix": (4, 3), "vector": (5,), "scalar": (), "kernel": (2, 3, 2, 4)}
FALLING = (1.0, 1.0, 0.5, 0.5, 0.1, 0.1)


@dataclass(frozen=True, eq=False)
class OptimiserCase:
    """One configuration of an optimiser and the parameters that it is given."""

    name: str  # says what is unusual
    options: Mapping[str, Any] = field(default_factory=dict)
    groups: Sequence[Mapping[str, Any]] = ({},)  # options of each group, into which the parameters are dealt
    rates: Sequence[float] = (1.0,) * len(FALLING)  # factor of the learning rate, in each step: as many as there are
    shapes: Mapping[str, Shape] = field(default_factory=lambda: SHAPES)
    widely: bool = False  # drawn in every regime and dtype of the page, and asked by every check
    large: bool = False  # beyond a block: compared in float32 alone


@dataclass(frozen=True, eq=False)
class OptimiserPage:
    """The entry of one optimiser."""

    module: str  # its name in torch.optim
    reference: type[torch.optim.Optimizer]
    plain: Mapping[str, Any]  # the learning rate, such that a step shows in every dtype, and what else torch wants
    cases: Sequence[OptimiserCase]
    dtypes: Sequence[str] = ("float64", "float32", "bfloat16")


def cases(
    alone: Mapping[str, Sequence[Any]],
    together: Mapping[str, Mapping[str, Any]],
    of_group: Mapping[str, Any],
) -> tuple[OptimiserCase, ...]:
    """Return the cases of a page: plain, every value alone, some together, two groups, a falling rate, a large one.

    alone     by option, the values that are tried with all else plain; the first also while the rate falls
    together  options that are tried at once, by the name of the case; drawn widely
    of_group  the options of the second of two groups
    """
    return (
        OptimiserCase("plain", widely=True),
        *singly(alone),
        *(OptimiserCase(name, options=options, widely=True) for name, options in together.items()),
        OptimiserCase("two-groups", groups=({}, of_group)),
        replace(next(singly(alone)), name="falling-rate", rates=FALLING),
        OptimiserCase("large", shapes={"matrix": (257, 300)}, large=True),
    )


def singly(alone: Mapping[str, Sequence[Any]]) -> Iterator[OptimiserCase]:
    for option, values in alone.items():
        for value in values:
            words = value if isinstance(value, tuple) else () if value is True else (value,)
            yield OptimiserCase("-".join(map(str, (option.replace("_", "-"), *words))), options={option: value})
