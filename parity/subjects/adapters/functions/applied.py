"""A torch.autograd.Function as an entry of `Modules`: the module around it is made here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

import torch
from torch import Tensor

from parity.subjects.adapters.functions.arguments import MODE, Arguments, Configured, taken_by, values_of
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Written

Function = type[torch.autograd.Function]


@dataclass(frozen=True)
class OfFunction:
    """A function, and how its arguments are called by torch."""

    function: Function
    arguments: Arguments

    def check(self, at: Written, module: str) -> None:
        """Raise Miswritten for an argument that means nothing for the module."""
        self.arguments.check(at, module)

    def made(self, given: Configured, own: Callable[[str], str]) -> "AppliedFunction":
        """Return a module that applies the function, with its parameters under the names that `own` gives them."""
        return AppliedFunction(self, given, own)


class AppliedFunction(torch.nn.Module):
    """The parameters of a module of the catalogue, handed to a function together with the inputs and the options."""

    def __init__(self, entry: OfFunction, given: Configured, own: Callable[[str], str]) -> None:
        super().__init__()
        self.entry, self.given, self.bound = entry, given, entry.arguments.bound(given)
        self.held = {name: torch.nn.Parameter(torch.empty_like(value)) for name, value in given.parameters.items()}
        for name, parameter in self.held.items():
            held_at(self, own(name), parameter)

    def forward(self, *inputs: Tensor | None) -> Any:
        """Apply the function; raise Unsupported for an input that it does not take."""
        values = values_of(self.bound, self.given, inputs, self.held, self.training)
        return self.entry.function.apply(*values)  # type: ignore[no-untyped-call]  # torch has no types for it

    def train(self, mode: bool = True) -> "AppliedFunction":
        """Switch to training, or to evaluation; raise Unsupported where the function is not told which."""
        if not mode and all(one.kind != MODE for one in self.bound):
            raise Unsupported(f"{self.given.named} knows no evaluation: the function takes no {MODE}")
        return super().train(mode)


def held_at(module: torch.nn.Module, name: str, parameter: torch.nn.Parameter) -> None:
    """Put a parameter into a module under torch's name, of which dots reach into modules."""
    *path, last = name.split(".")
    for part in path:
        if part not in dict(module.named_children()):
            module.add_module(part, torch.nn.Module())
        module = module.get_submodule(part)
    module.register_parameter(last, parameter)


def is_function(entry: object) -> TypeGuard[Function]:
    """Return whether an entry of a table is a torch.autograd.Function itself."""
    return isinstance(entry, type) and issubclass(entry, torch.autograd.Function)


def of_function(function: Function | Callable[..., Any], **renamed: str) -> OfFunction:
    """Return the entry of `Modules` for a torch.autograd.Function, or for its `apply`.

    Its forward takes the inputs by their places, then whatever it wants of torch's parameters and options by torch's
    names, and `training`, if the mode matters. An option that it does not take may only have torch's default.

    renamed  torch's name -> the function's own: of_function(Leaky, negative_slope="slope")
    Raises Miswritten for what is no such function.
    """
    kind: object = getattr(function, "__self__", function)
    if not is_function(kind):
        said = f"of_function takes a class derived from torch.autograd.Function, was {function!r}"
        raise Written.here().wrong(f"{said}; for two functions there is of_pair(forward, backward)", "of_function")
    taken = taken_by(kind.forward)
    with_context = kind.setup_context is torch.autograd.Function.setup_context
    return OfFunction(kind, Arguments(taken[1:] if taken and with_context else taken, renamed))
