"""A subject of one elementwise module: a function and its derivative, in this process."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from parity.subjects.contract import Built


class BuiltAnswers:
    """The module: y = function(x), dx = derivative(dy, x)."""

    def __init__(self, subject: "Answers") -> None:
        self.subject, self.x = subject, torch.empty(0)

    def forward(self, *inputs: Tensor) -> Tensor:
        (self.x,) = inputs
        return self.subject.function(self.x)

    def backward(self, dy: Tensor | None) -> Tensor:
        assert dy is not None
        return self.subject.derivative(dy, self.x)

    def gradients(self) -> Mapping[str, Tensor]:
        return {}

    def zero_grad(self) -> None:
        """There are none."""


class Answers:
    """A library that answers every module with the same two functions."""

    name, explains = "answers", False

    def __init__(self, function: Callable[[Tensor], Tensor], derivative: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.function, self.derivative = function, derivative

    def build(self, *_: object) -> Built:
        return BuiltAnswers(self)
