"""Entries of `Autodiff` that are a library's layers: one is built at each call, and given the parameters."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from parity.subjects.adapters.functions.named import renamed

SWITCHES = ("affine", "elementwise_affine")  # options without which a layer has neither weight nor bias
Place = str | tuple[str, Callable[[Any], Any]]  # an attribute; or one, and what makes its value of a parameter


def of_layer(
    make: Callable[..., Any], weight: Place | None = None, bias: Place | None = None, **names: str
) -> "FunctionOfLayer":
    """Return the entry for a layer: made of torch's options by name, given its parameters, called with the inputs.

    weight, bias  the attribute that holds the parameter, with dots where it lies deeper; a pair of it and a function,
                  where the layer keeps it in another shape: ("W", lambda w: w.T)
    names         torch's name of an option -> the constructor's own, where it has another
    """
    places = {"weight": weight, "bias": bias}
    pairs = {name: (at, unchanged) if isinstance(at, str) else at for name, at in places.items() if at is not None}
    return FunctionOfLayer(make, pairs, names)


def unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class FunctionOfLayer:
    """A layer as a function of parameters, inputs and options; its constructor tells which options it takes."""

    make: Callable[..., Any]
    places: Mapping[str, tuple[str, Callable[[Any], Any]]]
    names: Mapping[str, str]

    @property
    def __signature__(self) -> inspect.Signature:
        first = inspect.Parameter("parameters", inspect.Parameter.POSITIONAL_ONLY)
        inputs = inspect.Parameter("inputs", inspect.Parameter.VAR_POSITIONAL)
        taken = [
            entry for entry in renamed(self.make, self.names) if entry.kind is not inspect.Parameter.VAR_POSITIONAL
        ]
        variable = inspect.Parameter.VAR_KEYWORD
        options = [e if e.kind is variable else e.replace(kind=inspect.Parameter.KEYWORD_ONLY) for e in taken]
        return inspect.Signature([first, inputs, *options])

    def __call__(self, parameters: Mapping[str, Any], *inputs: Any, **options: Any) -> Any:
        """Return the output; a parameter that the layer always has, and that is not there, is unsupported.

        Raises TypeError for a parameter of which the entry does not say where it lies.
        """
        if lost := parameters.keys() - self.places.keys():
            raise TypeError(f"of_layer must say where {', '.join(sorted(lost))} lies, as an attribute of the layer")
        layer = self.make(**{self.names.get(name, name): value for name, value in options.items()})
        for name, (path, change) in self.places.items():
            if name in parameters or not any(options.get(switch) is False for switch in (name, *SWITCHES)):
                owner, _, attribute = path.rpartition(".")
                setattr(attrgetter(owner)(layer) if owner else layer, attribute, change(parameters[name]))
        return layer(*inputs)
