"""A page of the catalogue: where a module must agree, what it must refuse, what is worth timing. Data, no code.

Entries are equal only to themselves, so that they can be keys although they hold options."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch

from parity.catalogue.signature import PLAIN, Signature, plainly

if TYPE_CHECKING:
    from parity.catalogue.network import Network

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Case:
    """One configuration and its shapes. Extents differ (C != O, H != W, N > 1), so that a swapped axis shows."""

    name: str  # says what is unusual
    x: Shape
    options: Mapping[str, Any] = field(default_factory=dict)
    target: str = ""  # how a loss's target is drawn: like, unit, hard, one-hot, classes,
    # probabilities, weights; empty for a layer
    others: Mapping[str, Shape] = field(default_factory=dict)  # shapes of the other arguments that are given, by name
    drawn: Mapping[str, str] = field(default_factory=dict)  # how these are drawn, where not as the signature says
    unused: tuple[str, ...] = ()  # outputs on which nothing depends: their cotangent is None
    training: bool = True  # the mode: train, or eval
    regime: str = "normal"  # how x is drawn unless the plan says otherwise
    widely: bool = False  # drawn in every regime, dtype and cotangent scale, and asked by every check of the contract
    crossed: bool = False  # of the cases that are not drawn widely, the one that meets every dtype and layout too
    large: bool = False  # beyond a block or an index of 16 bits: its values are compared in float32 alone
    one_regime: bool = False  # in its own regime alone: the others are asked of its parts, or hang on the dtype
    loss: str = ""  # by which it is trained: squares, cross-entropy; empty where it is not


@dataclass(frozen=True, eq=False)
class Space:
    """What a module's options and shapes may be, the first value of each plain.

    Cases are planned from it once a subject's lacks are known (parity/catalogue/planning.py): each value alone,
    pairs with all else plain, then combinations in which as many pairs of values as possible meet.
    """

    options: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # met alone, in pairs, and combined
    besides: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # options met alone and combined
    shapes: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # the same of what is no option, such as extents
    x: Callable[[Mapping[str, Any]], Shape] = lambda values: values["x"]  # the input's shape, of the values chosen
    others: Callable[[Mapping[str, Any]], Mapping[str, Shape]] = lambda _: {}  # those of the other arguments given
    together: Sequence[Mapping[str, Any]] = ()  # met before other pairs, with all else plain
    everything: Mapping[str, Any] = field(default_factory=dict)  # drawn widely, as far as a subject has it
    plain: str = "plain"  # the name of the case in which all is plain; it is drawn widely

    @property
    def values(self) -> dict[str, Sequence[Any]]:
        """The values of everything, by name."""
        return {**self.options, **self.besides, **self.shapes}


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
    others: Mapping[str, Shape] = field(default_factory=dict)  # shapes of the other arguments that are given, by name


@dataclass(frozen=True, eq=False)
class Page:
    """The entry of one module."""

    module: str  # its name, in torch.nn where torch.nn has it
    reference: Callable[..., torch.nn.Module]
    cases: tuple[Case, ...] = ()  # special ones; those of the space come before them
    refusals: tuple[Refusal, ...] = ()
    timings: tuple[Timing, ...] = ()
    multilinear: bool = False  # linear in each of x, weight and dy, with the others held: has a gauge in closed form
    first_axis: str = "a batch"  # what the first axis of x is, in words
    unit_input: bool = False  # x is a probability: inside [0, 1]
    kinks: bool = False  # has places without a derivative, where any subgradient is right
    # Quantities so near zero, or so ill-conditioned, that zeros would pass: to agree there proves nothing. They are
    # still compared. Patterns over "case dtype regime cotangent quantity", each with its reason.
    degenerate: Mapping[str, str] = field(default_factory=dict)
    space: Space | None = None  # of the other cases
    left_out: Mapping[str, str] = field(default_factory=dict)  # options of torch that no case sets, with the reason
    signature: Signature = PLAIN
    call: Callable[..., Any] = plainly  # of the reference, by this signature
    # Of a module that draws: what it drew, read from its own quantities, and the reference given that.
    conditioned: Callable[[Case, Sequence[Any], Mapping[str, Any]], "Conditioned"] | None = None
    truth: Callable[..., torch.nn.Module] | None = None  # whose float64 run is the truth, where torch's own is wrong
    # Whose float64 run is right too, where the two differ: what torch does for stability is no part of a formula.
    also: Callable[..., torch.nn.Module] | None = None
    truth_twice: Callable[..., torch.nn.Module] | None = None  # the same for second derivatives, where others are
    once: str = ""  # why torch.nn has no second derivative; empty where it has one
    pairs: "Page | None" = None  # of a page of second derivatives: the one whose gradients it pairs (pairing.py)
    network: "Callable[..., Network] | None" = None  # of which modules it is put together, by the same options
    parts: Callable[..., set[str]] | None = None  # their names, by the same options, where no network says them
    source: str = ""  # of a page that a user added: the file and the line in which it is written

    @cached_property
    def exact(self) -> "Page":
        """The same page, its reference the module whose float64 run is the truth."""
        return self if self.truth is None else replace(self, reference=self.truth)

    @cached_property
    def is_loss(self) -> bool:
        """Whether the module can reduce what it gives to one number."""
        return bool(self.cases[0].target) or "reduction" in inspect.signature(self.reference).parameters

    @property
    def most_inputs(self) -> int:
        """How many arguments forward may be given."""
        return 1 + bool(self.cases[0].target) if self.signature.is_plain else len(self.signature.inputs)

    @property
    def has_modes(self) -> bool:
        """Whether some case asks for the mode of evaluation."""
        return any(not case.training for case in self.cases)

    def made_of(self, case: Case) -> tuple[str, ...]:
        """Return the names of the modules that a network is put together of in a case; none of any other module."""
        if self.network is not None:
            return tuple(sorted({node.of for node in self.network(**case.options).modules.values()}))
        return tuple(sorted(self.parts(**case.options))) if self.parts is not None else ()

    def kept(self, case: Case, module: torch.nn.Module) -> dict[str, torch.Tensor]:
        """Return the buffers of a module of the reference that hold real numbers and were not given as options."""
        named = module.named_buffers()
        return {name: value for name, value in named if value.is_floating_point() and name not in case.options}

    def draws(self, case: Case) -> bool:
        """Return whether the module draws numbers of its own in this case."""
        return self.conditioned is not None and case.training


@dataclass(frozen=True)
class Conditioned:
    """What a module that draws must give, once it is known what it drew.

    reference  makes the module of torch that gives it, of the case's options
    drawn      what was drawn, each True or False, in the shape in which it was
    known      where that could be told
    chance     the probability of True
    torn       of how many draws a part says True, and a part False
    """

    reference: Callable[..., torch.nn.Module]
    drawn: torch.Tensor
    known: torch.Tensor
    chance: float
    torn: int = 0
