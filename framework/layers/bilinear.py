"""Bilinear layer."""

import torch
from torch import Tensor

from framework import arguments, init, placement
from framework.module import Saved
from framework.placement import Device
from framework.precision import narrow, wide
from framework.several import Given, Several


def rows(x: Tensor) -> Tensor:
    """Return x as a matrix in the format that products of three factors are formed in."""
    return wide(x).reshape(-1, x.shape[-1])


def forward(x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | None) -> tuple[Tensor, Saved]:
    rows1, rows2, weights = rows(x1), rows(x2), wide(weight)
    by_one = (rows1 @ weights.transpose(0, 1).flatten(1)).view(len(rows1), len(weight), x2.shape[-1])  # (N, O, D2)
    y = by_one @ rows2.unsqueeze(-1)
    y = y.squeeze(-1) if bias is None else y.squeeze(-1) + bias
    return narrow(y, x1.dtype).reshape(*x1.shape[:-1], len(weight)), (x1, x2, weight)


def backward(dy: Tensor, saved: Saved) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    x1, x2, weight = saved
    rows1, rows2, drows = map(rows, (x1, x2, dy))
    by_dy = (drows @ wide(weight).flatten(1)).view(len(drows), *weight.shape[1:])  # (N, D1, D2)
    dx1, dx2 = by_dy @ rows2.unsqueeze(-1), rows1.unsqueeze(1) @ by_dy
    products = (drows.unsqueeze(2) * rows1.unsqueeze(1)).flatten(1)  # (N, O D1)
    dweight = (products.t() @ rows2).view(weight.shape)
    dx1, dx2, dweight, dbias = (narrow(value, dy.dtype) for value in (dx1, dx2, dweight, drows.sum(0)))
    return dx1.reshape(x1.shape), dx2.reshape(x2.shape), dweight, dbias


class Bilinear(Several):
    """Join two inputs: every output is a bilinear form of a row of x1 and the same row of x2.

    Shapes    input1, dinput1  (*, D1), also x1
              input2, dinput2  (*, D2), also x2
              output, dy       (*, O)
              weight           (O, D1, D2)
              bias             (O,), or None
    Forward   y_o = x1ᵀ weight_o x2 + bias_o
    Backward  dx1 = Σ dy_o weight_o x2;  dx2 = Σ dy_o weight_oᵀ x1, over o
              dweight_o = Σ dy_o x1 x2ᵀ;  dbias = Σ dy, over all axes but the last
    Source    Tenenbaum & Freeman 2000, "Separating style and content with bilinear models", eq. 1; torch.nn.Bilinear.
    Raises    ValueError if the extents of the inputs do not fit; TypeError if their dtype is not that of weight, or an
              option is of another type.
    """

    takes = ("input1", "input2")

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        layer = self.label()
        self.in1_features = arguments.whole(layer, "in1_features", in1_features, 1)
        self.in2_features = arguments.whole(layer, "in2_features", in2_features, 1)
        self.out_features = arguments.whole(layer, "out_features", out_features, 1)
        biased = arguments.boolean(layer, "bias", bias)
        weight = placement.empty(layer, out_features, in1_features, in2_features, on=device, of=dtype)
        self.weight = self.register("weight", init.torch_default(weight, in1_features))
        self.bias = (
            self.register("bias", init.torch_default(weight.new_empty(out_features), in1_features)) if biased else None
        )

    def options(self) -> dict[str, object]:
        names = ("in1_features", "in2_features", "out_features")
        return {name: getattr(self, name) for name in names} | {"bias": self.bias is not None}

    def validate(self, given: Given) -> None:
        layer, sizes = self.label(), (self.in1_features, self.in2_features)
        for name, x, size in zip(self.takes, given, sizes, strict=True):
            arguments.alike(layer, name, arguments.floating(layer, name, x), self.weight, "weight")
            if x.dim() < 1:
                raise ValueError(f"{layer}: {name} must have {size} features on its last axis, had shape ()")
            arguments.shaped(layer, name, x, (*given[0].shape[:-1], size))

    def compute(self, given: Given) -> tuple[tuple[Tensor, ...], Saved]:
        x1, x2 = given
        y, saved = forward(x1, x2, self.weight, self.bias)
        return (y,), saved

    def differentiate(self, dys: tuple[Tensor, ...], saved: Saved) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        dx1, dx2, *gradients = backward(dys[0], saved)
        return (dx1, dx2), tuple(gradients)
