"""What every layer, loss and container is: values, gradients, and a backward pass written by hand."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from framework import arguments, placement
from framework.arguments import like, signature
from framework.memory import Memory, fit
from framework.memory import Saved as Saved
from framework.placement import Device


class Parameter(NamedTuple):
    """A value that is learnt and the gradient accumulated for it; both keep their identity for life."""

    value: Tensor
    grad: Tensor


class Module(arguments.Labelled, ABC):
    """A function of tensors that carries its own derivative.

    Forward   y = module(x)
    Backward  dx = module.backward(dy), which also adds dL/dparameter to every gradient
    Source    The interface of the student papers; parameters bear the names that torch.nn gives them.
    Raises    TypeError if another tensor is assigned to the name of a parameter, since optimisers hold the first.
    """

    _holders: list[str] | None = None  # names of attributes that may hold modules; None until they are asked for
    _accepted: tuple[Any, ...] = ()  # of what was checked last, its signature; empty where the next is to be checked

    def __init__(self) -> None:
        self.training = True
        self._parameters: dict[str, Parameter] = {}
        self._buffers: dict[str, Tensor] = {}

    @abstractmethod
    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output and keep what backward will read."""

    @abstractmethod
    def backward(self, dy: Tensor) -> Tensor:
        """Return dL/dx for the last forward, given dy = dL/dy; add dL/dparameter to every gradient."""

    def output_of(self, x: Tensor) -> Tensor:
        """Do what forward does; a layer asks no more whether it takes x."""
        return self.forward(x)

    def pull_back(self, dy: Tensor) -> Tensor:
        """Do what backward does; a layer asks no more whether dy fits and its memory holds."""
        return self.backward(dy)

    def __call__(self, *inputs: Tensor) -> Tensor:
        return self.forward(*inputs)

    def __setattr__(self, name: str, value: object) -> None:
        held = self.__dict__
        if held.get(name, held) is value:  # as after layer.weight *= 2
            return
        parameters = held.get("_parameters")
        if parameters and name in parameters and value is not parameters[name].value:
            raise TypeError(
                f"{self.label()}: {name} must stay the tensor that was registered (copy values into it with "
                f"{name}.copy_), was assigned another {type(value).__name__}"
            )
        object.__setattr__(self, name, value)
        held["_holders"], held["_accepted"] = None, ()

    def note(self, **state: object) -> None:
        """Set attributes that a call leaves, which say nothing of what this module is and takes."""
        self.__dict__.update(state)

    def children(self) -> dict[str, "Module"]:
        """Modules inside this one, by the name that prefixes their parameters.

        These are the modules among the attributes, and in lists, tuples and dicts among them; each counts once.
        """
        held = self.__dict__
        if self._holders is None:
            self.note(_holders=[name for name, value in held.items() if name not in OWN and may_hold(value)])
        if not self._holders:
            return {}
        named: dict[Module, str] = {}
        for attribute in self._holders:
            for name, module in modules_in(attribute, held.get(attribute)):
                named.setdefault(module, name)
        return {name: module for module, name in named.items()}

    def options(self) -> dict[str, object]:
        """What tells this module from others of its class, for its repr."""
        return {}

    def register(self, name: str, value: Tensor) -> Tensor:
        """Make `value` a parameter with a zero gradient; return it."""
        self._parameters[name] = Parameter(value, torch.zeros_like(value))
        self.note(_accepted=())
        return value

    def keep(self, name: str, value: Tensor) -> Tensor:
        """Make `value` a buffer: kept with the parameters, and learnt by no gradient; return it."""
        self._buffers[name] = value
        return value

    def named_buffers(self) -> dict[str, Tensor]:
        """Every buffer here and in the children, by torch's name for it."""
        named = dict(self._buffers)
        for prefix, child in self.children().items():
            named.update((f"{prefix}.{name}", value) for name, value in child.named_buffers().items())
        return named

    def named_parameters(self) -> dict[str, Parameter]:
        """Every parameter here and in the children, by torch's name for it."""
        named = dict(self._parameters)
        for prefix, child in self.children().items():
            named.update((f"{prefix}.{name}", parameter) for name, parameter in child.named_parameters().items())
        return named

    def param(self) -> list[Parameter]:
        """Every parameter as (value, grad): the very tensors, so a list taken early stays true."""
        found = list(self._parameters.values())
        for child in self.children().values():
            found += child.param()
        return found

    def zero_grad(self) -> None:
        """Set every gradient to zero, in place."""
        if grads := [grad for _, grad in self.param()]:
            torch._foreach_zero_(grads)

    def state_dict(self) -> dict[str, Tensor]:
        """Every parameter's value, and every buffer, by name: the very tensors; clone what must survive training."""
        return {name: parameter.value for name, parameter in self.named_parameters().items()} | self.named_buffers()

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Copy values in by name. Nothing is copied unless all fit; raises KeyError, TypeError or ValueError."""
        own, layer = self.state_dict(), self.label()
        for name, value in arguments.named(layer, "state", state, own).items():
            count = isinstance(value, Tensor) and value.dtype == own[name].dtype == torch.int64  # a count of batches
            arguments.shaped(layer, name, value if count else arguments.floating(layer, name, value), own[name].shape)
        for name, value in state.items():
            own[name].copy_(value)

    def train(self, mode: bool = True) -> Self:
        """Switch this module and its children to training (or evaluation) behaviour; return self."""
        self.training = arguments.boolean(self.label(), "mode", mode)
        for child in self.children().values():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Switch to evaluation behaviour; return self."""
        return self.train(False)

    def forget(self) -> None:
        """Drop what forward kept, here and in the children: backward refuses until the next forward."""
        for child in self.children().values():
            child.forget()

    def to(self, device: Device | torch.dtype | None = None, dtype: torch.dtype | None = None) -> Self:
        """Move and cast values and gradients, which stay the same tensor objects; forget the last forward; return self.

        As in torch, the first argument may be a dtype. Raises TypeError or ValueError if one is unknown or not here.
        """
        layer = self.label()
        if dtype is None and isinstance(device, torch.dtype):
            device, dtype = None, device
        place = None if device is None else placement.device(layer, device)
        kind = None if dtype is None else placement.dtype(layer, dtype)
        self.forget()
        for tensor in (*(tensor for parameter in self.param() for tensor in parameter), *self.named_buffers().values()):
            tensor.data = tensor.data.to(device=place, dtype=kind if tensor.is_floating_point() else None)
        return self

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.options().items())
        inside = "".join(
            f"\n  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in self.children().items()
        )
        return f"{self.label()}({shown}{inside}" + ("\n)" if inside else ")")


OWN = frozenset({"_parameters", "_buffers", "_holders", "_accepted"})


def may_hold(value: object) -> bool:
    """Return whether an attribute with this value may hold modules, now or later without being assigned again."""
    return isinstance(value, (Module, list, dict)) or bool(modules_in("", value))


def modules_in(name: str, held: object) -> list[tuple[str, Module]]:
    """Return the modules that an attribute holds, by name: itself, or the items of a list, tuple or dict."""
    if isinstance(held, Module):
        return [(name, held)]
    if isinstance(held, (list, tuple)):
        return [(f"{name}.{position}", item) for position, item in enumerate(held) if isinstance(item, Module)]
    if isinstance(held, dict):
        return [(f"{name}.{key}", item) for key, item in held.items() if isinstance(item, Module)]
    return []


class Differentiable(Module):
    """A module with a memory: what layers and losses share."""

    def __init__(self) -> None:
        super().__init__()
        self._memory: Memory | None = None

    @property
    def saved(self) -> Saved:
        """The tensors that backward reads, and no others; empty before the first forward."""
        return () if self._memory is None else self._memory.saved

    def remembered(self) -> Memory:
        """Return the memory of the last forward; raise RuntimeError if there is none or it does not hold any more."""
        memory = self._memory
        if memory is None:
            layer = self.label()
            raise RuntimeError(f"{layer}: backward must follow a forward that ended well, but none is remembered")
        memory.check(self)
        return memory

    def recall(self, dy: Tensor) -> Saved:
        """Return what forward saved, after checking that `dy` fits the output it gave."""
        memory = self.remembered()
        fit(self, dy, memory.output)
        return memory.saved

    def forget(self) -> None:
        self.note(_memory=None, _accepted=())
        super().forget()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_memory": None, "_accepted": ()}


class Layer(Differentiable):
    """A module of one input whose derivative is a pair of pure functions in the file of the subclass."""

    @abstractmethod
    def validate(self, x: Tensor) -> None:
        """Raise TypeError or ValueError unless `x` is an input for this layer.

        It looks at shape, dtype and device of x, never at its elements: an `x` like the last one is not asked about
        again, until an attribute of the layer is assigned, or the layer moved.
        """

    @abstractmethod
    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        """Call the file's forward function: return the output and what backward reads."""

    @abstractmethod
    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        """Call the file's backward function: return dx, then a gradient per parameter in the order of registration.

        Gradients of parameters that this layer was built without may stand at the end; they are left out.
        """

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output for the one input x; what backward reads is kept until the next forward."""
        (x,) = inputs if len(inputs) == 1 else arguments.counted(self.label(), ("x",), inputs)
        if not (like(self._accepted, x) and self.suits(x)):
            self.validate(x)  # a refused input leaves the earlier memory
            self.note(_accepted=signature(x))
        return self.output_of(x)

    def output_of(self, x: Tensor) -> Tensor:
        state = vars(self)
        state["_memory"] = None  # before there is a new one: no two at a time, and none if compute is interrupted
        y, saved = self.compute(x)
        state["_memory"] = Memory(saved, y)
        return y

    def suits(self, x: Tensor) -> bool:
        """Return whether the parameters still have the dtype and device of x, for somebody may have cast them."""
        for value, _ in self._parameters.values():
            return value.dtype == x.dtype and value.device == x.device  # the first stands for all
        return True

    def gradients(self, dy: Tensor) -> tuple[Tensor, ...]:
        """Return dL/dx for the last forward, given dy = dL/dy, and dL/dparameter for every parameter; add nothing."""
        return self.differentiate(dy, self.recall(dy))[: 1 + len(self._parameters)]

    def backward(self, dy: Tensor) -> Tensor:
        """Return dL/dx for the last forward, given dy = dL/dy; add dL/dparameter to every gradient."""
        self.recall(dy)
        return self.pull_back(dy)

    def pull_back(self, dy: Tensor) -> Tensor:
        dx, *gradients = self.differentiate(dy, self.saved)
        for parameter, gradient in zip(self._parameters.values(), gradients, strict=False):
            parameter.grad.add_(gradient)
        return dx
