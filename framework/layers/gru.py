"""Gated recurrent unit."""

import torch
from torch import Tensor

from framework.layers.recurrent import Recurrent
from framework.module import Saved
from framework.placement import Device
from framework.recurrence import Pulled, Walk


def forward(walk: Walk) -> tuple[Saved, Saved]:
    (h,), (_, weight, bias_ih, bias_hh) = walk.starts, walk.weights
    units, recurrent = walk.y.shape[-1], weight.t()
    inputs = walk.inputs(bias_ih)
    gates, new = torch.empty_like(inputs), inputs.new_empty(walk.y.shape)  # r, z, and what units give to n; n
    r, z, of_units = gates.chunk(3, -1)
    summed, to_new = inputs[..., : 2 * units], inputs[..., 2 * units :]
    parts = (gates, gates[..., : 2 * units], r, z, of_units, summed, to_new, new, walk.y)
    for all_t, r_and_z, r_t, z_t, of_units_t, summed_t, to_new_t, n_t, h_t in walk.moments(*parts):
        torch.mm(h, recurrent, out=all_t) if bias_hh is None else torch.addmm(bias_hh, h, recurrent, out=all_t)
        r_and_z.add_(summed_t).sigmoid_()
        torch.addcmul(to_new_t, r_t, of_units_t, out=n_t).tanh_()
        h = torch.addcmul(n_t, z_t, torch.sub(h, n_t, out=h_t), out=h_t)
    return (h,), (gates, new)


def backward(dy: Tensor, dends: Saved, walk: Walk, kept: Saved) -> Pulled:
    gates, n = kept
    r, z, of_units = gates.chunk(3, -1)
    dgates = (1 - gates).mul_(gates)  # slopes of σ; then what dh is multiplied by
    dr, dz, dunits = dgates.chunk(3, -1)
    dn = torch.addcmul(n.new_ones(()), n, n, value=-1).mul_(1 - z)
    gap = n.neg()
    for part, h in walk.meetings(gap, walk.y, walk.starts[0]):
        part.add_(h)
    dz.mul_(gap)
    torch.mul(dn, r, out=dunits)
    dr.mul_(of_units).mul_(dn)
    last, earlier = walk.returning(dy)
    dhs = [last + dends[0]]
    parts = walk.moments(dgates, dgates.view(*n.shape[:2], 3, n.shape[2]), z)[::-1]
    for (dgates_t, by_gate, z_t), dy_before in zip(parts, earlier, strict=True):
        by_gate.mul_(dhs[-1].unsqueeze(1))
        dhs.append(torch.addcmul(dy_before, dhs[-1], z_t).addmm_(dgates_t, walk.weights.hh))
    *along, dstart = dhs
    dn.mul_(torch.stack(along if walk.backwards else along[::-1]))
    return Pulled(torch.cat((dgates[..., : -n.shape[-1]], dn), -1), dgates, (dstart,))


class GRU(Recurrent):
    """Keep a part of what was, and take the rest anew from what comes in and from what was.

    Shapes    x, dx               (L, N, D), (N, L, D) if batch_first, or (L, D)
              output, its dy      as x, with R H for D; R = 2 if bidirectional, else 1
              h0, h_n, gradients  (S, N, H) or (S, H), S = num_layers R; zeros where h0 is not given
              weight_ih_l<k>      (3H, D), beyond the first layer (3H, R H); weight_hh_l<k> (3H, H); rows of r, z, n
              bias_ih, bias_hh    (3H,), or none; of the second direction, all with _reverse
    Forward   a = weight_ih x_t + bias_ih, u = weight_hh h_(t-1) + bias_hh, of the rows of each
              r, z = σ(a + u);  n = tanh(a + r u);  h_t = n + z (h_(t-1) - n); a walk in the second direction comes from
              t + 1; a layer reads the h of both directions of the layer below, side by side
    Backward  dn = dh (1 - z) (1 - n²), of its a;  du = (dn u_n r(1 - r), dh (h_(t-1) - n) z(1 - z), dn r);  da as du,
              but dn in its third part;  dh_(t-1) = dy_(t-1) + dh z + weight_hhᵀ du, from dh_L = dy_L + dh_n
              dx_t = weight_ihᵀ da;  dweight_ih = Σ da x_tᵀ;  dweight_hh = Σ du h_(t-1)ᵀ;  dbias_ih = Σ da
              dbias_hh = Σ du, over moments and samples
    Source    Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", eq. 5-8; r outside of the
              product, as in torch.nn.GRU.
    Raises    ValueError if dropout is not 0: nothing is dropped between layers; else as Recurrent.
    """

    gates = 3
    takes, optional, gives = ("x", "h0"), 1, ("output", "h_n")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def along(self, walk: Walk) -> tuple[Saved, Saved]:
        return forward(walk)

    def back(self, dy: Tensor, dends: Saved, walk: Walk, kept: Saved) -> Pulled:
        return backward(dy, dends, walk, kept)
