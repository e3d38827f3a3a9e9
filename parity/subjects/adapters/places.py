"""Where a library keeps its parameters and their gradients: each function here returns a finder.

A finder takes a module of the library and the names wanted, in torch's order, and returns a Place for each.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from parity.subjects.mistakes import Absent, Written, kind, listed, names_of, near

KEEP: Any = object()  # a gradient that stays as it is


@dataclass(frozen=True)
class Place:
    """How one parameter is read; `grad` may give None, 0 or raise Absent before the first backward."""

    value: Callable[[], Any]
    grad: Callable[[], Any]
    put: Callable[[Any, Any], None] | None = None  # sets value and gradient to other arrays, where that can be done


Finder = Callable[[Any, Sequence[str]], Mapping[str, Place]]


def part_of(thing: Any, part: str) -> Any:
    """Return one step of a path: a key, a position, or an attribute."""
    if isinstance(thing, Mapping):
        return thing[part]
    return thing[int(part)] if part.isdigit() else getattr(thing, part)


def got(thing: Any, name: str) -> Any:
    """Return an attribute, or what it returns if it is a method; names with dots reach further, digits index.

    Raises Absent, with the nearest name, where there is none.
    """
    for part in name.split("."):
        try:
            thing = part_of(thing, part)
        except (AttributeError, LookupError, TypeError):
            said = f"{kind(thing)} has no {part}{near(part, names_of(thing)) or listed(thing)}"
            raise Absent(said if part == name else f"{said} (in {name})") from None
    return thing() if callable(thing) else thing


def put(thing: Any, name: str, array: Any) -> None:
    """Set what `got` reads."""
    *path, last = name.split(".")
    owner = got(thing, ".".join(path)) if path else thing
    if isinstance(owner, MutableMapping):
        owner[last] = array
    else:
        setattr(owner, last, array)


def place(thing: Any, value: str, grad: str, looked_for: Callable[[str, str], Any] | None = None) -> Place:
    """Return the place of two named attributes; `looked_for` reads one in place of `got`, and says more if it fails."""
    read = looked_for or (lambda name, _: got(thing, name))

    def both(new_value: Any, new_grad: Any) -> None:
        put(thing, value, new_value)
        if new_grad is not KEEP:
            put(thing, grad, new_grad)

    return Place(lambda: read(value, "value"), lambda: read(grad, "gradient"), both)


def looked_for(written: Written, owner: Any, key: str, name: str, what: str) -> Any:
    """Return what is at a place; raise Absent, with the adapter's line, where nothing is."""
    try:
        return got(owner, name)
    except Absent as absent:
        raise Absent(f"{written.at(name)}: the {what} of {key} is looked for at {name}, but {absent}") from None


def in_order(names: Sequence[str], order: Sequence[str]) -> list[str]:
    """Return torch's names in the library's order: layer by layer, and within a layer as `order` has them."""

    def layer(name: str) -> str:
        return name.rpartition(".")[0]

    layers = list(dict.fromkeys(map(layer, names)))
    rank = {name: at for at, name in enumerate(order)}
    return sorted(names, key=lambda name: (layers.index(layer(name)), rank.get(name.rpartition(".")[2], len(order))))


def by_order(
    parameters: Iterable[Any],
    names: Sequence[str],
    of: Callable[[int], Place],
    written: Written,
    source: str,
    order: Sequence[str] = (),
) -> dict[str, Place]:
    """Return places by name, in the library's order; raise Miswritten if there are too few or too many."""
    count = len(list(parameters))
    if count != len(names):
        raise written.wrong(
            f"{source} shows {count} parameters, but {len(names)} are wanted: {', '.join(names)}", source.split("(")[0]
        )
    return {name: of(position) for position, name in enumerate(in_order(names, order))}


@dataclass(frozen=True)
class Pairs:
    """Finds (value, gradient) pairs, which the library claims to be live."""

    method: str
    order: Sequence[str] = ()
    written: Written = field(default_factory=Written.here, compare=False)

    def shown(self, module: Any) -> Sequence[Any]:
        """Return the pairs that the library shows now. Raises Miswritten for what are none."""
        found = looked_for(self.written, module, "all parameters", self.method, "list")
        pairs = list(found.items() if isinstance(found, Mapping) else found)
        if isinstance(found, Mapping) or any(not is_pair(entry) for entry in pairs):
            held = type(found if isinstance(found, Mapping) else pairs[0]).__name__
            said = f"{self.method}() of {kind(module)} must be a list of (value, gradient) pairs, but holds {held}"
            raise self.written.wrong(f"{said}; for lists in lists and dictionaries there is nested()", self.method)
        return pairs

    def __call__(self, module: Any, names: Sequence[str]) -> dict[str, Place]:
        if not names:
            return {}

        def pair(position: int) -> Place:
            return Place(lambda: self.shown(module)[position][0], lambda: self.shown(module)[position][1])

        source = f"{self.method}() of {kind(module)}"
        return by_order(self.shown(module), names, pair, self.written, source, self.order)


def is_array(value: Any) -> bool:
    """Return whether a value is an array: it has a shape."""
    return hasattr(value, "shape")


def is_pair(entry: Any) -> bool:
    """Return whether an entry is a value and a gradient, which may be None or 0 before the first backward."""
    if not isinstance(entry, (list, tuple)) or len(entry) != 2:
        return False
    value, grad = entry
    return is_array(value) and (grad is None or is_array(grad) or isinstance(grad, (int, float)))


def pairs(method: str = "param", order: Sequence[str] = ()) -> Finder:
    """Find what `module.param()` returns: [(value, gradient), ...] in torch's order, weight before bias.

    order  the library's order within a layer, where it is another: ("bias", "weight")
    """
    return Pairs(method, order)


def objects(listed: str = "parameters", value: str = "data", grad: str = "grad", order: Sequence[str] = ()) -> Finder:
    """Find the objects of `module.parameters()`, each with a value and a gradient, in torch's order or in `order`."""
    written = Written.here()

    def find(module: Any, names: Sequence[str]) -> dict[str, Place]:
        if not names:
            return {}
        parameters = list(looked_for(written, module, "all parameters", listed, "list"))

        def of(at: int) -> Place:
            return place(parameters[at], value, grad, partial(looked_for, written, parameters[at], "a parameter"))

        return by_order(parameters, names, of, written, f"{listed}() of {kind(module)}", order)

    return find


def attributes(layers: str = "layers", **named: tuple[str, str] | str) -> Finder:
    """Find attributes, by torch's names: attributes(weight=("w", "w.grad"), bias=("b", "b.grad")).

    layers  the attribute or method of a network that holds its layers, in which their parameters are found
    named   value and gradient; for a part of a network with a name, the attribute that holds it, where that is not
            torch's: conv1="first". A whole name comes before its parts: {"0.weight": ("W1", "dW1")}. In names, {layer}
            is a layer's number among those that have parameters, of a network that keeps them all itself:
            weight=("weights.{layer}", "dweights.{layer}")
    """
    written = Written.here()

    def of(module: Any, name: str, layer: int, whole: bool = True) -> Place:
        part, dot, rest = name.partition(".")
        own = named.get(name) if whole or not dot else None
        own = own or (numbered(named.get(name.rpartition(".")[2])) if dot else None)
        if isinstance(own, tuple):
            value, grad = (path.replace(NUMBER, str(layer)) for path in own)
            return place(module, value, grad, partial(looked_for, written, module, name))
        if not dot:
            said = f"attributes() does not say where {name} is; it names {', '.join(named)}{near(name, named)}"
            raise written.wrong(said, *named)
        path = layers if part.isdigit() else named.get(part, part)
        if not isinstance(path, str):
            raise written.wrong(f"{part} is a part of a network, whose attribute must be one name, was {path}", part)
        return of(part_looked_for(written, module, path, part), rest, layer, whole=False)

    def find(module: Any, names: Sequence[str]) -> dict[str, Place]:
        prefixes = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
        return {name: of(module, name, prefixes.index(name.rpartition(".")[0])) for name in names}

    return find


NUMBER = "{layer}"  # stands in a name for the number of a layer


def numbered(own: tuple[str, str] | str | None) -> tuple[str, str] | None:
    """Return value and gradient if they lie in a network itself, by the number of the layer."""
    return own if isinstance(own, tuple) and any(NUMBER in path for path in own) else None


def part_looked_for(written: Written, network: Any, path: str, part: str) -> Any:
    """Return a part of a network; a number is one of the layers that lie at `path`, a name is what lies there.

    Raises Miswritten, with the adapter's line, where there is none.
    """
    what = f"layer {part}" if part.isdigit() else part
    try:
        held = network
        for step in path.split("."):
            held = part_of(held, step)
        if not part.isdigit():
            return held
        return (held if hasattr(held, "__getitem__") else held())[int(part)]
    except (AttributeError, LookupError, TypeError):
        said = f"{what} of {kind(network)} is looked for in its attribute {path}, where it is not"
        key = "layers" if part.isdigit() else part
        hint = f'; attributes({key}="...") names another'
        raise written.wrong(f"{said}{listed(network)}{hint}", path, key) from None


def none() -> Finder:
    """Find nothing: for a loss."""
    return lambda _module, _names: {}
