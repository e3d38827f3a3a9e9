"""A perturbed run, recorded and run again: the same kernels on the same tensors, without autograd and decompositions.

A kernel is known by what it was called with. Tensors are told apart by where their numbers lie: a kernel that autograd
or a view wraps anew reads the same numbers. Whatever cannot be followed so (a number that leaves the tensors, a shape
that depends on numbers) makes the record no program, and every run is made as the first was.

The errors of sums are as large in every run as in the first: runs differ by roundings, and a size needs no more digits.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
Leaves = Sequence[Tensor]  # what a computation is given, in an order of the caller's
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

    signs: how many a run draws. leaves: the slots of the tensors for which others may be given; None where a tensor is
    never read.
    """

    steps: list[Step]
    given: dict[Slot, Tensor]
    results: dict[str, Slot]
    signs: int
    leaves: Sequence[Slot | None] = ()

    def run(self, arithmetic: MonteCarloArithmetic, own: Mapping[Slot, Tensor] = NONE) -> Tensors:
        """Return the results of another run, perturbed anew; `own` holds the copies of what was given that it has."""
        held = {slot: own[slot] if slot in own else value.clone() for slot, value in self.given.items()}
        with torch.no_grad():
            for rounding, kernel, args, kwargs, results, sizes in self.steps:
                keep(results, arithmetic.done(rounding, kernel, filled(args, held), kwargs, sizes), held)
        return {name: held[slot] for name, slot in self.results.items()}

    def runs(self, arithmetic: Arithmetic, steps: Tensor, others: Leaves = ()) -> Tensors | None:
        """Return the results of an unperturbed run, of one for each row of steps, and of an unperturbed one for each
        row of others, which stand for the leaves: all made at once; None where torch cannot.

        Not every kernel can be mapped over runs, and torch maps some of them wrongly: the first run must come out as it
        does alone.
        """
        still, own = steps.new_zeros(1 + rows_of(others), steps.shape[1]), 1 + len(steps)
        rows = torch.cat([still[:1], steps, still[1:]])
        held = {slot: value.expand(len(rows), *value.shape).clone() for slot, value in self.written().items()}
        for slot, other in zip(self.leaves, others, strict=True) if others else ():
            if slot is not None:
                held[slot] = torch.cat([self.given[slot].expand(own, *other.shape[1:]), other])

        def one(row: Tensor, own: dict[Slot, Tensor]) -> Tensors:
            mode = MonteCarloArithmetic(arithmetic, torch.Generator(), 0.0)
            mode.rounding = Stock.holding(row, arithmetic.underflow)
            return self.run(mode, own)

        with unwarned():
            try:
                alone, mapped = one(still[0], {}), torch.vmap(one)(rows, held)
            except (RuntimeError, ValueError, IndexError):
                return None
        if not all(same(value, mapped[name][0]) for name, value in alone.items()):
            return None
        return mapped

    def written(self) -> dict[Slot, Tensor]:
        """Return the tensors that were given, if a kernel may write into one: then each run needs its own."""
        return self.given if any(step.kernel._schema.is_mutable for step in self.steps) else {}


@contextmanager
def unwarned() -> Iterator[None]:
    """Say nothing of a kernel that is mapped in a loop; torch's own switch is for what it writes to standard error."""
    switch: Callable[[bool], None] = getattr(torch._C._functorch, "_set_vmap_fallback_warning_enabled")  # noqa: B009  # no stub has it
    switch(False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        switch(True)


def rows_of(leaves: Leaves) -> int:
    return len(leaves[0]) if leaves else 0


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

    def program(self, results: Tensors, leaves: Leaves = ()) -> Program | None:
        """Return what was recorded, ending in these results; None where it could not be followed."""
        slots = {name: self.slots.get(place(value)) for name, value in results.items()}
        known = {name: slot for name, slot in slots.items() if slot is not None}
        of_leaves = [self.slots.get(at) for at in map(place, leaves)]
        unseen = (place(leaf)[0] for leaf, slot in zip(leaves, of_leaves, strict=True) if slot is None)
        if self.lost or len(known) < len(slots) or not self.storages.isdisjoint(unseen):
            return None
        return Program(self.steps, self.given, known, self.rounding.taken, of_leaves)


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

    begin makes what `compute` is given, unperturbed; `leaves` names of it the tensors for which others may be given.
    `record` is False where holding every tensor of a run would cost more than it saves.
    """

    def __init__(
        self,
        begin: Callable[[], torch.nn.Module],
        compute: Callable[[torch.nn.Module], Tensors],
        arithmetic: Arithmetic,
        generator: torch.Generator,
        record: bool,
        leaves: Callable[[], Leaves] = tuple,
    ) -> None:
        self.begin, self.compute, self.leaves = begin, compute, leaves
        self.arithmetic, self.generator, self.record = arithmetic, generator, record
        self.program: Program | None = None

    def runs(self, steps: Sequence[float], others: Leaves = ()) -> tuple[Tensors, Tensors]:
        """Return the results of one run a step; and, where that costs next to nothing, those of an unperturbed run and
        of one for each row of others, else none. Before their axes there is one of runs."""
        first, further = self(steps[0]), steps[1:]
        made = self.at_once(further, others)
        if made is not None:
            ends = len(steps)
            own = {name: torch.cat([first[name][None], value[1:ends]]) for name, value in made.items()}
            return own, {name: torch.cat([value[:1], value[ends:]]) for name, value in made.items()}
        made = self.at_once(further) if others else None  # what is given alone may be what cannot be mapped
        if made is not None:
            return {name: torch.cat([first[name][None], value[1:]]) for name, value in made.items()}, {}
        return stacked([first, *map(self, further)]), {}

    def at_once(self, steps: Sequence[float], others: Leaves = ()) -> Tensors | None:
        """Return the results of an unperturbed run, of one a step and of one for each row of others, all made at once;
        None where that cannot be, or is too much."""
        if self.program is None or self.program.signs > MOST_AT_ONCE or not steps:
            return None
        state = self.generator.get_state()
        drawn = torch.stack([steps_of(self.program.signs, step, self.generator) for step in steps])
        made = self.program.runs(self.arithmetic, drawn, others)
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
            self.program = mode.program(results, self.leaves())
            self.record = self.program is not None
        return results
