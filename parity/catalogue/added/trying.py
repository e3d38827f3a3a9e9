"""Whether a reference is one: it is built, called once on numbers between 0 and 1, and differentiated."""

import inspect
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page, Shape
from parity.catalogue.signature import several
from parity.catalogue.taken import empty_inputs

OF_CLASSES = ("classes", "ignored-classes")


def numbers(shape: Shape) -> Tensor:
    """Return numbers of a shape between 0 and 1, no two alike, which a gradient flows to."""
    count = math.prod(shape)
    return (torch.arange(count, dtype=torch.float64) / max(1, count)).mul(0.8).add(0.1).reshape(shape).requires_grad_()


def target_of(kind: str, x: Tensor) -> Tensor:
    """Return a target of a kind, for a prediction."""
    if kind in OF_CLASSES:
        return torch.zeros((x.shape[0], *x.shape[2:]) if x.dim() > 1 else (), dtype=torch.int64)
    return torch.ones(x.shape, dtype=torch.int64) if kind == "signs" else torch.full(x.shape, 0.25, dtype=torch.float64)


def inputs_of(page: Page, case: Case) -> list[Any]:
    """Return inputs of a case: numbers between 0 and 1, and zeros where it wants another kind."""
    if case.target:
        x = numbers(case.x)
        return [x, target_of(case.target, x)]
    empty = empty_inputs(page, case)
    return [value if value is None or not value.is_floating_point() else numbers(tuple(value.shape)) for value in empty]


def quietly(action: Callable[[], Any]) -> Any:
    """Return what an action returns, without its warnings, with gradients."""
    with warnings.catch_warnings(), torch.enable_grad():
        warnings.simplefilter("ignore")
        return action()


def in_short(error: Exception) -> str:
    """Return an exception in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def trouble(page: Page, case: Case) -> str:
    """Return what is wrong with the reference of a page in a case; empty if nothing is."""
    options = ", ".join(f"{name}={value!r}" for name, value in case.options.items())
    try:
        module = quietly(lambda: page.reference(**case.options))
    except Exception as error:
        return f"the reference of {page.module} is not built with ({options}): {in_short(error)}"
    if not isinstance(module, torch.nn.Module):
        return f"the reference of {page.module} must make a torch.nn.Module, made {type(module).__name__}"
    inputs = inputs_of(page, case)
    shapes = " and ".join(str(tuple(value.shape)) for value in inputs if value is not None)
    try:
        returned = quietly(lambda: page.call(module.double().train(case.training), *inputs))
    except Exception as error:
        return f"the reference of {page.module} does not take an input of shape {shapes}: {in_short(error)}"
    return of_outputs(page, returned)


def of_outputs(page: Page, returned: Any) -> str:
    """Return what is wrong with what a reference returned; empty if nothing is."""
    names = page.signature.outputs
    outputs = several(returned, len(names))
    floating = [isinstance(value, Tensor) and value.is_floating_point() for value in outputs]
    if len(outputs) != len(names) or not floating[0]:
        kinds = ", ".join(type(value).__name__ for value in outputs) or "nothing"
        hint = '; outputs=("output", ...) names several' if isinstance(returned, (tuple, list)) else ""
        return f"the reference of {page.module} must return {', '.join(names)}, a tensor each, returned {kinds}{hint}"
    learns = any(value.requires_grad for value in outputs)
    return "" if learns else f"no gradient flows from the output of {page.module} to what it is given"


def fault(page: Page) -> str:
    """Return what is wrong with a page that a user wrote; empty if nothing is."""
    if not isinstance(page.module, str) or not page.module.isidentifier() or page.module == "all":
        return f"the name of a module must be one that Python may give, was {page.module!r}"
    if not callable(page.reference):
        return f"the reference of {page.module} must be a class derived from torch.nn.Module, was {page.reference!r}"
    if not page.cases:
        return f"the page of {page.module} has no case"
    return trouble(page, page.cases[0])


def refuses(page: Page, case: Case, change: Callable[[Tensor], object]) -> bool:
    """Return whether the reference refuses an input that is changed, as the first of a case."""
    x, *rest = inputs_of(page, case)
    try:
        quietly(lambda: page.call(page.reference(**case.options).double(), change(x.detach()), *rest))
    except Exception:
        return True
    return False


def required(function: Callable[..., Any]) -> list[str] | None:
    """Return the arguments of a function that have no default; None of one that shows none."""
    try:
        taken = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [entry.name for entry in taken if entry.kind in kinds and entry.default is entry.empty]


def values_first(options: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return the plain value of each option."""
    return {name: values[0] for name, values in options.items()}
