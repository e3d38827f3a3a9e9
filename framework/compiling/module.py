"""A module whose whole forward and whole backward torch.compile makes of its pure functions, each one piece of code.

Pieces are made for a signature: shapes, formats, places and modes of what a call meets, laid out row by row. The first
call of a signature is the module's own, which refuses what it cannot take; from the second on it is compiled. What is
asked of elements, such as classes, is asked each time, but for predictions within a step. torch's own guards are left
out: the signature says the same, in less time.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from types import FunctionType
from typing import Any, cast

import torch
from torch import Tensor

from framework import arguments
from framework.arguments import signature
from framework.layers.sequential import Sequential, descendants
from framework.losses.loss import Loss, one
from framework.memory import Memory, fit
from framework.module import Differentiable, Layer, Module, Parameter
from framework.placement import Device

Kept = Any  # what backward reads: tensors of a layer, of a loss those and its scale, of modules in a row that of each
Signature = tuple[Any, ...]
NUMBERS = count()


def compute(module: Module, *inputs: Any) -> tuple[Tensor, Kept]:
    """Return the output of a layer, of layers in a row or of a loss, and what their backward reads.

    The inputs of a loss are those that it has examined.
    """
    if isinstance(module, (Layer, Loss)):
        values, saved = module.compute(*inputs)
        if isinstance(module, Layer):
            return values, saved
        y, scale = module.reduce(values, saved)
        return y, (saved, scale)
    (x,), kept = inputs, []
    for child in module.children().values():
        x, of_child = compute(child, x)
        kept.append(of_child)
    return x, tuple(kept)


def differentiate(module: Module, dy: Tensor, kept: Kept) -> tuple[Any, list[Tensor]]:
    """Return dx, of several inputs a tuple, and a gradient for every parameter, in the order of `param`."""
    if isinstance(module, Loss):
        return module.differentiate(dy, *kept), []
    if isinstance(module, Layer):
        dx, *gradients = module.differentiate(dy, kept)
        return dx, gradients[: len(module.param())]
    gradients = []
    for child, of_child in zip(reversed(module.children().values()), reversed(kept), strict=True):
        dy, own = differentiate(child, dy, of_child)
        gradients = [*own, *gradients]
    return dy, gradients


def pull_back(module: Module, parameters: list[Parameter], dy: Tensor, kept: Kept) -> Any:
    """Return dx; add dL/dparameter to every gradient."""
    dx, gradients = differentiate(module, dy, kept)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad.add_(gradient)
    return dx


def fresh(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a copy of a function, for torch keeps what it compiled beside the code of a function."""
    model = cast(FunctionType, function)
    code = model.__code__.replace(co_name=f"{model.__name__}_{next(NUMBERS)}")
    return FunctionType(code, model.__globals__, model.__name__)


class Pieces:
    """What was compiled, by the signature that it is for."""

    def __init__(self) -> None:
        self.made: dict[Signature, Callable[..., Any]] = {}
        self.met = set[Signature]()

    def call(self, asker: str, signature: Signature, function: Callable[..., Any], *given: Any) -> Any:
        """Call a function, compiled for the signature; raise RuntimeError where that fails."""
        try:
            if signature in self.made:
                return self.made[signature](*given)
            options: Any = {"guard_filter_fn": torch.compiler.skip_all_guards_unsafe}
            self.made[signature] = torch.compile(fresh(function), fullgraph=True, dynamic=False, options=options)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of torch's own code, about itself
                return self.made[signature](*given)
        except Exception as error:
            said = " ".join(" ".join(f"{type(error).__name__}: {error}".splitlines()[:2]).split())
            raise RuntimeError(f"{asker}: torch.compile must be able to compile it, but stopped: {said}") from error


def tensors_in(kept: Kept) -> Iterator[Tensor]:
    """Yield the tensors of what backward reads."""
    if isinstance(kept, Tensor):
        yield kept
    elif isinstance(kept, tuple):
        for inner in kept:
            yield from tensors_in(inner)


def twins(tensors: Iterable[Tensor]) -> tuple[int, ...]:
    """Return which tensors are one object, of which a compiler makes one input: nothing where none are."""
    names = list(map(id, tensors))
    return () if len(set(names)) == len(names) else tuple(map(names.index, names))


def form(value: Any) -> Any:
    """Return what of an input code depends on: of a tensor, of those in a tuple, or of None."""
    if isinstance(value, Tensor):
        return signature(value)
    return tuple(map(form, value)) if isinstance(value, tuple) else value


class Compiled(Differentiable):
    """A layer, layers in a row, or a loss, compiled; it has the parameters of the module, by the same names.

    Shapes    those of the module
    Forward   y  = module(x), in one piece of code
    Backward  dx = module.backward(dy), in another, which adds to the gradients too
    Source    torch.compile of the pure functions of the layers
    Raises    TypeError if the module is neither a Layer, nor a Sequential of such, nor a Loss; RuntimeError, in a
              call, where torch.compile fails, as without a C++ compiler, or on a layer whose formula looks at numbers;
              whatever the layers raise for an input that they refuse.

    Compiled code rounds elsewhere: the first call of a signature and later ones may differ in their last bits. Options
    are part of the code: what is changed in the module later is not seen. `alike` is a compiled module of the
    same layers and options, whose code is used too.
    """

    def __init__(self, module: Module, alike: "Compiled | None" = None) -> None:
        super().__init__()
        inside = [module, *descendants(module)]
        for inner in inside:
            if not isinstance(inner, (Layer, Sequential)) and not (inner is module and isinstance(inner, Loss)):
                raise TypeError(f"compile: module must be a Layer, a Sequential of such, or a Loss, held {inner!r}")
        self._module, self._inside = cast(Differentiable, module), cast(list[Differentiable], inside)
        self._pieces: Pieces = Pieces() if alike is None else alike._pieces
        self._last: tuple[Signature, Kept] | None = None  # None where the last forward was the module's own
        self._parameters, self._buffers = module._parameters, module._buffers

    def label(self) -> str:
        return f"compiled {self._module.label()}"

    def children(self) -> dict[str, Module]:
        return self._module.children()

    def form(self, *given: Any) -> Signature:
        """Return what decides which code is right for a call."""
        values = [parameter.value for parameter in self.param()]
        return (
            form(given),
            twins((*tensors_in(given), *values)),
            *[(value.dtype, value.device) for value in values],
            *[inner.training for inner in self._inside],
        )

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output for x, or for the inputs of a loss; what backward reads is kept until the next forward."""
        takes = self._module.takes if isinstance(self._module, Loss) else ("x",)
        given = arguments.counted(self.label(), takes, inputs)
        arguments.floating(self.label(), takes[0], given[0])
        given = tuple(value.contiguous() for value in given)
        examined = self._module.checked(*given) if isinstance(self._module, Loss) else given
        at = self.form(*examined)
        if at not in self._pieces.met:
            y: Tensor = self._module.forward(*given)  # an input that is refused leaves all as it was
            self._pieces.met.add(at)
            self.note(_last=None, _memory=Memory(self._module.saved, y, self.memories()))
            return y
        self.note(_memory=None)
        for inner in self._inside:
            vars(inner)["_memory"] = None
        y, kept = self._pieces.call(self.label(), at, compute, self._module, *examined)
        self.note(_last=(at, kept), _memory=Memory(tuple(tensors_in(kept)), y, self.memories()))
        return y

    def memories(self) -> tuple[Memory | None, ...]:
        """Return the memories of the modules inside: None of those that were not called but by compiled code."""
        return tuple([inner._memory for inner in self._inside])

    def remembered(self) -> Memory:
        memory = super().remembered()
        if memory.inside != self.memories():
            raise RuntimeError(
                f"{self.label()}: the module inside must be left alone between forward and backward, "
                "but it was called or moved; call forward again"
            )
        return memory

    def backward(self, dy: Tensor | None = None) -> Any:
        """Return dL/dx for the last forward, given dy = dL/dy, which of a loss may be left out; add dL/dparameter to
        every gradient."""
        _, dtype, device = output = self.remembered().output
        if dy is None and isinstance(self._module, Loss) and self._module.reduction != "none":
            dy = one(dtype, device)
        fit(self, dy, output)  # type: ignore[arg-type]  # None is refused there
        if self._last is None:
            return self._module.backward(dy)  # type: ignore[arg-type]
        of_forward, kept = self._last
        parameters, dy = self.param(), dy.contiguous()  # type: ignore[union-attr]
        at = (*of_forward, twins((dy, *tensors_in(kept), *(tensor for pair in parameters for tensor in pair))))
        return self._pieces.call(self.label(), at, pull_back, self._module, parameters, dy, kept)

    def to(self, device: Device | torch.dtype | None = None, dtype: torch.dtype | None = None) -> "Compiled":
        self._module.to(device, dtype)
        self.forget()
        return self

    def train(self, mode: bool = True) -> "Compiled":
        self._module.train(mode)
        return super().train(mode)

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_pieces": Pieces(), "_last": None}


def compile(module: Module) -> Compiled:
    """Return the module compiled: the same parameters, by the same names, and the same interface."""
    return Compiled(module)
