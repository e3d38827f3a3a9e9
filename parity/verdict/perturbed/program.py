"""A perturbed run, recorded and run again: the same kernels on the same tensors, without autograd and decompositions.

A kernel is known by what it was called with. Tensors are told apart by where their numbers lie: a kernel that autograd
or a view wraps anew reads the same numbers. Whatever cannot be followed so (a number that leaves the tensors, a shape
that depends on numbers) makes the record no program, and every run is made as the first was.

The errors of sums are as large in every run as in the first: runs differ by roundings, and a size needs no more digits.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from parity.verdict.arithmetic import Arithmetic
from parity.verdict.draw import Tensors
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.operations import MOST_AT_ONCE, MonteCarloArithmetic, Sizes, Stock, steps_of

SAME = 1e-9  # relative: far above what the order of a sum does in float64, far below a step
NONE: Mapping[Any, Any] = {}
UNFOLLOWED = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}


class Slot(int):
    """The number of a tensor of a program, where an argument or a result stands."""


class Step(NamedTuple):
    """One kernel: how it rounds, what it is called with, where its results go, and how large the errors of sums are."""

    rounding: str
    kernel: Any
    args: Any
    kwargs: dict[str, Any]
    results: Any
    sizes: Sizes | None = None


@dataclass(frozen=True)
class Program:
    """steps: the kernels in order. given: the tensors that no kernel of it made. results: what is asked of it.

    signs: how many a run draws.
    """

    steps: list[Step]
    given: dict[Slot, Tensor]
    results: dict[str, Slot]
    signs: int

    def run(self, arithmetic: MonteCarloArithmetic, own: Mapping[Slot, Tensor] = NONE) -> Tensors:
        """Return the results of another run, perturbed anew; `own` holds the copies of what was given that it has."""
        held = {slot: own[slot] if slot in own else value.clone() for slot, value in self.given.items()}
        with torch.no_grad():
            for rounding, kernel, args, kwargs, results, sizes in self.steps:
                keep(results, arithmetic.done(rounding, kernel, filled(args, held), kwargs, sizes), held)
        return {name: held[slot] for name, slot in self.results.items()}

    def runs(self, arithmetic: Arithmetic, steps: Tensor) -> list[Tensors] | None:
        """Return the results of one run for each row of steps, all made at once; None where torch cannot.

        Not every kernel can be mapped over runs, and torch maps some of them wrongly: an unperturbed run goes along,
        and must come out as it does alone.
        """
        held = {slot: value.expand(len(steps) + 1, *value.shape).clone() for slot, value in self.written().items()}

        def one(row: Tensor, own: dict[Slot, Tensor]) -> Tensors:
            mode = MonteCarloArithmetic(arithmetic, torch.Generator(), 0.0)
            mode.rounding = Stock.holding(row, arithmetic.underflow)
            return self.run(mode, own)

        still = torch.zeros_like(steps[:1])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a kernel that is mapped in a loop
            try:
                alone, mapped = one(still[0], {}), torch.vmap(one)(torch.cat([still, steps]), held)
            except (RuntimeError, ValueError, IndexError):
                return None
        if not all(same(value, mapped[name][0]) for name, value in alone.items()):
            return None
        return [{name: value[row] for name, value in mapped.items()} for row in range(1, len(steps) + 1)]

    def written(self) -> dict[Slot, Tensor]:
        """Return the tensors that were given, if a kernel may write into one: then each run needs its own."""
        return self.given if any(step.kernel._schema.is_mutable for step in self.steps) else {}


def same(one: Tensor, other: Tensor) -> bool:
    """Return whether two results of the same numbers are the same but for the order of sums."""
    if one.shape != other.shape or not one.numel():
        return one.shape == other.shape
    apart, size = (one - other).abs().nan_to_num(0.0, torch.inf), one.abs().nan_to_num(0.0, 0.0).max()
    return bool((apart <= SAME * size).all()) and torch.equal(one.isfinite(), other.isfinite())


def filled(value: Any, held: dict[Slot, Tensor]) -> Any:
    """Return arguments with the tensors in their slots."""
    if type(value) is Slot:
        return held[value]
    return [filled(item, held) for item in value] if isinstance(value, (list, tuple)) else value


def keep(slots: Any, results: Any, held: dict[Slot, Tensor]) -> None:
    """Put results into their slots."""
    if type(slots) is Slot:
        held[slots] = results
    elif isinstance(slots, list):
        for slot, result in zip(slots, results, strict=True):
            keep(slot, result, held)


class Recorder(MonteCarloArithmetic):
    """Monte Carlo arithmetic that notes what it does. `lost` says that it could not be followed."""

    def __init__(self, arithmetic: Arithmetic, generator: torch.Generator, step: float) -> None:
        super().__init__(arithmetic, generator, step)
        self.steps: list[Step] = []
        self.slots: dict[Any, Slot] = {}
        self.storages: set[int] = set()
        self.given: dict[Slot, Tensor] = {}
        self.measured: Sizes | None = None  # of the kernel that was called last
        self.alive: list[Tensor] = []  # so that no other tensor comes to lie where one of them lay
        self.lost = False

    def done(self, rounding: str, func: Any, args: Any, kwargs: Any, sizes: Sizes | None = None) -> Any:
        read, self.measured = self.slotted(args, self.read), sizes
        self.lost |= hangs_on_numbers(func, args) or any(isinstance(value, Tensor) for value in kwargs.values())
        result = super().done(rounding, func, args, kwargs, sizes)
        self.steps.append(Step(rounding, func, read, kwargs, self.slotted(result, self.made), self.measured))
        return result

    def sizes(self, result: Any, func: Any, args: Any, kwargs: Any) -> Sizes:
        self.measured = super().sizes(result, func, args, kwargs)
        return self.measured

    def slotted(self, value: Any, slot: Callable[[Tensor], Slot]) -> Any:
        """Return a value with slots for tensors."""
        if isinstance(value, Tensor):
            return slot(value)
        return [self.slotted(item, slot) for item in value] if isinstance(value, (list, tuple)) else value

    def read(self, value: Tensor) -> Slot:
        """Return the slot of an argument; one that is new was given, and must share its numbers with no other."""
        if (at := place(value)) not in self.slots:
            self.lost |= at[0] in self.storages
            self.given[self.made(value)] = value.detach().clone()
        return self.slots[at]

    def made(self, value: Tensor) -> Slot:
        """Return the slot of a result, a new one where none lies there."""
        at = place(value)
        self.alive.append(value)
        self.storages.add(at[0])
        return self.slots.setdefault(at, Slot(len(self.slots)))

    def program(self, results: Tensors) -> Program | None:
        """Return what was recorded, ending in these results; None where it could not be followed."""
        slots = {name: self.slots.get(place(value)) for name, value in results.items()}
        known = {name: slot for name, slot in slots.items() if slot is not None}
        if self.lost or len(known) < len(slots):
            return None
        return Program(self.steps, self.given, known, self.rounding.taken)


def hangs_on_numbers(func: Any, args: Any) -> bool:
    """Return whether a kernel returns a number, or a shape that hangs on numbers: an index does where it is a mask."""
    if kernels.name_of(func) == "index":
        return any(index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1])
    return not UNFOLLOWED.isdisjoint(func.tags)


def place(value: Tensor) -> tuple[int, ...]:
    """Return where the numbers of a tensor lie, and how; its storage first."""
    at: tuple[int, ...] = (value.untyped_storage()._cdata, int(value.storage_offset()), value.element_size())
    return at + tuple(value.shape) + tuple(value.stride())


class Perturbed:
    """A computation to be run in Monte Carlo arithmetic, step by step: the first run is recorded, the others follow it.

    begin makes what `compute` is given, unperturbed. `record` is False where holding every tensor of a run would cost
    more than it saves.
    """

    def __init__(
        self,
        begin: Callable[[], torch.nn.Module],
        compute: Callable[[torch.nn.Module], Tensors],
        arithmetic: Arithmetic,
        generator: torch.Generator,
        record: bool,
    ) -> None:
        self.begin, self.compute = begin, compute
        self.arithmetic, self.generator, self.record = arithmetic, generator, record
        self.program: Program | None = None

    def runs(self, steps: Sequence[float]) -> list[Tensors]:
        """Return the results of one run a step."""
        first = [self(step) for step in steps[:1]]
        return first + (self.at_once(steps[1:]) or [self(step) for step in steps[1:]])

    def at_once(self, steps: Sequence[float]) -> list[Tensors] | None:
        """Return the results of one run a step, all made at once; None where that cannot be, or is too much."""
        if self.program is None or not 0 < self.program.signs <= MOST_AT_ONCE or not steps:
            return None
        state = self.generator.get_state()
        drawn = torch.stack([steps_of(self.program.signs, step, self.generator) for step in steps])
        made = self.program.runs(self.arithmetic, drawn)
        if made is None:
            self.generator.set_state(state)
        return made

    def __call__(self, step: float) -> Tensors:
        """Return the results of one run."""
        if self.program is not None:
            at_once = min(self.program.signs, MOST_AT_ONCE)
            return self.program.run(MonteCarloArithmetic(self.arithmetic, self.generator, step, at_once))
        mode = (Recorder if self.record else MonteCarloArithmetic)(self.arithmetic, self.generator, step)
        module = self.begin()
        with mode:
            results = self.compute(module)
        if isinstance(mode, Recorder):
            self.program = mode.program(results)
            self.record = self.program is not None
        return results
