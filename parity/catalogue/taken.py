"""What torch.nn takes: the options of a constructor with their defaults, and the cases that it refuses."""

import inspect
import typing
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page

TORCH_REFUSES = "torch.nn refuses it"


@cache
def parameters_of(reference: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return what torch's constructor, and those of the classes that it derives from, take by name.

    One that passes on what it does not name, as that of RNN does, says the names in its overloads.
    """
    sources = (
        [vars(kind).get("__init__", object.__init__) for kind in reversed(reference.__mro__)]
        if inspect.isclass(reference)
        else [reference]
    )
    overloads = [each for source in sources if inspect.isfunction(source) for each in typing.get_overloads(source)]
    sources = [*overloads, *sources]
    return {entry.name: entry for source in sources for entry in inspect.signature(source).parameters.values()}


@cache
def by_torch(reference: Callable[..., Any]) -> dict[str, Any]:
    """Return the value that torch gives an option that is left out, by option."""
    given = parameters_of(reference).values()
    return {entry.name: entry.default for entry in given if entry.default is not inspect.Parameter.empty}


def takes_any(reference: Callable[..., Any]) -> bool:
    """Return whether torch's constructor passes on what it does not name, as that of RNN does."""
    given = inspect.signature(reference).parameters.values()
    return any(entry.kind is inspect.Parameter.VAR_KEYWORD for entry in given)


def empty_inputs(page: Page, case: Case) -> list[Tensor | None]:
    """Return zeros for the arguments that a case gives, and None for those before them that it leaves out."""
    shapes = {page.signature.first.name: case.x, **case.others}
    given = [entry.empty(shapes[entry.name]) if entry.name in shapes else None for entry in page.signature.inputs]
    while given[-1] is None:
        given.pop()
    return given


def answered_by_torch(page: Page, case: Case) -> Tensor:
    """Return what torch gives for zeros, of several outputs the first; what it does not take raises its exception."""
    module = page.reference(**case.options).double().train(case.training)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning is no refusal, also where a process makes errors of them
        returned = page.call(module, *empty_inputs(page, case))
    output: Tensor = page.signature.named_outputs(returned)[page.signature.output]
    return output


def refused_by_torch(page: Page, case: Case) -> str:
    """Return why torch does not have a case: a module that it does not build, or an input that it does not take."""
    try:
        if case.target:
            page.reference(**case.options)
        elif not answered_by_torch(page, case).numel():
            return f"{TORCH_REFUSES}: the output is empty"
    except Exception as error:
        return f"{TORCH_REFUSES}: {error}"
    return ""
