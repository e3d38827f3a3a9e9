"""Libraries that differentiate functions: a function of parameters and inputs, and its vector-Jacobian product."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import written
from parity.catalogue.pairing import cotangent_names
from parity.catalogue.signature import Signature, several
from parity.subjects.adapters import entries, lacking
from parity.subjects.adapters.arrays import TORCH, Arrays
from parity.subjects.adapters.functions import FunctionOfInputs, of_x
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Written

Function = Callable[..., Any]  # (parameters by name, *inputs, **options) -> output
Pullback = Callable[[Any], tuple[Any, ...]]  # dy -> (gradients of the parameters by name, dx)
Vjp = Callable[..., tuple[Any, Pullback]]  # (function, parameters, x) -> (output, pullback): the signature of jax.vjp
# (function, parameters, x, dy) -> (gradients by name, dx): of the library's own values, to be differentiated again
Gradient = Callable[..., tuple[Mapping[str, Any], Any]]


def taped(
    backward: Callable[[Any, Any], Any] = lambda y, dy: y.backward(dy),
    gradient: Callable[[Any], Any] = lambda leaf: leaf.grad,
    clear: Callable[[Any], None] = lambda leaf: setattr(leaf, "grad", None),
) -> Vjp:
    """Return the vector-Jacobian product of a library whose tensors hold their gradients, as torch's do.

    backward  (y, dy): starts at an output, and leaves the gradients at the tensors that it was made of
    gradient  of a tensor, as an array that the adapter's `arrays` take; None where it got none: a gradient of 0
    clear     forgets the gradient of a tensor
    """

    def vjp(function: Function, parameters: Mapping[str, Any], x: Any) -> tuple[Any, Pullback]:
        for leaf in (x, *parameters.values()):
            clear(leaf)
        y = function(parameters, x)

        def pullback(dy: Any) -> tuple[Any, ...]:
            backward(y, dy)
            return {name: gradient(leaf) for name, leaf in parameters.items()}, gradient(x)

        return y, pullback

    return vjp


class Pure:
    """One function, its parameters, and the gradients of the last backward."""

    def __init__(
        self,
        function: Function,
        parameters: Mapping[str, Tensor],
        vjp: Vjp,
        arrays: Arrays,
        dtype: torch.dtype,
        admits: Callable[[Sequence[Tensor]], None],
        signature: Signature,
        gradient: Gradient | None = None,
    ) -> None:
        self.function, self.vjp, self.arrays, self.dtype, self.admits = function, vjp, arrays, dtype, admits
        self.signature, self.gradient = signature, gradient
        self.x: Any = None  # of the last forward, with the function of it and of what is differentiated beside it
        self.of_x: Function | None = None
        self.varied: dict[str, Any] = {}
        self.further: list[str] = []  # quantities of the inputs behind x that get a gradient
        self.parameters = {name: arrays.into(value) for name, value in parameters.items()}
        self.cleared = {name: torch.zeros_like(value) for name, value in parameters.items()}
        self.latest: dict[str, Tensor] = {}
        self.output: Any = None
        self.pullback: Pullback | None = None
        self.spent = False  # whether the pullback of the last forward was called

    def forward(self, *inputs: Any) -> Any:
        """Return the output, or the outputs; the parameters are differentiated, and the inputs that get a gradient.

        Of these, all but x are so together with the parameters.
        """
        self.admits(inputs)
        x, *rest = map(self.arrays.into, inputs)
        further = self.signature.differentiated(inputs)[self.signature.first.gradient :]
        varied = {name: self.arrays.into(value) for name, value in further}
        names = [f"d{entry.name}" for entry in self.signature.inputs[1:]]

        def of_x(parameters: Any, x: Any) -> Any:
            own = lacking.GivenParameters({name: parameters[name] for name in self.parameters})
            further = [parameters[name] if name in varied else value for name, value in zip(names, rest, strict=False)]
            return self.function(own, x, *further)

        self.x, self.of_x, self.varied = x, of_x, varied
        self.output, self.pullback = self.vjp(of_x, self.parameters | varied, x)
        self.further, self.spent = list(varied), False
        shown = self.outputs()
        return shown if len(shown) > 1 else shown[0]

    def outputs(self) -> tuple[Tensor, ...]:
        """Return the outputs of the last forward."""
        values = several(self.output, len(self.signature.outputs))
        return tuple(self.arrays.out(value, self.dtype) for value in values)

    def backward(self, *cotangents: Any) -> Any:
        """Return dx, and the gradients of further inputs; of a single output, dy is 1 where none is given."""
        if self.pullback is None:
            raise Unsupported("a function that is differentiated as a whole has no backward to call first")
        if self.latest:
            raise Unsupported("gradients are returned, not accumulated")
        if self.spent:
            raise Unsupported("a function is differentiated once for each forward")
        self.spent = True
        filled = torch.ones_like if len(cotangents) == 1 else torch.zeros_like
        dys = [filled(y) if dy is None else dy for y, dy in zip(self.outputs(), cotangents, strict=True)]
        given = tuple(map(self.arrays.into, dys))
        gradients, dx = self.pullback(given if len(given) > 1 else given[0])
        self.latest = {name: self.shown(gradients[name], self.parameters[name]) for name in self.parameters}
        shown = tuple(self.shown(gradients[name], self.varied[name]) for name in self.further)
        if self.signature.first.gradient:
            shown = (self.shown(dx, self.x), *shown)
        return shown if len(shown) > 1 else (*shown, None)[0]

    def shown(self, gradient: Any, of: Any) -> Tensor:
        """Return a gradient; one that is None is of what the output does not depend on."""
        if gradient is None:
            return torch.zeros_like(self.arrays.out(of, self.dtype))
        return self.arrays.out(gradient, self.dtype)

    def second(self, cotangents: Sequence[Tensor | None], directions: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the second derivatives: vjp of a function that asks `gradient` for the first ones.

        Cotangents and directions are handed to it with the parameters, so that they are the library's own values there.
        """
        if self.gradient is None or self.of_x is None:
            raise Unsupported("the adapter does not say how gradients are differentiated (gradient=)")
        gradient, of_x = self.gradient, self.of_x
        zeros = map(torch.zeros_like, self.outputs())  # for an output on which nothing depends
        named = zip(cotangent_names(self.signature), cotangents, zeros, strict=True)
        dys = {name: self.arrays.into(zero if dy is None else dy) for name, dy, zero in named}
        vs = {f"v{number}": self.arrays.into(v) for number, v in enumerate(directions)}
        leaves = self.parameters | self.varied

        def pairing(given: Any, x: Any) -> Any:
            cotangent = tuple(given[name] for name in dys)
            own = {name: given[name] for name in leaves}
            gradients, dx = gradient(of_x, own, x, cotangent if len(cotangent) > 1 else cotangent[0])
            derivatives = [dx, *(gradients[name] for name in self.varied)]
            first, *rest = ((d * given[name]).sum() for name, d in zip(vs, derivatives, strict=True))
            return sum(rest, start=first)

        _, pullback = self.vjp(pairing, leaves | dys | vs, self.x)
        found, d2x = pullback(self.arrays.into(torch.ones((), dtype=self.dtype)))
        named_inputs = {name: name.removeprefix("d") for name in self.varied}
        of_all = {self.signature.first.name: d2x} | {named_inputs.get(name, name): found[name] for name in leaves | dys}
        return {name: self.arrays.out(value, self.dtype) for name, value in of_all.items()}

    def gradients(self) -> dict[str, Tensor]:
        return self.latest or self.cleared

    def zero_grad(self) -> None:
        self.latest = {}


class Autodiff:
    """A library that differentiates functions.

    name       of the library
    functions  by the catalogue's names: (parameters by torch's names, *inputs, **options) -> output, where options are
               keywords; those that the parameters show, by their shapes or by being there (in_features, bias ...), may
               be left out, and a parameter that is wanted and not there is unsupported. An
               operator's (Tensor.add ...) takes the arguments of the method; its second operand is the parameter other
    vjp        as jax.vjp: (function, parameters, x) -> (output, pullback); pullback(dy) -> (gradients by name, dx)
    arrays     what the library computes with
    only       by module ("*" for all) and option, the values (or the type of value) that the library supports
    gradient   where gradients can be differentiated: (function, parameters, x, dy) -> (gradients by name, dx), of the
               library's own values; vjp is then asked for the derivatives of (dx * v).sum()
    """

    explains = False

    def __init__(
        self,
        name: str,
        functions: Mapping[str, Function],
        vjp: Vjp,
        arrays: Arrays = TORCH,
        only: lacking.Only | None = None,
        gradient: Gradient | None = None,
    ) -> None:
        self.gradient, self.differentiates_twice = gradient, gradient is not None
        self.name, self.functions, self.vjp, self.arrays = name, functions, vjp, arrays
        self.outside_torch, self.wraps_torch = arrays.outside_torch, not arrays.outside_torch
        self.operators = any(map(lacking.is_operator, functions))
        self.offers, self.made_of = list(functions), list(functions.values())
        self.written = Written.here()
        self.only = entries.checked(self.written, functions, only or {})
        for module, function in functions.items():
            inputs = written()[module].most_inputs if not lacking.is_operator(module) else 0
            of_inputs = isinstance(function, FunctionOfInputs)
            first = inputs if of_inputs else inputs + 1
            entries.check_arguments(self.written, module, function, first)

    def function(self, module: str, options: Mapping[str, Any]) -> Function:
        """Return the function of a module with its options set; of a network, the composition of its layers."""
        if "layers" in options and module not in self.functions:
            return composed([self.function(inner, of_inner) for inner, of_inner in options["layers"]])
        if module not in self.functions:
            raise Unsupported(f"{self.name} has no {module}")
        function = self.functions[module]
        if lacking.is_operator(module):
            if isinstance(function, FunctionOfInputs):
                return of_x(lacking.called(self.name, module, function.function, options, self.arrays.into))
            return lacking.called(self.name, module, function, options, self.arrays.into)
        options = lacking.supported(self.name, module, options, self.only)
        left = options if isinstance(function, FunctionOfInputs) else lacking.hidden(module, function, options)
        accepted = lacking.accepted(self.name, module, function, left)
        taken = {name: self.arrays.into(value) for name, value in accepted.items()}
        return lambda parameters, *inputs: function(parameters, *inputs, **taken)

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> Pure:
        """Return the function with its parameters; raise Unsupported for what the library lacks."""
        self.arrays.require(self.name, device, dtype)
        admits = partial(lacking.require_inputs, self.name, module, self.only, options)
        return Pure(
            self.function(module, options),
            parameters,
            vjp=self.vjp,
            arrays=self.arrays,
            dtype=dtype,
            admits=admits,
            signature=lacking.signature_of(module),
            gradient=self.gradient,
        )


def composed(layers: list[Function]) -> Function:
    """Return the composition; a layer's parameters are those whose names begin with its position and a dot."""

    def function(parameters: Mapping[str, Any], x: Any) -> Any:
        for position, layer in enumerate(layers):
            prefix = f"{position}."
            own = lacking.GivenParameters(
                {name[len(prefix) :]: value for name, value in parameters.items() if name.startswith(prefix)}
            )
            x = layer(own, x)
        return x

    return function
