"""What every layer, loss and container is: values, gradients, and a backward pass written by hand."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from framework import arguments

Saved = tuple[Tensor, ...]


class Parameter(NamedTuple):
    """A value that is learnt and the gradient accumulated for it; both keep their identity for life."""

    value: Tensor
    grad: Tensor


class Module(ABC):
    """A function of tensors that carries its own derivative.

    Forward   y = module(x)
    Backward  dx = module.backward(dy), which also adds dL/dparameter to every gradient
    Source    The interface of the student papers; parameters bear the names that torch.nn gives them.
    """

    def __init__(self) -> None:
        self.training = True
        self._parameters: dict[str, Parameter] = {}

    @abstractmethod
    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output and keep what backward will read."""

    @abstractmethod
    def backward(self, dy: Tensor) -> Tensor:
        """Return dL/dx for the last forward, given dy = dL/dy; add dL/dparameter to every gradient."""

    def __call__(self, *inputs: Tensor) -> Tensor:
        return self.forward(*inputs)

    def children(self) -> dict[str, "Module"]:
        """Modules inside this one, by the name that prefixes their parameters."""
        return {}

    def options(self) -> dict[str, object]:
        """What tells this module from others of its class, for its repr."""
        return {}

    def register(self, name: str, value: Tensor) -> Tensor:
        """Make `value` a parameter with a zero gradient; return it."""
        self._parameters[name] = Parameter(value, torch.zeros_like(value))
        return value

    def named_parameters(self) -> dict[str, Parameter]:
        """Every parameter here and in the children, by torch's name for it."""
        named = dict(self._parameters)
        for prefix, child in self.children().items():
            named.update((f"{prefix}.{name}", parameter) for name, parameter in child.named_parameters().items())
        return named

    def param(self) -> list[Parameter]:
        """Every parameter as (value, grad): the very tensors, so a list taken early stays true."""
        return list(self.named_parameters().values())

    def zero_grad(self) -> None:
        """Set every gradient to zero, in place."""
        for _, grad in self.param():
            grad.zero_()

    def state_dict(self) -> dict[str, Tensor]:
        """Every parameter's value by name: the very tensors; clone what must survive training."""
        return {name: parameter.value for name, parameter in self.named_parameters().items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Copy values in by name. Nothing is copied unless all fit; raises KeyError, TypeError or ValueError."""
        own, layer = self.state_dict(), type(self).__name__
        if own.keys() != state.keys():
            raise KeyError(f"{layer}: state must hold exactly {sorted(own)}, held {sorted(state)}")
        for name, value in state.items():
            arguments.shaped(layer, name, arguments.floating(layer, name, value), own[name].shape)
        for name, value in state.items():
            own[name].copy_(value)

    def train(self, mode: bool = True) -> Self:
        """Switch this module and its children to training (or evaluation) behaviour; return self."""
        self.training = mode
        for child in self.children().values():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Switch to evaluation behaviour; return self."""
        return self.train(False)

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """Move and cast values and gradients, which stay the same tensor objects; return self."""
        if dtype is not None and not dtype.is_floating_point:
            raise TypeError(f"{type(self).__name__}: dtype must be a floating-point dtype, was {dtype}")
        for tensor in (tensor for parameter in self.param() for tensor in parameter):
            tensor.data = tensor.data.to(device=device, dtype=dtype)
        return self

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.options().items())
        inside = "".join(
            f"\n  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in self.children().items()
        )
        return f"{type(self).__name__}({shown}{inside}" + ("\n)" if inside else ")")


def versions(tensors: Saved) -> tuple[int, ...]:
    """Return torch's count of in-place writes to each tensor (inference tensors are not counted by torch)."""
    return tuple(0 if tensor.is_inference() else tensor._version for tensor in tensors)


class Memory:
    """What a forward pass leaves for its backward pass, guarded against change in between."""

    def __init__(self, saved: Saved, output: Tensor) -> None:
        self.saved = saved
        self.shape, self.dtype, self.device = output.shape, output.dtype, output.device
        self._versions = versions(saved)

    def recall(self, layer: str) -> Saved:
        """Return the saved tensors; raise RuntimeError if one was written to since they were saved."""
        if self._versions != versions(self.saved):
            raise RuntimeError(
                f"{layer}: the tensors of forward must be unchanged until backward, "
                f"but one was written to in place; call forward again"
            )
        return self.saved


class Differentiable(Module):
    """A module with a memory: what layers and losses share."""

    def __init__(self) -> None:
        super().__init__()
        self._memory: Memory | None = None

    @property
    def saved(self) -> Saved:
        """The tensors that backward reads, and no others; empty before the first forward."""
        return () if self._memory is None else self._memory.saved

    def remember(self, saved: Saved, output: Tensor) -> Tensor:
        """Keep `saved` for backward; return `output`."""
        self._memory = Memory(saved, output)
        return output

    def recall(self, dy: Tensor | None) -> Saved:
        """Return what forward saved, after checking that `dy` fits the output it gave."""
        layer = type(self).__name__
        if self._memory is None:
            raise RuntimeError(f"{layer}: backward must follow a forward, but none was called")
        if dy is not None:
            arguments.shaped(layer, "dy", arguments.floating(layer, "dy", dy), self._memory.shape)
            if dy.dtype != self._memory.dtype or dy.device != self._memory.device:
                raise TypeError(
                    f"{layer}: dy must be {self._memory.dtype} on {self._memory.device} as the output was, "
                    f"was {dy.dtype} on {dy.device}"
                )
        return self._memory.recall(layer)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_memory": None}


class Layer(Differentiable):
    """A module of one input whose derivative is a pair of pure functions in the file of the subclass."""

    @abstractmethod
    def validate(self, x: Tensor) -> None:
        """Raise TypeError or ValueError unless `x` is an input for this layer."""

    @abstractmethod
    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        """Call the file's forward function: return the output and what backward reads."""

    @abstractmethod
    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        """Call the file's backward function: return dx, then a gradient per parameter in the order of registration."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output for the one input x; what backward reads is kept until the next forward."""
        (x,) = arguments.counted(type(self).__name__, ("x",), inputs)
        self.validate(x)
        y, saved = self.compute(x)
        return self.remember(saved, y)

    def backward(self, dy: Tensor) -> Tensor:
        """Return dL/dx for the last forward, given dy = dL/dy; add dL/dparameter to every gradient."""
        dx, *gradients = self.differentiate(dy, self.recall(dy))
        for parameter, gradient in zip(self._parameters.values(), gradients, strict=True):
            parameter.grad.add_(gradient)
        return dx
