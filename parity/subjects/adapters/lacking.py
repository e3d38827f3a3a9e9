"""What a library lacks: options that its constructor does not take, and values that it does not support."""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Any

from torch import Tensor

from parity.catalogue import pages, written
from parity.catalogue.signature import PLAIN, Signature
from parity.catalogue.taken import by_torch
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import near

# module -> option -> the values that the library supports, or their type: int, or int | tuple
Only = Mapping[str, Mapping[str, Any]]


def arguments(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def torch_defaults(module: str) -> dict[str, Any]:
    """Return the value that torch gives an option of a module that is left out, by option."""
    return by_torch(written()[module].reference)


@cache
def options_of(module: str) -> set[str]:
    """Return the options that some case of a module sets."""
    return {name for case in pages()[module].cases for name in case.options}


def accepted(library: str, module: str, make: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that `make` takes; one that it does not take may only have torch's default.

    One that is left out, of which `make` has another default than torch, is given torch's.

    Raises Unsupported, naming the option and its value, for any other.
    """
    taken = arguments(make)
    if any(entry.kind is inspect.Parameter.VAR_KEYWORD for entry in taken.values()):
        return dict(options)
    defaults = torch_defaults(module)
    for name, value in options.items():
        if name not in taken and not same(value, defaults.get(name, value if name in IMPLIED else None)):
            others = [other for other in taken if other not in options and other not in defaults]
            meant = near(name, others).replace("did you mean", "it takes").rstrip("?")
            raise Unsupported(f"the {module} of {library} has no {name}={shown(value)}{meant}")
    otherwise = {name: value for name, value in defaults.items() if differs(taken.get(name), value)}
    silent = {name: value for name, value in otherwise.items() if name in options_of(module)}
    return silent | {name: value for name, value in options.items() if name in taken}


def shown(value: Any) -> str:
    """Return a value of an option in words that are the same in every dtype."""
    return f"tensor({value.tolist()})" if isinstance(value, Tensor) else repr(value)


def is_operator(module: str) -> bool:
    """Return whether a name of the catalogue is that of an operator: a method of tensors."""
    return module.startswith("Tensor.")


def signature_of(module: str) -> Signature:
    """Return the signature of a module of the catalogue, or of an operator."""
    return PLAIN if is_operator(module) else written()[module].signature


def called(
    library: str, module: str, function: Callable[..., Any], options: Mapping[str, Any], into: Callable[[Any], Any]
) -> Callable[..., Any]:
    """Return the function of an operator with the arguments of the method set, those that are tensors by `into`.

    It is given the shape of the second operand, if it takes `other`. Raises Unsupported where it does not take the
    arguments.
    """
    given = [into(value) for value in options.get("arguments", ())]
    named = {name: value for name, value in options.items() if name in ("dim", "other") and value is not None}
    taken = arguments(function)
    keywords = {**options.get("keywords", {}), **{name: value for name, value in named.items() if name in taken}}
    if "dim" in named and "dim" not in taken:
        raise Unsupported(f"the {module} of {library} takes no dim")

    def call(*first: Any) -> Any:
        try:
            inspect.signature(function).bind(*first, *given, **keywords)
        except TypeError:
            said = ", ".join([*map(repr, given), *(f"{name}={value!r}" for name, value in keywords.items())])
            raise Unsupported(f"the {module} of {library} takes no ({said})") from None
        return function(*first, *given, **keywords)

    return call


def differs(taken: inspect.Parameter | None, default: Any) -> bool:
    """Return whether a constructor takes an option, but has another default for it, or none."""
    return taken is not None and not same(taken.default, default)


# Extents that follow from the parameters' shapes, so that a function of parameters and inputs need not take them.
IMPLIED = ("in_features", "out_features", "in_channels", "out_channels", "kernel_size")
# Options, beside those that have no default, whose values the parameters show: by their shapes, or by being there.
SHOWN_BY_PARAMETERS = (*IMPLIED, "bias", "affine", "elementwise_affine", "num_parameters", "init")


# Options whose None stands for the value of another, as the stride of a pooling layer.
MEANT = {"stride": "kernel_size"}


class GivenParameters(dict[str, Any]):
    """The parameters that a function is given; one that it wants and is not there raises Unsupported."""

    def __missing__(self, name: str) -> Any:
        raise Unsupported(f"the function is never without {name}")


def hidden(module: str, function: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that a function of parameters takes, or that its parameters do not show."""
    taken, defaults = arguments(function), torch_defaults(module)
    shown_there = {name for name in options if name not in defaults or name in SHOWN_BY_PARAMETERS}
    return {name: value for name, value in options.items() if name in taken or name not in shown_there}


def same(value: Any, default: Any) -> bool:
    """Return whether an option has torch's default; a tuple of it counts too."""
    return bool(value == default or (isinstance(value, tuple) and all(item == default for item in value)))


def supported(library: str, module: str, options: Mapping[str, Any], only: Only) -> dict[str, Any]:
    """Return the options as the library has them: None that it lacks is the value that torch takes for it.

    Raises Unsupported if `only` leaves out a value; options that are left out have torch's default.
    """
    full, given = torch_defaults(module) | dict(options), dict(options)
    for name, allowed in only.get(module, {}).items():
        if name in OF_INPUTS:
            continue
        value = full.get(name)
        kinds = (allowed,) if isinstance(allowed, type) else allowed.__args__ if isinstance(allowed, UnionType) else ()
        if value is None and name in MEANT and not admits(None, kinds, allowed):
            value = given[name] = full.get(MEANT[name])
        if not admits(value, kinds, allowed):
            wanted = " or ".join([named(kind) for kind in kinds] or map(repr, allowed))
            raise Unsupported(f"the {module} of {library} has only {name}={wanted}, not {value!r}")
    return given


def named(kind: type) -> str:
    return "None" if kind is type(None) else kind.__name__


def admits(value: Any, kinds: tuple[type, ...], allowed: Any) -> bool:
    return isinstance(value, kinds) if kinds else value in allowed


def asked(module: str, only: Only, options: Mapping[str, Any], taken: Collection[str]) -> dict[str, Any]:
    """Return the options without those that need not be asked for: `only` admits one value, and none is taken."""
    given = only.get(module, {})
    fixed = {name for name, values in given.items() if isinstance(values, Sequence) and len(values) == 1}
    return {name: value for name, value in options.items() if name not in fixed or name in taken}


OF_INPUTS = ("rank", "targets")
KINDS_OF_TARGETS = ("classes", "ignored", "probabilities", "weights")


def require_inputs(library: str, module: str, only: Only, options: Mapping[str, Any], inputs: Sequence[Any]) -> None:
    """Raise Unsupported if `only` leaves out the rank of the first input, or the kind of the last, the target."""
    allowed = only.get(module, {})
    if not all(isinstance(value, Tensor) for value in inputs):
        return
    rank, kind = inputs[0].dim(), kind_of_targets(inputs[-1], options.get("ignore_index", IGNORED))
    if rank not in allowed.get("rank", (rank,)):
        raise Unsupported(f"the {module} of {library} takes no input of {rank} {'axis' if rank == 1 else 'axes'}")
    if kind not in allowed.get("targets", (kind,)):
        raise Unsupported(f"the {module} of {library} takes no targets that are {kind}")


ROUNDED = 0.05  # by which a sum of probabilities may differ from 1: each is rounded to 16 bits
IGNORED = -100  # the class that torch's losses ignore, unless an option says another


def kind_of_targets(target: Tensor, ignored: int) -> str:
    """Return what a target holds: classes, classes of which some are to be ignored, probabilities, or weights.

    Weights are numbers that do not sum to 1 over the classes: a gradient p - t is right without them.
    """
    if target.is_floating_point():
        sums = target.double().sum(min(1, target.dim() - 1)) if target.dim() else target.double()
        return "probabilities" if bool(((sums - 1).abs() < ROUNDED).all()) else "weights"
    return "ignored" if bool((target == ignored).any()) else "classes"


def require_taken(library: str, module: str, forward: Callable[..., Any], names: Sequence[str], *given: Any) -> None:
    """Raise Unsupported if `forward` takes fewer inputs than are given, naming the first that it does not take."""
    taken = arguments(forward).values()
    if any(entry.kind is inspect.Parameter.VAR_POSITIONAL for entry in taken):
        return
    most = sum(entry.kind in (entry.POSITIONAL_ONLY, entry.POSITIONAL_OR_KEYWORD) for entry in taken) - 1
    if len(given) > most:
        raise Unsupported(f"the {module} of {library} takes no {names[most]}")


def output_alone(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Return what calls a backward that knows the cotangent of the first output alone.

    Raises Unsupported where something depends on another output too.
    """

    def called_with_first(module: Any, dys: Any, *inputs: Any) -> Any:
        dy, *others = dys if isinstance(dys, tuple) else (dys,)
        if any(other is not None for other in others):
            raise Unsupported("backward takes the cotangent of the output alone")
        return backward(module, dy, *inputs)

    called_with_first.takes_none = True  # type: ignore[attr-defined]  # which tells it that an output is not used
    return called_with_first


def require_forward(backward: Callable[..., Any], *given: Any) -> None:
    """Raise Unsupported if `backward` wants the inputs of a forward, and there has been none."""
    try:
        inspect.signature(backward).bind(*given)
    except TypeError:
        raise Unsupported("the library is given the inputs again for backward, so it cannot come first") from None
