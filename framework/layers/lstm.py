"""Long short-term memory."""

import torch
from torch import Tensor

from framework import arguments
from framework.layers.recurrent import Recurrent
from framework.module import Saved
from framework.placement import Device
from framework.recurrence import Pulled, Walk


def forward(walk: Walk) -> tuple[Saved, Saved]:
    (h, c), recurrent = walk.starts, walk.weights.hh.t()
    gates = walk.inputs(walk.weights.both_biases())
    i, f, g, o = gates.chunk(4, -1)
    cells, squashed = (torch.empty_like(i, memory_format=torch.contiguous_format) for _ in range(2))
    i_and_f = gates[..., : 2 * i.shape[-1]]
    parts = (gates, i_and_f, i, f, g, o, cells, squashed, walk.y)
    for all_t, i_and_f_t, i_t, f_t, g_t, o_t, c_t, squashed_t, h_t in walk.moments(*parts):
        all_t.addmm_(h, recurrent)
        i_and_f_t.sigmoid_()
        g_t.tanh_()
        o_t.sigmoid_()
        c = torch.mul(f_t, c, out=c_t).addcmul_(i_t, g_t)
        h = torch.mul(o_t, torch.tanh(c, out=squashed_t), out=h_t)
    return (h, c), (gates, cells, squashed)


def backward(dy: Tensor, dends: Saved, walk: Walk, kept: Saved) -> Pulled:
    gates, cells, squashed = kept
    i, f, g, o = gates.chunk(4, -1)
    dgates, one = (1 - gates).mul_(gates), gates.new_ones(())  # slopes of σ; then what dc, or dh, is multiplied by
    di, df, dg, do = dgates.chunk(4, -1)
    di.mul_(g)
    for slope, c in walk.meetings(df, cells, walk.starts[1]):
        slope.mul_(c)
    torch.addcmul(one, g, g, value=-1, out=dg).mul_(i)
    do.mul_(squashed)
    to_cell = torch.addcmul(one, squashed, squashed, value=-1).mul_(o)
    of_cell = dgates.view(*cells.shape[:2], 4, cells.shape[2])[:, :, :3]  # (L, N, 3, H)
    last, earlier = walk.returning(dy)
    dh, dc = last + dends[0], dends[1]
    parts = walk.moments(dgates, of_cell, do, to_cell, f)[::-1]
    for (dgates_t, of_cell_t, do_t, to_cell_t, f_t), dy_before in zip(parts, earlier, strict=True):
        dc = torch.addcmul(dc, dh, to_cell_t)
        of_cell_t.mul_(dc.unsqueeze(1))
        do_t.mul_(dh)
        dc.mul_(f_t)
        dh = torch.addmm(dy_before, dgates_t, walk.weights.hh)
    return Pulled(dgates, dgates, (dh, dc))


class LSTM(Recurrent):
    """Carry a memory c along, of which a gate forgets, to which one adds, and of which one shows a part, h.

    Shapes    x, dx               (L, N, D), (N, L, D) if batch_first, or (L, D)
              output, its dy      as x, with R H for D; R = 2 if bidirectional, else 1
              h0, c0, h_n, c_n    (S, N, H) or (S, H), as their gradients, S = num_layers R; zeros if not given
              weight_ih_l<k>      (4H, D), beyond the first layer (4H, R H); weight_hh_l<k> (4H, H); rows of i, f, g, o
              bias_ih, bias_hh    (4H,), or none; of the second direction, all with _reverse
    Forward   i, f, o = σ(s), g = tanh(s), s = weight_ih x_t + bias_ih + weight_hh h_(t-1) + bias_hh, of their rows
              c_t = f c_(t-1) + i g;  h_t = o tanh(c_t); a walk in the second direction comes from t + 1; a layer reads
              the h of both directions of the layer below, side by side
    Backward  dc += dh o (1 - tanh(c_t)²)
              ds = (dc g i(1 - i), dc c_(t-1) f(1 - f), dc i (1 - g²), dh tanh(c_t) o(1 - o))
              dc_(t-1) = dc f;  dh_(t-1) = dy_(t-1) + weight_hhᵀ ds, from dy_L + dh_n and dc_n;  dx_t = weight_ihᵀ ds
              dweight_ih = Σ ds x_tᵀ;  dweight_hh = Σ ds h_(t-1)ᵀ;  both dbiases = Σ ds, over moments and samples
    Source    Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000 (the gate f); torch.nn.LSTM.
    Raises    ValueError if dropout or proj_size is not 0: nothing is dropped between layers, and h is not projected;
              TypeError if one of h0 and c0 is given alone; else as Recurrent.
    """

    gates = 4
    takes, optional, gives = ("x", "h0", "c0"), 2, ("output", "h_n", "c_n")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        arguments.absent(self.label(), "proj_size", proj_size)
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def along(self, walk: Walk) -> tuple[Saved, Saved]:
        return forward(walk)

    def back(self, dy: Tensor, dends: Saved, walk: Walk, kept: Saved) -> Pulled:
        return backward(dy, dends, walk, kept)
