"""A computation recorded, and run again perturbed: the same kernels on tensors, without autograd and decompositions.

A kernel is known by what it was called with. Tensors are told apart by where their numbers lie: a kernel that autograd
or a view wraps anew reads the same numbers. Whatever cannot be followed so (a number that leaves the tensors, a shape
that depends on numbers) makes the record no program, and every run is made as it was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from parity.verdict.arithmetic import Arithmetic
from parity.verdict.draw import Tensors
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.operations import MonteCarloArithmetic, Sizes, Still

SAME = 1e-9  # relative: far above what the order of a sum does in float64, far below a step
NONE: Mapping[Any, Any] = {}
Leaves = Sequence[Tensor]  # what a computation is given, in an order of the caller's
UNFOLLOWED = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}


class Slot(int):
    """The number of a tensor of a program, where an argument or a result stands."""


class Step(NamedTuple):
    """One kernel: how it rounds, what it is called with, and where its results go."""

    rounding: str
    kernel: Any
    args: Any
    kwargs: dict[str, Any]
    results: Any


@dataclass(frozen=True)
class Program:
    """steps: the kernels in order. given: the tensors that no kernel of it made. results: what is asked of it.

    leaves: the slots of the tensors for which others may be given; None where a tensor is never read.
    """

    steps: list[Step]
    given: dict[Slot, Tensor]
    results: dict[str, Slot]
    leaves: Sequence[Slot | None] = ()

    def giving(self, leaves: Leaves) -> "Program":
        """Return the program with others in place of its leaves."""
        named = zip(self.leaves, leaves, strict=True)
        return replace(self, given=self.given | {s: value.detach().clone() for s, value in named if s is not None})

    def run(
        self, arithmetic: MonteCarloArithmetic, own: Mapping[Slot, Tensor] = NONE, sums: Iterable[Sizes] | None = None
    ) -> Tensors:
        """Return the results of a run.

        own   the copies of what was given that the run has
        sums  the sizes of the errors of its sums, in their order, if they are known
        """
        held = {slot: own[slot] if slot in own else value.clone() for slot, value in self.given.items()}
        known = None if sums is None else iter(sums)
        with torch.no_grad():
            for rounding, kernel, args, kwargs, results in self.steps:
                sizes = next(known) if known and rounding == kernels.SUM else None
                keep(results, arithmetic.done(rounding, kernel, filled(args, held), kwargs, sizes), held)
        return {name: held[slot] for name, slot in self.results.items()}

    def written(self) -> dict[Slot, Tensor]:
        """Return the tensors that were given, if a kernel may write into one: then each run needs its own."""
        return self.given if any(step.kernel._schema.is_mutable for step in self.steps) else {}


def stacked(runs: Sequence[Tensors]) -> Tensors:
    """Return the results of several runs as one, with an axis of runs before their own."""
    return {name: torch.stack([run[name] for run in runs]) for name in runs[0]}


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


class Recorder(Still):
    """Notes what is done. `lost` says that it could not be followed."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        super().__init__(arithmetic)
        self.steps: list[Step] = []
        self.slots: dict[Any, Slot] = {}
        self.storages: set[int] = set()
        self.given: dict[Slot, Tensor] = {}
        self.alive: list[Tensor] = []  # so that no other tensor comes to lie where one of them lay
        self.lost = False

    def done(self, rounding: str, func: Any, args: Any, kwargs: Any, sizes: Sizes | None = None) -> Any:
        read = self.slotted(args, self.read)
        self.lost |= hangs_on_numbers(func, args) or any(isinstance(value, Tensor) for value in kwargs.values())
        result = super().done(rounding, func, args, kwargs, sizes)
        self.steps.append(Step(rounding, func, read, kwargs, self.slotted(result, self.made)))
        return result

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

    def program(self, results: Tensors, leaves: Leaves = ()) -> Program | None:
        """Return what was recorded, ending in these results; None where it could not be followed."""
        slots = {name: self.slots.get(place(value)) for name, value in results.items()}
        known = {name: slot for name, slot in slots.items() if slot is not None}
        of_leaves = [self.slots.get(at) for at in map(place, leaves)]
        unseen = (place(leaf)[0] for leaf, slot in zip(leaves, of_leaves, strict=True) if slot is None)
        if self.lost or len(known) < len(slots) or not self.storages.isdisjoint(unseen):
            return None
        return Program(self.steps, self.given, known, of_leaves)


def hangs_on_numbers(func: Any, args: Any) -> bool:
    """Return whether a kernel returns a number, or a shape that hangs on numbers: an index does where it is a mask."""
    if kernels.name_of(func) == "index":
        return any(index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1])
    return not UNFOLLOWED.isdisjoint(func.tags)


def place(value: Tensor) -> tuple[int, ...]:
    """Return where the numbers of a tensor lie, and how; its storage first."""
    at: tuple[int, ...] = (value.untyped_storage()._cdata, int(value.storage_offset()), value.element_size())
    return at + tuple(value.shape) + tuple(value.stride())


def recorded(compute: Callable[[], Tensors], leaves: Callable[[], Leaves], arithmetic: Arithmetic) -> Program | None:
    """Return the program of a computation; None where it cannot be followed."""
    mode = Recorder(arithmetic)
    with mode:
        results = compute()
    return mode.program(results, leaves())
