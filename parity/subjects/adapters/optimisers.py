"""Optimisers of a library: the table's entries, and what they become: steps on live pairs, by torch's names."""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.optimisers import optimisers
from parity.subjects.adapters.arrays import Arrays
from parity.subjects.adapters.entries import misspelt, needed, of_function, one_of
from parity.subjects.adapters.lacking import arguments, same
from parity.subjects.contract import Group, Unsupported
from parity.subjects.mistakes import Written, near

Pairs = Sequence[tuple[Any, Any]]  # arrays of the library: a value and its gradient


def by_method(optimiser: Any, _pairs: Pairs) -> None:
    optimiser.step()


def by_attribute(optimiser: Any, lr: float) -> None:
    if not hasattr(optimiser, "lr"):
        raise Unsupported("the rate of this optimiser cannot be changed: it has no lr")
    optimiser.lr = lr


@dataclass(frozen=True)
class Stepping:
    """How an optimiser of a library is built and called.

    make    (pairs, torch's options by name) -> the optimiser. Options that it does not take may only have torch's
            defaults, other values are unsupported. With groups it is given [(pairs, options), ...] alone
    step    (optimiser, pairs): takes a step; what a library returns instead of writing it, this writes to the values
    rate    (optimiser, lr): sets the learning rate of all parameters
    states  (optimiser, position of the parameter) -> what is kept of it, arrays or numbers by torch.optim's names
    groups  whether the library has groups of parameters with options of their own
    """

    make: Callable[..., Any]
    step: Callable[[Any, Pairs], None] = by_method
    rate: Callable[[Any, float], None] = by_attribute
    states: Callable[[Any, int], Mapping[str, Any]] | None = None
    groups: bool = False


Entry = Callable[..., Any] | Stepping


def stepping(entry: Entry) -> Stepping:
    return entry if isinstance(entry, Stepping) else Stepping(entry)


def defaults(name: str) -> dict[str, Any]:
    """Return the value that torch gives an option of an optimiser which is left out."""
    taken = inspect.signature(optimisers()[name].reference).parameters
    return {option: entry.default for option, entry in taken.items() if entry.default is not entry.empty}


def check(at: Written, table: Mapping[str, Entry]) -> None:
    """Raise Miswritten for an optimiser that torch does not have, or a needed argument that is none of its options."""
    for name, entry in table.items():
        one_of(at, "the table names an optimiser", name, optimisers())
        make, options = stepping(entry).make, list(defaults(name))
        try:
            taken = list(arguments(make).values())[1:]
        except (TypeError, ValueError):
            continue  # a class of C shows no signature
        for argument in taken:
            named = argument.kind in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY)
            if named and argument.name not in options and (needed(argument) or misspelt(at, make, argument, options)):
                said = f"{name}: the function takes {argument.name}, which is no option of it"
                raise of_function(at, make).wrong(said + near(argument.name, options), name)


def accepted(library: str, name: str, make: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that `make` takes, torch's default for one of which it has another; raise Unsupported for a
    value that it cannot be given."""
    taken, known = arguments(make), defaults(name)
    if any(entry.kind is inspect.Parameter.VAR_KEYWORD for entry in taken.values()):
        return dict(options)
    for option, value in options.items():
        if option not in taken and not same(value, known.get(option)):
            raise Unsupported(f"the {name} of {library} has no {option}={value!r}")
    full = {**known, **options}
    return {option: full[option] for option in taken if option in full}


class HeldOptimiser:
    """An optimiser of a library on live pairs of torch's tensors, in the adapter's terms."""

    def __init__(self, library: str, name: str, entry: Entry, groups: Sequence[Group], arrays: Arrays) -> None:
        """Build it; raise Unsupported for what the library lacks."""
        self.library, self.name, self.entry, self.groups, self.arrays = library, name, stepping(entry), groups, arrays
        self.given = [pair for pairs, _ in groups for pair in pairs]
        first = self.given[0][0]
        arrays.require(library, first.device, first.dtype)
        if len(groups) > 1 and not self.entry.groups:
            raise Unsupported(f"the {name} of {library} has no groups of parameters")
        self.shares = arrays.keeps_memory(first.dtype)
        held = [([tuple(map(arrays.into, pair)) for pair in pairs], dict(options)) for pairs, options in groups]
        self.pairs = [pair for pairs, _ in held for pair in pairs]
        if self.entry.groups:
            self.optimiser = self.entry.make(held)
        else:
            self.optimiser = self.entry.make(held[0][0], **accepted(library, name, self.entry.make, groups[0][1]))

    def step(self) -> None:
        """Take a step; where memory is not shared, carry gradients there and values back."""
        if not self.shares:
            for (_, grad), (_, array) in zip(self.given, self.pairs, strict=True):
                array[...] = self.arrays.into(grad)
        self.entry.step(self.optimiser, self.pairs)
        if not self.shares:
            for (value, _), (array, _) in zip(self.given, self.pairs, strict=True):
                value.copy_(self.arrays.out(array, value.dtype))

    def rates(self, rates: Sequence[float]) -> None:
        """Set the learning rate, the same of all groups."""
        if len(set(rates)) > 1:
            raise Unsupported(f"the adapter sets one rate for all groups of the {self.name} of {self.library}")
        self.entry.rate(self.optimiser, rates[0])

    def states(self) -> list[dict[str, Tensor]]:
        """Return what the adapter shows of the state of each parameter; a number as torch keeps it."""
        if self.entry.states is None:
            raise Unsupported(f"the adapter shows no state of the {self.name} of {self.library}")
        found = []
        for position, (value, _) in enumerate(self.given):
            kept = self.entry.states(self.optimiser, position).items()
            found.append({name: self.shown(state, value.dtype) for name, state in kept})
        return found

    def shown(self, state: Any, dtype: torch.dtype) -> Tensor:
        if isinstance(state, (int, float)):
            return torch.tensor(float(state), dtype=torch.float32)
        return self.arrays.out(state, dtype)

    def resumed(self) -> "HeldOptimiser":
        """Return a new optimiser that the library's load_state_dict has given what its state_dict gave."""
        if not hasattr(self.optimiser, "state_dict") or not hasattr(self.optimiser, "load_state_dict"):
            raise Unsupported(f"the {self.name} of {self.library} has no state_dict and load_state_dict")
        saved = copy.deepcopy(self.optimiser.state_dict())
        again = HeldOptimiser(self.library, self.name, self.entry, self.groups, self.arrays)
        again.optimiser.load_state_dict(saved)
        return again
