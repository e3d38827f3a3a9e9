"""Fully connected layer."""

import torch
from torch import Tensor

from framework import arguments, init, placement
from framework.module import Layer, Saved
from framework.placement import Device
from framework.sums import product


def rows(x: Tensor) -> Tensor:
    return x if x.dim() == 2 else x.reshape(-1, x.shape[-1])


def forward(x: Tensor, weight: Tensor, bias: Tensor | None) -> tuple[Tensor, Saved]:
    y = rows(x) @ weight.t() if bias is None else torch.addmm(bias, rows(x), weight.t())
    return y if x.dim() == 2 else y.reshape(*x.shape[:-1], weight.shape[0]), (x, weight)


def backward(dy: Tensor, saved: Saved, total: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Return dx, dweight and dbias; dweight is added to its total, in place, where one is given."""
    x, weight = saved
    drows = rows(dy)
    dx, dweight = drows @ weight, product(drows.t(), rows(x), total)
    return dx if x.dim() == 2 else dx.reshape(x.shape), dweight, drows.sum(0)


class Linear(Layer):
    """Map every row of x by one matrix, then add a bias.

    Shapes    x, dx   (*, D)
              y, dy   (*, O)
              weight  (O, D)
              bias    (O,), or None
    Forward   y  = x weightᵀ + bias
    Backward  dx = dy weight;  dweight = dyᵀ x;  dbias = Σ dy over all axes but the last
    Source    Rumelhart, Hinton & Williams 1986, eq. 8; initial values as torch.nn.Linear.
    Raises    ValueError if the last extent of x is not D; TypeError if its dtype is not that of weight, or an option
              is of another type.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.in_features = arguments.whole(self.label(), "in_features", in_features, 1)
        self.out_features = arguments.whole(self.label(), "out_features", out_features, 1)
        biased = arguments.boolean(self.label(), "bias", bias)
        weight = placement.empty(self.label(), self.out_features, self.in_features, on=device, of=dtype)
        self.weight = self.register("weight", init.torch_default(weight, self.in_features))
        self.bias = (
            self.register("bias", init.torch_default(weight.new_empty(self.out_features), self.in_features))
            if biased
            else None
        )

    def options(self) -> dict[str, object]:
        return {"in_features": self.in_features, "out_features": self.out_features, "bias": self.bias is not None}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)
        if x.dim() < 1 or x.shape[-1] != self.in_features:
            raise ValueError(
                f"{self.label()}: x must have {self.in_features} features on its last axis, had shape {tuple(x.shape)}"
            )
        arguments.alike(self.label(), "x", x, self.weight, "weight")

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight, self.bias)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved)

    def pull_back(self, dy: Tensor) -> Tensor:
        if (type(self).compute, type(self).differentiate) != (Linear.compute, Linear.differentiate):
            return super().pull_back(dy)  # of a subclass with formulas of its own
        dx, _, dbias = backward(dy, self.saved, self._parameters["weight"].grad)
        if self.bias is not None:
            self._parameters["bias"].grad.add_(dbias)
        return dx
