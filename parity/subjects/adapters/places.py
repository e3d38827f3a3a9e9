"""Where a library keeps its parameters and their gradients: each function here returns a finder.

A finder takes a module of the library and the names wanted, in torch's order, and returns a Place for each.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """How one parameter is read; `grad` may give None before the first backward."""

    value: Callable[[], Any]
    grad: Callable[[], Any]
    put: Callable[[Any, Any], None] | None = None  # sets value and gradient to other arrays, where that can be done


Finder = Callable[[Any, Sequence[str]], Mapping[str, Place]]


def got(thing: Any, name: str) -> Any:
    """Return an attribute, or what it returns if it is a method; names with dots reach further, digits index."""
    for part in name.split("."):
        if isinstance(thing, Mapping):
            thing = thing[part]
        else:
            thing = thing[int(part)] if part.isdigit() else getattr(thing, part)
    return thing() if callable(thing) else thing


def put(thing: Any, name: str, array: Any) -> None:
    """Set what `got` reads."""
    *path, last = name.split(".")
    owner = got(thing, ".".join(path)) if path else thing
    if isinstance(owner, MutableMapping):
        owner[last] = array
    else:
        setattr(owner, last, array)


def place(thing: Any, value: str, grad: str) -> Place:
    """Return the place of two named attributes."""

    def both(new_value: Any, new_grad: Any) -> None:
        put(thing, value, new_value)
        put(thing, grad, new_grad)

    return Place(lambda: got(thing, value), lambda: got(thing, grad), both)


def by_order(parameters: Iterable[Any], names: Sequence[str], of: Callable[[int], Place]) -> dict[str, Place]:
    """Return places by name, in the library's order; raise ValueError if there are too few or too many."""
    count = len(list(parameters))
    if count != len(names):
        raise ValueError(f"the library shows {count} parameters, but {len(names)} are wanted: {', '.join(names)}")
    return {name: of(position) for position, name in enumerate(names)}


@dataclass(frozen=True)
class Pairs:
    """Finds (value, gradient) pairs, which the library claims to be live."""

    method: str

    def __call__(self, module: Any, names: Sequence[str]) -> dict[str, Place]:
        if not names:
            return {}

        def pair(position: int) -> Place:
            return Place(lambda: got(module, self.method)[position][0], lambda: got(module, self.method)[position][1])

        return by_order(got(module, self.method), names, pair)


def pairs(method: str = "param") -> Finder:
    """Find what `module.param()` returns: [(value, gradient), ...] in torch's order, weight before bias."""
    return Pairs(method)


def objects(listed: str = "parameters", value: str = "data", grad: str = "grad") -> Finder:
    """Find the objects of `module.parameters()`, each with a value and a gradient, in torch's order."""

    def find(module: Any, names: Sequence[str]) -> dict[str, Place]:
        if not names:
            return {}
        parameters = list(got(module, listed))
        return by_order(parameters, names, lambda at: place(parameters[at], value, grad))

    return find


def attributes(**named: tuple[str, str]) -> Finder:
    """Find attributes, by torch's names: attributes(weight=("w", "w.grad"), bias=("b", "b.grad"))."""

    def find(module: Any, names: Sequence[str]) -> dict[str, Place]:
        missing = [name for name in names if name not in named]
        if missing:
            raise ValueError(f"the adapter does not say where {', '.join(missing)} is; it names {', '.join(named)}")

        return {name: place(module, *named[name]) for name in names}

    return find


def none() -> Finder:
    """Find nothing: for a loss."""
    return lambda _module, _names: {}
