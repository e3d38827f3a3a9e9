"""A finder for parameters in lists of lists, lists of dictionaries, and dictionaries of dictionaries."""

from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from dataclasses import dataclass
from typing import Any

from parity.subjects.adapters.places import KEEP, Finder, Pairs, Place, by_order, is_array, is_pair, looked_for
from parity.subjects.mistakes import Miswritten, kind, listed, near

Leaf = tuple[
    str, Any, Any, Any
]  # torch's name if it is known, what holds the parameter, the keys of value and gradient


@dataclass(frozen=True)
class Nested(Pairs):
    """Walks what a method shows, layer by layer, to the pairs that it holds."""

    named: tuple[tuple[str, tuple[str, str]], ...] = ()

    def leaves(self, module: Any) -> list[Leaf]:
        """Return every parameter that the library shows now, in its order. Raises Miswritten where there is none."""
        found = looked_for(self.written, module, "all parameters", self.method, "list")
        leaves = list(self.walked(found, ""))
        if not leaves:
            raise self.nothing(module, found)
        return leaves

    def nothing(self, module: Any, found: Any) -> Miswritten:
        """Return the exception that says that no parameter is found, and what there is."""
        keys = " or ".join(f"{value} and {grad}" for _, (value, grad) in self.named)
        said = f"{self.method}() of {kind(module)} holds no pair of arrays, and no dictionary with {keys}"
        return self.written.wrong(f"{said}{self.met(found)}", self.method, "nested")

    def met(self, found: Any) -> str:
        """Return what the first dictionary has in place of the keys that are looked for, with the nearest of them."""
        while isinstance(found, (list, tuple)) and found:
            found = found[0]
        while isinstance(found, Mapping) and found and isinstance(next(iter(found.values())), Mapping):
            found = next(iter(found.values()))
        if not isinstance(found, Mapping):
            return ""
        hints = [near(key, map(str, found)) for _, keys in self.named for key in keys if key not in found]
        return next(filter(None, hints), "") or listed(found)

    def walked(self, thing: Any, name: str) -> Iterator[Leaf]:
        """Yield the parameters in a list or dictionary; `name` is the key under which it lies."""
        if isinstance(thing, Mapping):
            here = [(torch, value, grad) for torch, (value, grad) in self.named if value in thing]
            if here:
                yield from ((torch or name, thing, value, grad) for torch, value, grad in here)
                return
            for key, entry in thing.items():
                if is_array(entry):
                    return  # a dictionary of arrays, whose keys are not those that are looked for
                yield from self.walked(entry, str(key))
        elif is_pair(thing):
            yield name, thing, 0, 1
        elif isinstance(thing, (list, tuple)):
            for entry in thing:
                yield from self.walked(entry, "")
        elif is_array(thing):
            raise self.written.wrong(f"{self.method}() holds an array without its gradient beside it", self.method)

    def __call__(self, module: Any, names: Sequence[str]) -> dict[str, Place]:
        if not names:
            return {}

        def of(position: int) -> Place:
            changes = isinstance(self.leaves(module)[position][1], (MutableMapping, MutableSequence))
            return Place(
                lambda: self.read(module, position, 0),
                lambda: self.read(module, position, 1),
                (lambda *new: self.write(module, position, new)) if changes else None,
            )

        leaves = self.leaves(module)
        places = by_order(leaves, names, of, self.written, f"{self.method}() of {kind(module)}", self.order)
        own = [leaf[0] for leaf in leaves]
        if len(set(own)) == len(own) and set(own) == {name.rpartition(".")[2] for name in names}:
            return {name: of(own.index(name.rpartition(".")[2])) for name in names}
        return places

    def read(self, module: Any, position: int, which: int) -> Any:
        """Return the value (0) or the gradient (1) that lies at a position now."""
        _, holder, *keys = self.leaves(module)[position]
        if isinstance(holder, Mapping):
            return looked_for(self.written, holder, "a parameter", keys[which], ("value", "gradient")[which])
        return holder[keys[which]]

    def write(self, module: Any, position: int, new: tuple[Any, Any]) -> None:
        """Set value and gradient."""
        _, holder, *keys = self.leaves(module)[position]
        for key, array in zip(keys, new, strict=True):
            if array is not KEEP:
                holder[key] = array


def nested(method: str = "param", order: Sequence[str] = (), **named: tuple[str, str]) -> Finder:
    """Find pairs in whatever lists and dictionaries `module.param()` returns, layer by layer.

    A pair is a list or tuple of a value and a gradient, or a dictionary with the keys "value" and "grad".
    named  other keys, by torch's names: nested("state", weight=("W", "dW"), bias=("b", "db")) finds the dictionaries
           {"W": ..., "dW": ..., "b": ..., "db": ...}; where the keys over the pairs are torch's names, they name them
    order  the library's order within a layer, where it is not torch's: ("bias", "weight")
    """
    return Nested(method, order, named=tuple(named.items()) or (("", ("value", "grad")),))
