"""A program that is run again and again: all runs at once where torch can, and for other draws of its case.

It is that of other draws if it gives their truth when it is given what they are given.

The errors of sums are as large in every run as in the first that is perturbed: runs differ by roundings, and a size
needs no more digits. Without a rounding they may vanish, as those of squares of what is exactly 0.
"""

import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from parity.verdict.arithmetic import Arithmetic
from parity.verdict.draw import Tensors
from parity.verdict.perturbed.operations import (
    MOST_AT_ONCE,
    Measuring,
    MonteCarloArithmetic,
    Sizes,
    Still,
    Stock,
    steps_of,
)
from parity.verdict.perturbed.program import Leaves, Program, Slot, same


class Followed:
    """A program that is run again and again in one arithmetic."""

    def __init__(self, program: Program, arithmetic: Arithmetic) -> None:
        self.program, self.arithmetic, still = program, arithmetic, Still(arithmetic)
        self.alone = program.run(still)
        self.steps_taken = still.rounding.taken
        self.sums: list[Sizes] | None = None  # until a run was perturbed

    def gives(self, truth: Tensors) -> bool:
        """Return whether the program gives this when nothing is perturbed."""
        return all(same(value, self.alone[name]) for name, value in truth.items())

    def run(self, generator: torch.Generator, step: float) -> Tensors:
        """Return the results of one run."""
        mode = Measuring(self.arithmetic, generator, step, min(self.steps_taken, MOST_AT_ONCE))
        made = self.program.run(mode, sums=self.sums)
        self.sums = self.sums or mode.sums
        return made

    def at_once(self, generator: torch.Generator, steps: Sequence[float], others: Leaves = ()) -> Tensors | None:
        """Return the results of an unperturbed run, of one a step, and of an unperturbed one for each row of others,
        which stand for the leaves: all but the first step's made at once; None where that cannot be, or is too much."""
        if self.steps_taken > MOST_AT_ONCE:
            return None
        state, first = generator.get_state(), self.run(generator, steps[0])
        drawn = [steps_of(self.steps_taken, step, generator) for step in steps[1:]]
        made = self.mapped(torch.stack(drawn), others)
        if made is None:
            generator.set_state(state)
            return None
        return {name: torch.cat([made[name][:1], value[None], made[name][1:]]) for name, value in first.items()}

    def mapped(self, steps: Tensor, others: Leaves) -> Tensors | None:
        """Return the same for rows of steps up and down; None where torch cannot.

        Not every kernel can be mapped over runs, and torch maps some of them wrongly: the first run must come out as it
        does alone.
        """
        still, own, given = steps.new_zeros(1 + rows_of(others), steps.shape[1]), 1 + len(steps), self.program.given
        rows = torch.cat([still[:1], steps, still[1:]])
        held = {slot: value.expand(len(rows), *value.shape).clone() for slot, value in self.program.written().items()}
        for slot, other in zip(self.program.leaves, others, strict=True) if others else ():
            if slot is not None and other.is_floating_point():  # the others are as they were
                held[slot] = torch.cat([given[slot].expand(own, *other.shape[1:]), other])

        def one(row: Tensor, own: dict[Slot, Tensor]) -> Tensors:
            mode = MonteCarloArithmetic(self.arithmetic, torch.Generator(), 0.0)
            mode.rounding = Stock.holding(row, self.arithmetic.underflow)
            return self.program.run(mode, own, self.sums or ())

        with unwarned():
            try:
                made = torch.vmap(one)(rows, held)
            except (RuntimeError, ValueError, IndexError):
                return None
        return made if all(same(value, made[name][0]) for name, value in self.alone.items()) else None


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


class Programs:
    """The programs of what was computed last, each recorded once; `most` of them are held."""

    def __init__(self, most: int) -> None:
        self.most, self.held = most, OrderedDict[Hashable, Program | None]()

    def followed(
        self,
        key: Hashable,
        record: Callable[[], Program | None],
        leaves: Leaves,
        truth: Tensors,
        arithmetic: Arithmetic,
    ) -> Followed | None:
        """Return the program of a computation that has these leaves and this truth; None where it has none.

        key     what has the same program with other leaves, as a rule; where it gives another truth, it is not the same
        record  records that of these leaves
        """
        key = key, tuple((leaf.shape, leaf.dtype) for leaf in leaves)
        if (known := self.held.get(key)) is not None:
            found = Followed(known.giving(leaves), arithmetic)
            if found.gives(truth):
                self.held.move_to_end(key)
                return found
        elif key in self.held:
            return None
        made = self.held[key] = record()
        self.held.move_to_end(key)
        while len(self.held) > self.most:
            self.held.popitem(last=False)
        return None if made is None else Followed(made, arithmetic)
