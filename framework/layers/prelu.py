"""Leaky rectified linear unit whose slope is learnt."""

import torch
from torch import Tensor

from framework import arguments, blocks, placement
from framework.module import Layer, Saved
from framework.placement import Device
from framework.precision import wide


def aligned(weight: Tensor, x: Tensor) -> Tensor:
    """Return weight such that it broadcasts over x: one slope for all, or one for each of the channels of axis 1."""
    return weight.reshape(()) if len(weight) == 1 else weight.reshape(-1, *[1] * (x.dim() - 2))


def forward(x: Tensor, weight: Tensor) -> tuple[Tensor, Saved]:
    y = torch.empty_like(x)
    for part, out in blocks.cut(x, y):
        torch.clamp_min(part, 0, out=out).addcmul_(part.clamp_max(0), aligned(weight, x))
    return y, (x, weight)


def backward(dy: Tensor, saved: Saved) -> tuple[Tensor, Tensor]:
    x, weight = saved
    positive = torch.empty_like(x)
    torch.gt(x, 0, out=positive)
    derivative = torch.lerp(aligned(weight, x), x.new_ones(()), positive)  # weight or 1, each exactly
    shares = wide(x).clamp_max(0).mul_(dy)
    whole = [axis for axis in range(x.dim()) if axis != 1] if len(weight) > 1 else list(range(x.dim()))
    return derivative.mul_(dy), shares.sum(whole).reshape(weight.shape).to(weight.dtype)


class PReLU(Layer):
    """Pass what is positive, and a learnt fraction of what is negative.

    Shapes    x, dx, y, dy  (*), or (N, C, *) where num_parameters = C is above 1
              weight        (num_parameters,): one for all, or one a channel
    Forward   y  = max(x, 0) + weight · min(x, 0)
    Backward  dx = dy where x > 0, else weight · dy;  dweight = Σ dy min(x, 0), over all axes, or over all but C
    Source    He, Zhang, Ren & Sun 2015, "Delving deep into rectifiers", eq. 1, 8 and 9; torch.nn.PReLU.
    Raises    ValueError if num_parameters is below 1, init is not finite, or x has not as many channels; TypeError if
              the dtype of x is not that of weight, or an option is of another type.
    """

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.num_parameters = arguments.whole(self.label(), "num_parameters", num_parameters, 1)
        self.init = arguments.number(self.label(), "init", init)
        value = placement.empty(self.label(), self.num_parameters, on=device, of=dtype)
        self.weight = self.register("weight", value.fill_(self.init))

    def options(self) -> dict[str, object]:
        return {"num_parameters": self.num_parameters, "init": self.init}

    def validate(self, x: Tensor) -> None:
        arguments.floating(self.label(), "x", x)
        if self.num_parameters > 1:
            arguments.channelled(self.label(), x, self.num_parameters, 2)
        arguments.alike(self.label(), "x", x, self.weight, "weight")

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        return forward(x, self.weight)

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved)
