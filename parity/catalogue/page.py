"""A page of the catalogue: where a module must agree, what it must refuse, what is worth timing. Data, no code.

Entries are equal only to themselves, so that they can be keys although they hold options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Case:
    """One configuration and its shapes. Extents differ (C != O, H != W, N > 1), so that a swapped axis shows."""

    name: str  # says what is unusual
    x: Shape
    options: Mapping[str, Any] = field(default_factory=dict)
    target: str = ""  # how a loss's target is drawn: like, unit, classes, probabilities, weights; empty for a layer
    regime: str = "normal"  # how x is drawn unless the plan says otherwise
    widely: bool = False  # drawn in every regime, dtype and cotangent scale, and asked by every check of the contract


@dataclass(frozen=True, eq=False)
class Refusal:
    """Bad input, or bad options, that the subject must refuse with an error naming `argument`."""

    name: str
    argument: str  # the word that the message must hold
    options: Mapping[str, Any] = field(default_factory=dict)  # in place of those of the page's first case
    x: Callable[[torch.Tensor], object] | None = None  # turns the good input into the bad one
    target: Callable[[torch.Tensor], object] | None = None  # the same for a loss's target
    dy: Callable[[Any], object] | None = None  # the same for the cotangent
    stricter: bool = False  # torch.nn accepts it: asked only of a subject whose errors explain


@dataclass(frozen=True, eq=False)
class Timing:
    """A size worth timing."""

    name: str
    x: Shape
    options: Mapping[str, Any] = field(default_factory=dict)
    target: str = ""


@dataclass(frozen=True, eq=False)
class Page:
    """The entry of one module."""

    module: str  # its name, in torch.nn where torch.nn has it
    reference: Callable[..., torch.nn.Module]
    cases: tuple[Case, ...]
    refusals: tuple[Refusal, ...] = ()
    timings: tuple[Timing, ...] = ()
    multilinear: bool = False  # linear in each of x, weight and dy, with the others held: has a gauge in closed form
    unit_input: bool = False  # x is a probability: inside [0, 1]
    kinks: bool = False  # has places without a derivative, where any subgradient is right
    # Quantities so near zero, or so ill-conditioned, that zeros would pass: to agree there proves nothing. They are
    # still compared. Patterns over "case dtype regime cotangent quantity", each with its reason.
    degenerate: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_loss(self) -> bool:
        """Whether the module takes a prediction and a target."""
        return bool(self.cases[0].target)
