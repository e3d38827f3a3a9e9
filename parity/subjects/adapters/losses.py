"""The ways in which libraries write a loss: entries for a library's table of modules."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def first_of(thing: Any, *names: str) -> Callable[..., Any]:
    """Return the first of these methods that exists."""
    for name in names:
        if hasattr(thing, name):
            method: Callable[..., Any] = getattr(thing, name)
            return method
    raise AttributeError(f"{type(thing).__name__} has none of {', '.join(names)}")


@dataclass(frozen=True)
class Loss:
    """A loss of a library.

    make      builds it; for plain functions, any object that has them, such as the module that defines them
    value     the loss, from it, p and t
    gradient  dL/dp, from it, p and t; it is called after `value`
    """

    make: Callable[..., Any]
    value: Callable[[Any, Any, Any], Any]
    gradient: Callable[..., Any]


def loss_layer(make: Callable[..., Any]) -> Loss:
    """A loss with forward(p, t) or a call, then backward()."""
    return Loss(make, lambda loss, p, t: first_of(loss, "forward", "__call__")(p, t), lambda loss, *_: loss.backward())


def loss_functions(value: Callable[..., Any], gradient: Callable[..., Any]) -> Loss:
    """Two functions, loss(p, t) and dloss(p, t); what both take further, by torch's names, are options of the loss."""
    of_gradient = {one.name for one in options_of(gradient)}

    def make(**options: Any) -> dict[str, Any]:
        return options

    both = [one for one in options_of(value) if one.name in of_gradient]
    make.__signature__ = inspect.Signature(both)  # type: ignore[attr-defined]  # of what it is asked for
    return Loss(make, lambda options, p, t: value(p, t, **options), lambda options, p, t: gradient(p, t, **options))


def options_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return what a function takes by name after its first two arguments; nothing of one that does not say."""
    try:
        further = list(inspect.signature(function).parameters.values())[2:]
    except (TypeError, ValueError):
        return []
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in further if one.kind in by_name]


def loss_with_gradient(make: Callable[..., Any]) -> Loss:
    """A loss with forward(p, t), loss(p, t) or a call, and gradient(p, t), grad(p, t) or dloss(p, t)."""
    return Loss(
        make,
        lambda loss, p, t: first_of(loss, "forward", "loss", "__call__")(p, t),
        lambda loss, p, t: first_of(loss, "gradient", "grad", "dloss")(p, t),
    )
