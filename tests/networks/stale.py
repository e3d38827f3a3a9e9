"""Layers that are right in their first call, and keep from it what they should not: only a training shows it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

import framework
from parity.subjects.framework import BuiltModule


class Calls(BuiltModule):
    """A layer whose two calls are methods, so that they can be overridden."""

    def __init__(self, module: framework.Module) -> None:
        super().__init__(module)
        self.forward, self.zero_grad = self.called, self.cleared

    def called(self, *inputs: Any) -> Any:
        return self.module.forward(*inputs)

    def cleared(self) -> None:
        self.module.zero_grad()


class TransposedOnce(Calls):
    """A dense layer that transposes its weight in the first forward, and takes what it has by then ever after."""

    transposed: Tensor | None = None

    def called(self, *inputs: Any) -> Any:
        self.module.forward(*inputs)
        state = self.module.state_dict()
        if self.transposed is None:
            self.transposed = state["weight"].t().clone()
        return inputs[0] @ self.transposed + state["bias"]


class KeyedByObject(Calls):
    """A layer that remembers its output for each tensor that it was given."""

    def __init__(self, module: framework.Module) -> None:
        super().__init__(module)
        self.known: list[tuple[Tensor, Tensor]] = []

    def called(self, *inputs: Any) -> Any:
        y = self.module.forward(*inputs)
        for x, before in self.known:
            if x is inputs[0]:
                return before.clone()
        self.known.append((inputs[0], y.clone()))
        return y


class ClearedOnce(Calls):
    """A layer whose gradients are cleared once, and then no more."""

    times = 0

    def cleared(self) -> None:
        self.times += 1
        if self.times == 1:
            self.module.zero_grad()


class SlowingAverage(Calls):
    """A batch normalisation whose running statistics move less with every batch that it has seen."""

    def __init__(self, module: framework.Module) -> None:
        super().__init__(module)
        self.times, self.kept = 0, dict[str, Tensor]()
        self.buffers = lambda: self.kept or module.named_buffers()

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        super().load_buffers(values)
        self.kept = {}

    def called(self, *inputs: Any) -> Any:
        before = {name: value.clone() for name, value in self.module.named_buffers().items()}
        y = self.module.forward(*inputs)
        self.times += 1
        moved = {name: value - before[name] for name, value in self.module.named_buffers().items()}
        self.kept = {name: self.kept.get(name, before[name]) + by / self.times for name, by in moved.items()}
        return y


class TenthBuffer(Calls):
    """A layer with ten buffers for gradients in turn, of which the last is not cleared before it is written."""

    times = 0

    def backward(self, *cotangents: Any) -> Any:
        self.times += 1
        before = {name: value.clone() for name, value in self.gradients().items()}
        dx = super().backward(*cotangents)
        for name, value in self.gradients().items():
            value.add_(value - before[name], alpha=float(self.times % 10 == 0))
        return dx


class MaskOfTheFirst(Calls):
    """An attention that keeps the mask of its first batch, since the next has the same shape."""

    mask: Tensor | None = None

    def called(self, *inputs: Any) -> Any:
        if len(inputs) < 4 or inputs[3] is None:
            return self.module.forward(*inputs)
        self.mask = inputs[3].clone() if self.mask is None else self.mask
        return self.module.forward(*inputs[:3], self.mask)


class CopiedParameters(Calls):
    """A layer that computes with a copy of the parameters that it shows, made when it is built."""

    def __init__(self, module: framework.Module) -> None:
        super().__init__(module)
        self.shown = [(value.clone(), grad) for value, grad in module.param()]
        self.param = lambda: self.shown
        self.state_dict = self.state

    def state(self) -> dict[str, Tensor]:
        return {name: value for name, (value, _) in zip(self.gradients(), self.shown, strict=True)}


class ParametersOfACopy(Calls):
    """A layer whose list of parameters is a copy, made whenever it is asked for."""

    def __init__(self, module: framework.Module) -> None:
        super().__init__(module)
        self.param = lambda: [(value.clone(), grad) for value, grad in module.param()]


class Stale(NamedTuple):
    """A layer, where it is trained, and the first quantity that is wrong then, with its step."""

    layer: str
    kind: type[Calls]
    page: str
    case: str
    quantity: str
    step: int


STALE = (
    Stale("Linear", TransposedOnce, "LSTMClassifier", "plain", "output", 2),
    Stale("Sequential", KeyedByObject, "Sequential", "dense-tanh", "output", 5),
    Stale("Conv2d", KeyedByObject, "UNetDenoiser", "plain", "output", 5),
    Stale("Linear", ClearedOnce, "TransformerBlock", "plain", "dlinear1.weight", 2),
    Stale("BatchNorm2d", SlowingAverage, "ResidualBlock", "same-shape", "bn1.running_mean", 2),
    Stale("Conv2d", TenthBuffer, "UNetDenoiser", "plain", "denter.weight", 10),
    Stale("MultiheadAttention", MaskOfTheFirst, "TransformerBlock", "padded", "output", 2),
    Stale("Linear", CopiedParameters, "LSTMClassifier", "plain", "output", 2),
)
