"""Negative log-likelihood of numbers that have a variance each."""

from math import log, pi

from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, alike, chained
from framework.module import Saved
from framework.precision import wide


def beside(var: Tensor, input: Tensor) -> Tensor:
    """Return the variances with an axis for each of the input's."""
    return var if var.dim() == input.dim() else var.unsqueeze(-1)


def forward(input: Tensor, target: Tensor, var: Tensor, full: bool, eps: float) -> tuple[Tensor, Saved]:
    """Return the values and what backward reads; formats of 16 bits are computed in float32, for quotients overflow."""
    v, off = wide(var).clamp_min(eps), wide(input) - target
    ratio = off / beside(v, off)
    values = off.mul_(ratio).add_(beside(v.log(), off)).mul_(0.5)
    return (values.add_(0.5 * log(2 * pi)) if full else values).to(input.dtype), (ratio, v)


def backward(dy: Tensor, saved: Saved, scale: float = 1.0) -> tuple[Tensor, Tensor, Tensor]:
    ratio, v = saved
    dinput = chained(ratio.clone(), wide(dy), scale).to(dy.dtype)
    shared = beside(v, ratio)
    dvar = chained(shared.reciprocal() - ratio.square(), wide(dy), scale / 2)
    return dinput, dinput.neg(), dvar.sum_to_size(shared.shape).view(v.shape).to(dy.dtype)


class GaussianNLLLoss(Loss):
    """Negative log-likelihood of target under normal distributions of mean input and variance var.

    Shapes    input, target, dinput, dtarget  (*)
              var, dvar                       (*), or with 1 for one of its extents, or without the last
              y, dy                           (), or (*) when reduction is none
    Forward   values = (log v + (input - target)² / v) / 2,  v = max(var, eps);  full adds log(2π) / 2
    Backward  dinput = (input - target) / v · scale · dy;  dtarget = -dinput
              dvar   = (1 / v - (input - target)² / v²) / 2 · scale · dy, summed over what shares a variance;
              also where var < eps: the bound is no part of the derivative
    Source    Nix & Weigend 1994, "Estimating the mean and variance of the target probability distribution";
              torch.nn.GaussianNLLLoss.
    Raises    ValueError if eps is negative or not finite, var holds a negative number, or the inputs differ in shape,
              but for var, or device; TypeError if full is no bool, eps no number, or the inputs differ in dtype.
    """

    takes = ("input", "target", "var")

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.full = arguments.boolean(self.label(), "full", full)
        self.eps = arguments.number(self.label(), "eps", eps, least=0.0)

    def options(self) -> dict[str, object]:
        return super().options() | {"full": self.full, "eps": self.eps}

    def validate(self, input: Tensor, target: Tensor, var: Tensor) -> None:
        layer = self.label()
        alike(layer, self.takes[:2], (input, target))
        shape = input.shape
        arguments.alike(layer, "var", arguments.floating(layer, "var", var), input, "input")
        shared = [own for own, extent in zip(var.shape, shape, strict=False) if own != extent]
        if var.shape != shape[:-1] and not (var.dim() == len(shape) and shared in ([], [1])):
            raise ValueError(
                f"{layer}: var must have the shape of input, {tuple(shape)}, 1 for one of its extents, or all but the "
                f"last, had {tuple(var.shape)}"
            )

    def examine(self, input: Tensor, target: Tensor, var: Tensor) -> Saved:
        if (var < 0).any():
            raise ValueError(f"{self.label()}: var must hold no negative number, held {var.min().item()}")
        return input, target, var

    def compute(self, input: Tensor, target: Tensor, var: Tensor) -> tuple[Tensor, Saved]:
        return forward(input, target, var, self.full, self.eps)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> tuple[Tensor, Tensor, Tensor]:
        return backward(dy, saved, scale)
