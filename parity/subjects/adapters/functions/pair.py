"""A pair of functions, forward and backward, as an entry of `Library`: what is kept between them is kept here."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from parity.catalogue.signature import Signature
from parity.subjects.adapters.arrays import Arrays
from parity.subjects.adapters.functions.arguments import (
    INPUT,
    MODE,
    NAMED,
    PARAMETER,
    SEVERAL,
    Arguments,
    Configured,
    taken_by,
    values_of,
)
from parity.subjects.adapters.places import KEEP, Place
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Miswritten, Written

if TYPE_CHECKING:
    from parity.subjects.adapters.library import Convention

CONTEXT = "ctx"  # the name of a first argument that is a context, as torch.autograd.Function has it
OUTPUTS = ("y", "out", "output")  # names by which backward asks for the output that forward returned


@dataclass(frozen=True)
class OfPair:
    """Two functions, and how their arguments are called by torch."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    arguments: Arguments
    with_context: bool
    asks: Sequence[inspect.Parameter] | None  # what backward takes; None of one written in C that does not show it
    written: Written = field(default_factory=Written.here, compare=False)

    def check(self, module: str) -> None:
        """Raise Miswritten for an argument that means nothing for the module."""
        self.arguments.check(self.written, module)
        taken, own = self.asks or (), [entry.name for entry in self.arguments.taken or ()]
        if taken and not self.with_context and taken[0].name in own and taken[0].kind is not SEVERAL:
            said = f"{module}: backward takes {taken[0].name} first, where dy must come, the gradient of the output"
            raise self.written.wrong(f"{said}; for a loss without dy there is loss_functions(value, gradient)", module)

    def made(self, given: Configured, parameters: Mapping[str, Any], arrays: Arrays, dtype: torch.dtype) -> "PairLayer":
        """Return a layer of the two functions that holds parameters, arrays of the library."""
        return PairLayer(self, given, parameters, arrays, dtype)


class Context:
    """What forward leaves to backward, by the names that torch.autograd.Function has for it."""

    def __init__(self) -> None:
        self.saved_tensors: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep values, which backward finds in `saved_tensors`."""
        self.saved_tensors = values


class LastCall(NamedTuple):
    """The last call of forward: the values of its arguments, its outputs, and what it left to backward."""

    inputs: Sequence[Any]
    values: Sequence[Any]
    outputs: Sequence[Any]
    kept: Sequence[Any]  # a context, or what forward returned beside the outputs; nothing where it left nothing


class PairLayer:
    """Two functions as a layer that has parameters; a backward replaces the gradients of the last."""

    def __init__(
        self, pair: OfPair, given: Configured, parameters: Mapping[str, Any], arrays: Arrays, dtype: torch.dtype
    ) -> None:
        self.pair, self.given, self.arrays, self.dtype = pair, given, arrays, dtype
        bound = pair.arguments.bound(given)
        options = (arrays.into(one.value) if isinstance(one.value, Tensor) else one.value for one in bound)
        self.bound = [one._replace(value=value) for one, value in zip(bound, options, strict=True)]
        self.parameters, self.gradients = dict(parameters), dict[str, Any]()
        self.last: LastCall | None = None
        if any(one.kind == MODE for one in self.bound):
            self.training = True

    @property
    def signature(self) -> Signature:
        """What the module takes and returns."""
        return self.given.page.signature

    def zero_grad(self) -> None:
        """Forget the gradients."""
        self.gradients = {}

    def forward(self, *inputs: Any) -> Any:
        """Return what forward gives, without what it leaves to backward."""
        training = getattr(self, "training", True)
        values = values_of(self.bound, self.given, inputs, self.parameters, training)
        context = [Context()] if self.pair.with_context else []
        by_place = [value for one, value in zip(self.bound, values, strict=True) if not one.keyword]
        by_name = {one.name: value for one, value in zip(self.bound, values, strict=True) if one.keyword}
        returned = self.pair.forward(*context, *by_place, **by_name)
        count = len(self.signature.outputs)
        several = isinstance(returned, (tuple, list))
        if several and len(returned) == 2 and isinstance(returned[0], (tuple, list)) and len(returned[0]) == count:
            returned = (*returned[0], returned[1])  # outputs, and what is left to backward
        if several and not self.pair.with_context and len(returned) == count + 1:
            returned, context = returned[:-1], [returned[-1]]
            returned = returned[0] if count == 1 else returned
        elif several and len(returned) != count:
            raise self.miscounted_outputs(len(returned))
        self.last = LastCall(inputs, values, returned if count > 1 else [returned], context)
        return returned

    def backward(self, *cotangents: Any) -> Any:
        """Return the gradients of the inputs that get one, and keep those of the parameters."""
        last = self.last
        if last is None:
            raise Unsupported("a pair of functions has no backward before forward")
        alone = len(cotangents) == 1 and cotangents[0] is None
        dys = [self.ones(last.outputs[0])] if alone else cotangents
        if self.pair.with_context:
            returned = self.pair.backward(*last.kept, *dys)
        else:
            by_place, by_name = self.asked(last, len(dys))
            returned = self.pair.backward(*dys, *by_place, **by_name)
        found = self.named(returned, last)
        self.gradients = {name: found[name] for name in self.parameters}
        entries = zip(self.signature.inputs, last.inputs, strict=False)
        dxs = tuple(found[entry.name] for entry, value in entries if entry.gradient and value is not None)
        return dxs if len(dxs) > 1 else dxs[0] if dxs else None

    def ones(self, output: Any) -> Any:
        """Return a cotangent of 1 for an output; torch has None for it."""
        if isinstance(output, Tensor):
            return torch.ones_like(output)
        return self.arrays.into(torch.ones(tuple(getattr(output, "shape", ())), dtype=self.dtype))

    def asked(self, last: LastCall, cotangents: int) -> tuple[list[Any], dict[str, Any]]:
        """Return what backward is given after dy, by place and by name: by the names of forward's arguments.

        What forward left to it comes first. Raises Miswritten for a name that means nothing.
        """
        taken = self.pair.asks
        if taken is None or any(entry.kind is SEVERAL for entry in taken):
            return [*(last.kept or last.values)], {}
        first, others = cotangents + len(last.kept), [entry for entry in taken if entry.kind is not NAMED[2]]
        if len(others) < first:
            raise self.takes_too_little(others, bool(last.kept))
        own = {one.name: value for one, value in zip(self.bound, last.values, strict=True)}
        outputs = dict(zip(self.signature.outputs, last.outputs, strict=False))
        own = dict.fromkeys(OUTPUTS, last.outputs[0]) | outputs | own
        rest = taken[first:]
        by_place = [self.of_name(entry, own) for entry in rest if entry.kind in NAMED[:2]]
        by_name = {entry.name: self.of_name(entry, own) for entry in rest if entry.kind is NAMED[2]}
        return [*last.kept, *by_place], by_name

    def of_name(self, entry: inspect.Parameter, own: Mapping[str, Any]) -> Any:
        """Return what backward is given for an argument."""
        if entry.name in own:
            return own[entry.name]
        if entry.default is not entry.empty:
            return entry.default
        names = ", ".join(one.name for one in self.bound)
        said = f"{self.given.module}: backward takes {entry.name}, which is no argument of forward ({names})"
        raise self.pair.written.wrong(f"{said}, nor y, its output; a lambda can say which it is", self.given.module)

    def named(self, returned: Any, last: LastCall) -> dict[str, Any]:
        """Return the gradients that backward gave, by torch's names; of an integer there is none.

        It gives one for each argument of forward, for each tensor among these, or for each that has one.
        Raises Miswritten for another number.
        """
        names = self.names(last)
        tensors = [name for name in names if name]
        wanted = [name for name in tensors if self.has_gradient(name, last)]
        found = list(returned) if isinstance(returned, (tuple, list)) else [returned]
        while len(found) > len(names) and found[-1] is None:
            found.pop()  # of arguments that had their defaults
        for fitting in (names, tensors, wanted):
            if len(found) == len(fitting):
                return dict.fromkeys(wanted) | dict(zip(fitting, found, strict=True))
        raise self.miscounted(found, wanted)

    def names(self, last: LastCall) -> list[str]:
        """Return torch's name of each argument of forward that is a tensor, and an empty one of any other."""
        inputs = iter(entry.name for entry in self.signature.inputs)
        found = []
        for one, value in zip(self.bound, last.values, strict=True):
            name = next(inputs) if one.kind == INPUT else one.of if one.kind == PARAMETER else ""
            found.append("" if value is None else name)
        return found

    def has_gradient(self, name: str, last: LastCall) -> bool:
        """Return whether an input or a parameter gets a gradient in this call."""
        given = {entry.name for entry, _ in zip(self.signature.inputs, last.inputs, strict=False) if entry.gradient}
        return name in self.parameters or name in given

    def takes_too_little(self, taken: Sequence[inspect.Parameter], kept: bool) -> Miswritten:
        """Return the exception that says what backward must take first."""
        wanted = ", ".join([f"d{name}" for name in self.signature.outputs] + ["what forward left to it"] * kept)
        names, module = ", ".join(entry.name for entry in taken) or "nothing", self.given.module
        return self.pair.written.wrong(f"{module}: backward must take {wanted} first, but takes {names}", module)

    def miscounted_outputs(self, count: int) -> Miswritten:
        """Return the exception that says what forward must return."""
        names, module = ", ".join(self.signature.outputs), self.given.module
        said = (
            f"{module}: forward must return {names}, or ({names}, what backward is given), but returned {count} things"
        )
        return self.pair.written.wrong(said, module)

    def miscounted(self, found: Sequence[Any], wanted: Sequence[str]) -> Miswritten:
        """Return the exception that says which gradients backward must return."""
        said = f"{self.given.module}: backward must return the gradients of {', '.join(wanted) or 'nothing'}"
        return self.pair.written.wrong(f"{said}, in forward's order, but returned {len(found)}", self.given.module)


def called(convention: "Convention") -> "Convention":
    """Return the convention of a pair inside a library: a backward returns the gradients, and adds them to none."""
    return replace(
        convention, forward=forwarded, backward=pulled, places=of_layer, clear="zero_grad", accumulates=False
    )


def forwarded(layer: PairLayer, *inputs: Any) -> Any:
    """Call a layer forward, as a Convention does."""
    return layer.forward(*inputs)


def pulled(layer: PairLayer, dy: Any, *_inputs: Any) -> Any:
    """Call a layer backward, as a Convention does."""
    return layer.backward(*dy) if isinstance(dy, tuple) else layer.backward(dy)


def of_layer(layer: PairLayer, names: Sequence[str]) -> Mapping[str, Place]:
    """Find the parameters of a layer of two functions, and their gradients."""

    def place(name: str) -> Place:
        def put(value: Any, grad: Any) -> None:
            layer.parameters[name] = value
            if grad is not KEEP:
                layer.gradients[name] = grad

        return Place(lambda: layer.parameters[name], lambda: layer.gradients.get(name), put)

    return {name: place(name) for name in names}


def of_pair(forward: Callable[..., Any], backward: Callable[..., Any], **renamed: str) -> OfPair:
    """Return the entry of `Library` for two functions, of tensors or of the library's arrays.

    forward   takes the inputs by their places, then whatever it wants of torch's parameters and options by torch's
              names, and `training`, if the mode matters; returns the output, or (output, what backward is given)
    backward  takes dy, then what forward left to it, then whatever it wants of forward's arguments by their names, and
              of its output by the name y; returns the gradients in the order of forward's arguments, None for one that
              has none. Where forward takes `ctx` first, backward takes (ctx, dy), as in torch.autograd.Function
    renamed   torch's name -> the function's own: of_pair(leaky, leaky_backward, negative_slope="slope")
    Raises Miswritten for what cannot be called.
    """
    for name, function in (("forward", forward), ("backward", backward)):
        if not callable(function):
            raise Written.here().wrong(f"of_pair takes two functions, but {name} was {function!r}", "of_pair")
    taken = taken_by(forward)
    with_context = bool(taken) and taken is not None and taken[0].name == CONTEXT
    arguments = Arguments(taken[1:] if taken and with_context else taken, renamed)
    return OfPair(forward, backward, arguments, with_context, taken_by(backward))
