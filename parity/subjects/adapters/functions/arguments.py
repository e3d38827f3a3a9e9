"""What the arguments of a function mean for a module: inputs by their places, parameters and options by their names."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from torch import Tensor

from parity.catalogue import written
from parity.catalogue.page import Page
from parity.subjects.adapters import entries, lacking
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Written, near

INPUT, PARAMETER, OPTION, MODE = "input", "parameter", "option", "training"
ONE, SEVERAL = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
NAMED = (inspect.Parameter.POSITIONAL_ONLY, ONE, inspect.Parameter.KEYWORD_ONLY)


class Argument(NamedTuple):
    """An argument of a function in one case of a module.

    name     the function's own
    kind     INPUT, PARAMETER, OPTION, or MODE: whether the module is in training
    of       torch's name of a parameter or an option
    value    of an option; of an input what it is where it is left out
    keyword  whether it can be given by its name alone
    """

    name: str
    kind: str
    of: str = ""
    value: Any = None
    keyword: bool = False


class Configured(NamedTuple):
    """What a module is given in one case: torch's options and the parameters, by torch's names."""

    library: str
    module: str
    options: Mapping[str, Any]
    parameters: Mapping[str, Tensor]

    @property
    def page(self) -> Page:
        """The page of the module."""
        return written()[self.module]

    @property
    def named(self) -> str:
        """The module in the sentences on what the library lacks."""
        return f"the {self.module} of {self.library}"


@dataclass(frozen=True)
class Arguments:
    """The arguments of a function of tensors.

    taken    as Python shows them, without a context; None of a function written in C that shows none
    renamed  torch's name of a parameter or an option -> the function's own, where they differ
    """

    taken: Sequence[inspect.Parameter] | None
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Torch's names of all of them."""
        return {self.torch_name(entry.name) for entry in self.taken or ()}

    def torch_name(self, own: str) -> str:
        """Return torch's name for an argument."""
        return next((name for name, renamed in self.renamed.items() if renamed == own), own)

    def count(self, page: Page) -> int:
        """Return how many of the arguments are inputs: the first ones, up to a parameter or an option."""
        others, count = {*parameters_of(page), *entries.options_of(page), MODE}, 0
        for entry, given in zip(self.taken or (), page.signature.inputs[: page.most_inputs], strict=False):
            if entry.kind not in NAMED or (self.torch_name(entry.name) in others and entry.name != given.name):
                break
            count += 1
        return count

    def check(self, at: Written, module: str) -> None:
        """Raise Miswritten for an argument, or a name given to one, that means nothing for the module."""
        if lacking.is_operator(module):
            raise at.wrong(f"{module} is an operator, whose entry is no pair and no torch.autograd.Function", module)
        page, taken = written()[module], self.taken or ()
        allowed = list(dict.fromkeys([*parameters_of(page), *entries.options_of(page), MODE]))
        for name, own in self.renamed.items():
            entries.one_of(at, f"{module}: an argument is named", name, allowed)
            entries.one_of(at, f"{module}: {name} is said to be the argument", own, [entry.name for entry in taken])
        for entry in taken[self.count(page) :]:
            if entry.kind in NAMED and entry.default is entry.empty and self.torch_name(entry.name) not in allowed:
                said = f"{module}: the function takes {entry.name}, which is no input, parameter or option of it"
                hint = (
                    near(entry.name, allowed) or f'; is it one of {", ".join(allowed)}? say which: bias="{entry.name}"'
                )
                raise at.wrong(f"{said}{hint}", module)

    def bound(self, given: Configured) -> list[Argument]:
        """Return what the arguments are in one case; raise Unsupported for what the function does not take."""
        count = self.count(given.page)
        found = [Argument(entry.name, INPUT, value=default_of(entry)) for entry in (self.taken or ())[:count]]
        for entry in (self.taken or ())[count:]:
            if entry.kind in NAMED:
                found.append(self.meaning(entry, given))
            elif entry.kind is SEVERAL:
                found += [*inputs_from(len(found), given.page), *others_of(given, found)]
        require_taken(given, {one.of for one in found})
        return without_own(found) if self.taken is not None else inputs_from(0, given.page)

    def meaning(self, entry: inspect.Parameter, given: Configured) -> Argument:
        """Return what an argument behind the inputs is."""
        name, keyword = self.torch_name(entry.name), entry.kind is inspect.Parameter.KEYWORD_ONLY
        full = lacking.torch_defaults(given.module) | dict(given.options)
        if name in given.parameters:
            return Argument(entry.name, PARAMETER, name, keyword=keyword)
        if name == MODE:
            return Argument(entry.name, MODE, keyword=keyword)
        if name in full and name not in parameters_of(given.page):
            return Argument(entry.name, OPTION, name, full[name], keyword)
        if entry.default is entry.empty:
            raise Unsupported(f"{given.named} is never without {entry.name}")
        return Argument(entry.name, OPTION, "", entry.default, keyword)


def without_own(arguments: Sequence[Argument]) -> list[Argument]:
    """Return the arguments without those that have the function's own defaults and can be left out."""
    found = [one for one in arguments if one.of or one.kind != OPTION or not one.keyword]
    while found and found[-1].kind == OPTION and not found[-1].of:
        found.pop()
    return found


def inputs_from(place: int, page: Page) -> list[Argument]:
    """Return the inputs from a place on, of a function that takes any number."""
    return [Argument(entry.name, INPUT) for entry in page.signature.inputs[place : page.most_inputs]]


def others_of(given: Configured, found: Sequence[Argument]) -> list[Argument]:
    """Return the parameters that are not found yet, of a function that takes any number, in torch's order."""
    taken = {one.of for one in found}
    return [Argument(name, PARAMETER, name) for name in given.parameters if name not in taken]


def require_taken(given: Configured, taken: set[str]) -> None:
    """Raise Unsupported for a parameter, or the value of an option, that a function does not take."""
    defaults = lacking.torch_defaults(given.module)
    for name in given.parameters:
        if name not in taken:
            raise Unsupported(f"{given.named} takes no {name}")
    for name, value in given.options.items():
        of_torch = name in defaults and lacking.same(value, defaults[name])
        if not (name in taken or of_torch or is_shown(name, value, given.parameters, name not in defaults)):
            raise Unsupported(f"{given.named} has no {name}={lacking.shown(value)}")


def is_shown(name: str, value: Any, parameters: Mapping[str, Tensor], required: bool) -> bool:
    """Return whether the parameters show the value of an option: their extents one that is required."""
    extents = {extent for parameter in parameters.values() for extent in parameter.shape}
    wanted = value if isinstance(value, (tuple, list)) else (value,)
    of_shapes = required and all(type(extent) is int and extent in extents for extent in wanted)
    return bool(parameters) and (of_shapes or name in lacking.SHOWN_BY_PARAMETERS)


@cache
def parameters_of(page: Page) -> list[str]:
    """Return the names of what a module learns, in its first case."""
    return [name for name, _ in page.reference(**page.cases[0].options).named_parameters()]


def default_of(entry: inspect.Parameter) -> Any:
    """Return what an argument is that is left out: its default, or None."""
    return None if entry.default is entry.empty else entry.default


def taken_by(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """Return what a function takes; None of one written in C that does not show it."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def values_of(
    arguments: Sequence[Argument],
    given: Configured,
    inputs: Sequence[Any],
    parameters: Mapping[str, Any],
    training: bool,
) -> list[Any]:
    """Return the values of the arguments in a call; raise Unsupported for an input that the function does not take."""
    most = sum(one.kind == INPUT for one in arguments)
    if len(inputs) > most:
        raise Unsupported(f"{given.named} takes no {given.page.signature.inputs[most].name}")
    values, coming = [], iter(inputs)
    for one in arguments:
        value = one.value
        if one.kind == INPUT:
            value = next(coming, None)
            value = one.value if value is None else value
        elif one.kind == PARAMETER:
            value = parameters[one.of]
        elif one.kind == MODE:
            value = training
        values.append(value)
    return values
