"""Entries of `Autodiff` that are a library's own functions: which of its words mean torch's options and parameters."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PARAMETERS = ("weight", "bias")  # of torch's modules, which functions take by name


def of_x(function: Callable[..., Any], **names: str) -> "FunctionOfInputs":
    """Return the entry for a function without parameters: a function of the inputs alone, and torch's options.

    names  torch's name of an option -> the function's own, where it has another
    """
    return FunctionOfInputs(function, names)


def of_named(function: Callable[..., Any], **names: str) -> "FunctionOfNames":
    """Return the entry for a function of the inputs that takes parameters, weight and bias, and options by name.

    names  torch's name of an option or a parameter -> the function's own, where it has another
    """
    return FunctionOfNames(function, names)


def renamed(function: Callable[..., Any], names: Mapping[str, str]) -> list[inspect.Parameter]:
    """Return what a function takes, by torch's names."""
    torchs = {own: name for name, own in names.items()}
    return [
        entry.replace(name=torchs.get(entry.name, entry.name))
        for entry in inspect.signature(function).parameters.values()
    ]


@dataclass(frozen=True)
class FunctionOfInputs:
    """A function of the inputs alone; its signature tells which options it takes."""

    function: Callable[..., Any]
    names: Mapping[str, str]

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.Signature(renamed(self.function, self.names))

    def __call__(self, _parameters: Mapping[str, Any], *inputs: Any, **options: Any) -> Any:
        return self.function(*inputs, **{self.names.get(name, name): value for name, value in options.items()})


@dataclass(frozen=True)
class FunctionOfNames:
    """A function of inputs, parameters and options; those that are parameters are no options in its signature."""

    function: Callable[..., Any]
    names: Mapping[str, str]

    @property
    def __signature__(self) -> inspect.Signature:
        first = inspect.Parameter("parameters", inspect.Parameter.POSITIONAL_ONLY)
        taken = renamed(self.function, self.names)
        return inspect.Signature([first, *(entry for entry in taken if entry.name not in PARAMETERS)])

    def __call__(self, parameters: Mapping[str, Any], *inputs: Any, **options: Any) -> Any:
        given = {self.names.get(name, name): value for name, value in {**parameters, **options}.items()}
        return self.function(*inputs, **given)
