"""Simple recurrent network."""

import torch
from torch import Tensor

from framework import arguments
from framework.layers.recurrent import Recurrent
from framework.module import Saved
from framework.placement import Device
from framework.recurrence import Pulled, Walk


def forward(walk: Walk, nonlinearity: str) -> tuple[Saved, Saved]:
    (h,), recurrent = walk.starts, walk.weights.hh.t()
    for inputs, after in walk.moments(walk.inputs(walk.weights.both_biases()), walk.y):
        h = torch.addmm(inputs, h, recurrent, out=after)
        h = h.tanh_() if nonlinearity == "tanh" else h.clamp_min_(0)
    return (h,), ()


def backward(dy: Tensor, dends: Saved, walk: Walk, nonlinearity: str) -> Pulled:
    y, smooth, zero = walk.y, nonlinearity == "tanh", dy.new_zeros(())
    dsums = torch.empty_like(y, memory_format=torch.contiguous_format)
    slopes = torch.addcmul(y.new_ones(()), y, y, value=-1) if smooth else y <= 0  # of tanh; where there is none
    last, earlier = walk.returning(dy)
    dh = last + dends[0]
    for (slope, dsum), dy_before in zip(walk.moments(slopes, dsums)[::-1], earlier, strict=True):
        if smooth:
            torch.mul(slope, dh, out=dsum)
        else:
            torch.where(slope, zero, dh, out=dsum)  # not a product: infinity times 0 is nan
        dh = torch.addmm(dy_before, dsum, walk.weights.hh)
    return Pulled(dsums, dsums, (dh,))


class RNN(Recurrent):
    """Mix what comes in with what was at the moment before, and squash it.

    Shapes    x, dx               (L, N, D), (N, L, D) if batch_first, or (L, D)
              output, its dy      as x, with R H for D; R = 2 if bidirectional, else 1
              h0, h_n, gradients  (S, N, H) or (S, H), S = num_layers R; zeros where h0 is not given
              weight_ih_l<k>      (H, D), beyond the first layer (H, R H); weight_hh_l<k> (H, H)
              bias_ih, bias_hh    (H,), or none; of the second direction, all with _reverse
    Forward   h_t = f(weight_ih x_t + bias_ih + weight_hh h_(t-1) + bias_hh), f tanh or max(·, 0); the second direction
              reads h_(t+1) for h_(t-1); a layer reads the h of both directions of the layer below, side by side
    Backward  ds_t = f'(s_t) dh_t, s_t the sum, f' = 1 - h_t², or 1 where h_t > 0 else 0
              dh_(t-1) = dy_(t-1) + weight_hhᵀ ds_t, from dh_L = dy_L + dh_n;  dx_t = weight_ihᵀ ds_t;  dh0 = dh_0
              dweight_ih = Σ ds_t x_tᵀ;  dweight_hh = Σ ds_t h_(t-1)ᵀ;  both dbiases = Σ ds_t, over moments and samples
    Source    Elman 1990, "Finding structure in time"; Werbos 1990 (backpropagation through time); torch.nn.RNN.
    Raises    ValueError if dropout is not 0: nothing is dropped between layers; else as Recurrent.
    """

    gates = 1
    takes, optional, gives = ("x", "h0"), 1, ("output", "h_n")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        self.nonlinearity = arguments.choice(self.label(), "nonlinearity", nonlinearity, ("tanh", "relu"))
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def options(self) -> dict[str, object]:
        return super().options() | {"nonlinearity": self.nonlinearity}

    def along(self, walk: Walk) -> tuple[Saved, Saved]:
        return forward(walk, self.nonlinearity)

    def back(self, dy: Tensor, dends: Saved, walk: Walk, kept: Saved) -> Pulled:  # noqa: ARG002 - y tells it all
        return backward(dy, dends, walk, self.nonlinearity)
