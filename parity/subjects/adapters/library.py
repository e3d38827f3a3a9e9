"""Libraries of layers that are built, called forward, then backward: the ready-made subject for most of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from parity.subjects.adapters import entries, lacking
from parity.subjects.adapters import optimisers as steppers
from parity.subjects.adapters.arrays import TORCH, Arrays
from parity.subjects.adapters.functions import Configured, OfFunction, OfPair, is_function, pair
from parity.subjects.adapters.held import HeldModule
from parity.subjects.adapters.lacking import is_operator
from parity.subjects.adapters.layouts import SAME, Layout
from parity.subjects.adapters.live import LiveModule
from parity.subjects.adapters.losses import Loss
from parity.subjects.adapters.places import Finder, Pairs, none, pairs
from parity.subjects.contract import Group, Unsupported
from parity.subjects.mistakes import Written


@dataclass(frozen=True)
class Convention:
    """How the modules of a library are called.

    forward      (module, *inputs) -> output
    backward     (module, dy, *inputs) -> dx: takes the inputs for libraries that want them again
    places       where parameters and gradients lie (adapters/places.py)
    clear        the method that clears gradients; where a module has none, they are set to zero in place
    arrays       what the library computes with (adapters/arrays.py)
    layouts      by "x", "y" (also for dx and dy), "weight", or with a module before it: "Conv2d.weight"
    accumulates  False if the library's convention is one backward per zero_grad: a second is then unsupported
    dx           False if backward gives no dL/dx, as for a first layer: it is then unsupported, the rest is judged
    mode         (module, training): switches to training or to evaluation; by default train() and eval(), or training
    buffers      torch's name for what a module keeps beside its parameters -> the attribute that holds it, where its
                 name is another (running_mean ...); names with dots reach further, as those of `attributes` do
    Of a module with several outputs, forward returns a tuple and dy is one, with zeros for an output that nothing
    depends on; with several inputs, dx may be one.
    """

    forward: Callable[..., Any] = lambda module, *inputs: module.forward(*inputs)
    backward: Callable[..., Any] = lambda module, dy, *_inputs: (
        module.backward(*dy) if isinstance(dy, tuple) else module.backward(dy)
    )
    places: Finder = field(default_factory=pairs)
    clear: str = "zero_grad"
    arrays: Arrays = TORCH
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    accumulates: bool = True
    dx: bool = True
    mode: Callable[[Any, bool], None] = lambda module, training: switched(module, training)
    buffers: Mapping[str, str] = field(default_factory=dict)
    written: Written = field(default_factory=Written.here, compare=False)

    def layout(self, module: str, name: str, options: Mapping[str, Any]) -> Layout:
        """Return how a tensor of a module lies; a parameter of a network, as in the layer that owns it."""
        position, dot, rest = name.partition(".")
        if dot and "layers" in options:
            inner, inner_options = options["layers"][int(position)]
            return self.layout(inner, rest, inner_options)
        return self.layouts.get(f"{module}.{name}", self.layouts.get(name, SAME))


def switched(module: Any, training: bool) -> None:
    """Switch a module by its own train() and eval(), or by the attribute `training`.

    Raises Unsupported for evaluation where it has none of them.
    """
    method = getattr(module, "train" if training else "eval", None)
    if callable(method):
        method()
    elif isinstance(getattr(module, "training", None), bool):
        module.training = training
    elif not training:
        raise Unsupported("the library has no mode of evaluation: neither eval() nor an attribute training")


def of_loss(convention: Convention, loss: Loss) -> Convention:
    """Return the convention of a loss inside a library."""

    def backward(module: Any, dy: Any, *inputs: Any) -> Any:
        if dy is not None:
            raise Unsupported("the library's losses take no gradient from outside")
        lacking.require_forward(loss.gradient, module, *inputs)
        return loss.gradient(module, *inputs)

    return replace(convention, forward=loss.value, backward=backward, places=none(), accumulates=True, dx=True)


class Library:
    """A library of layers and losses as a subject.

    name        of the library
    modules     by the catalogue's names: a class or function that takes torch's options by name, a Loss, or two
                functions by of_pair; options that it does not take may only have torch's defaults, other values are
                unsupported. An operator's entry (Tensor.add ...) takes the arguments of the method, and builds a module
                of x whose parameter is `other`
    convention  how the modules are called; by default as those of the papers: forward, backward, param()
    only        by module ("*" for all) and option, the values (or their type, int | tuple) that it supports; and, under
                "rank", the numbers of axes of the input, and under "targets" those of classes, of classes of which
                some are ignored, or probabilities
    optimisers  by torch.optim's names: a class or function that takes pairs and torch's options, or a Stepping
    explains    whether its errors are meant to name the module and the argument
    Raises Miswritten, with the line of the adapter, for names that neither the catalogue nor torch has.
    """

    def __init__(
        self,
        name: str,
        modules: Mapping[str, Callable[..., Any] | Loss | OfPair | tuple[Callable[..., Any] | OfPair, Convention]],
        convention: Convention | None = None,
        only: lacking.Only | None = None,
        explains: bool = False,
        optimisers: Mapping[str, steppers.Entry] | None = None,
    ) -> None:
        self.name, self.explains = name, explains
        self.modules = modules
        self.convention = convention or Convention()
        self.outside_torch = self.convention.arrays.outside_torch
        self.operators = any(map(is_operator, modules))
        self.optimisers = optimisers or {}
        self.written = Written.here()
        steppers.check(self.written, self.optimisers)
        self.only = entries.checked(self.written, modules, only or {})
        for own in (self.convention, *(entry[1] for entry in modules.values() if isinstance(entry, tuple))):
            entries.check_convention(own.written, modules, own.layouts, own.buffers)
        for module in modules:
            make = self.of(module)[0]
            if isinstance(make, OfPair):
                make.check(module)
            elif isinstance(make, OfFunction) or is_function(make):
                raise self.written.wrong(f"{module}: a torch.autograd.Function is an entry of Modules", module)
            else:
                entries.check_arguments(self.written, module, make)

    @property
    def offers(self) -> list[str]:
        """The names of its tables."""
        return [*self.modules, *self.optimisers]

    @property
    def made_of(self) -> list[object]:
        """The entries of its tables."""
        return [*self.modules.values(), *self.optimisers.values()]

    def of(self, module: str) -> tuple[Callable[..., Any] | OfPair, Convention]:
        """Return how a module is made and called."""
        if module not in self.modules:
            raise Unsupported(f"{self.name} has no {module}")
        entry = self.modules[module]
        if isinstance(entry, Loss):
            return entry.make, of_loss(self.convention, entry)
        make, convention = entry if isinstance(entry, tuple) else (entry, self.convention)
        return make, pair.called(convention) if isinstance(make, OfPair) else convention

    def optimiser(self, optimiser: str, groups: Sequence[Group]) -> steppers.HeldOptimiser:
        """Build an optimiser on live pairs; raise Unsupported for what the library lacks."""
        if optimiser not in self.optimisers:
            raise Unsupported(f"{self.name} has no {optimiser}")
        entry = self.optimisers[optimiser]
        return steppers.HeldOptimiser(self.name, optimiser, entry, groups, self.convention.arrays)

    def make(self, module: str, options: Mapping[str, Any], dtype: torch.dtype) -> Any:
        """Return a module of the library; the layers of a network are made first."""
        make, convention = self.of(module)
        if isinstance(make, OfPair):
            raise Unsupported(f"the {module} of {self.name} is a pair of functions, and no layer of its networks")
        if is_operator(module):
            return lacking.called(self.name, module, make, options, self.convention.arrays.into)()
        options = lacking.supported(self.name, module, options, self.only)
        own = lacking.asked(module, self.only, options, lacking.arguments(make))
        given = lacking.accepted(self.name, module, make, own)
        taken = {k: convention.arrays.into(v) if isinstance(v, Tensor) else v for k, v in given.items()}
        if "layers" in taken:
            taken["layers"] = [self.make(inner, of_inner, dtype) for inner, of_inner in taken["layers"]]
        if "dtype" in lacking.arguments(make):
            taken["dtype"] = self.convention.arrays.dtype(dtype)
        return make(**taken)

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> HeldModule:
        """Build a module and install the parameters; raise Unsupported for what the library lacks."""
        make, convention = self.of(module)
        convention.arrays.require(self.name, device, dtype)
        if isinstance(make, OfPair):
            supported = lacking.supported(self.name, module, options, self.only)
            own = lacking.asked(module, self.only, supported, make.arguments.names)
            given = Configured(self.name, module, own, parameters)
            made = make.made(given, self.own(given, convention), convention.arrays, dtype)
        else:
            made = self.make(module, options, dtype)
        places = convention.places(made, list(parameters))
        shown = isinstance(convention.places, Pairs) and convention.arrays.keeps_memory(dtype)
        live = shown and all(hasattr(place.grad(), "shape") for place in places.values())
        held = (LiveModule if live else HeldModule)(
            made,
            name=module,
            options=options,
            convention=convention,
            places=places,
            parameters=parameters,
            dtype=dtype,
            admits=partial(lacking.require_inputs, self.name, module, self.only, options),
            signature=lacking.signature_of(module),
        )
        if shown and not live:
            held.notes["live"] = "that an early list of parameters stays true: it has no gradients before backward"
        return held

    @staticmethod
    def own(given: Configured, convention: Convention) -> dict[str, Any]:
        """Return copies of the parameters as the library has them, for functions, which make none."""
        layouts = {name: convention.layout(given.module, name, given.options) for name in given.parameters}
        shaped = {name: layouts[name].into(value).clone() for name, value in given.parameters.items()}
        return {name: convention.arrays.into(value) for name, value in shaped.items()}
