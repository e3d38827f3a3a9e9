"""Attention by several heads."""

import torch
from torch import Tensor

from framework import arguments
from framework.layers import attention, linear
from framework.layers.attention import joined, split
from framework.layers.multihead import Biases, Multihead
from framework.module import Saved
from framework.placement import Device
from framework.precision import wide
from framework.several import Given


def forward(given: Saved, bias: Tensor | None, weights: Saved, biases: Biases, heads: int) -> tuple[Saved, Saved]:
    *to_heads, out = weights
    *of_heads, of_output = biases
    q, k, v = (split(linear.forward(x, w, b)[0], heads) for x, w, b in zip(given, to_heads, of_heads, strict=True))
    y, attended = attention.forward(q, k, v, bias, q.shape[-1] ** -0.5, least=0)
    context = joined(y, heads)
    shown = attended[-1].reshape(context.shape[1], heads, *attended[-1].shape[1:]).mean(1).to(y.dtype)
    return (linear.forward(context, out, of_output)[0], shown), (*given, *weights, context, *attended)


def backward(dy: Tensor, dshown: Tensor, saved: Saved, heads: int) -> tuple[Saved, Saved, Saved]:
    given, to_heads, (out, context), attended = saved[:3], saved[3:6], saved[6:8], saved[8:]
    dcontext, dout, dof_output = linear.backward(dy, (context, out))
    dweights = (wide(dshown) / heads).repeat_interleave(heads, 0)  # (NH, L, S)
    of_heads = attention.backward(split(dcontext, heads), dweights, attended, attended[0].shape[-1] ** -0.5)
    found = [linear.backward(joined(d, heads), (x, w)) for d, x, w in zip(of_heads, given, to_heads, strict=True)]
    dgiven, dto_heads, dbiases = zip(*found, strict=True)
    return dgiven, (*dto_heads, dout), (torch.cat(dbiases), dof_output)


class MultiheadAttention(Multihead):
    """Let several heads, each with projections of its own, attend side by side; project what they found.

    Shapes    query, dquery, output, dy  (L, N, E), (N, L, E) if batch_first, or (L, E)
              key, dkey, value, dvalue   (S, N, K) and (S, N, V), in the same way
              key_padding_mask           (N, S) or (S,): True where a key takes no part, or added to the scores, or None
              attn_mask                  (L, S) or (N H, L, S): the same, or None
              attention, its dy          (N, L, S) or (L, S): the mean of the heads' weights
              in_proj_weight (3E, E), rows of q, k, v; where K or V is not E, q_, k_, v_proj_weight (E, *)
              in_proj_bias (3E,); out_proj.weight (E, E); out_proj.bias (E,)
    Forward   q, k, v = projections, E/H features a head; P = softmax(q kᵀ / √(E/H) + masks) along the keys
              output = out_proj(P v, heads side by side); a query that sees no key gets nan
    Backward  through out_proj; then dP = dcontext vᵀ + dattention / H, and on as in ScaledDotProductAttention; last
              through the projections. Masks get no gradient
    Source    Vaswani et al. 2017, "Attention is all you need", section 3.2.2; torch.nn.MultiheadAttention.
    Raises    ValueError if dropout is not 0, or add_bias_kv or add_zero_attn not False (no key is added); else as
              Multihead.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        layer = self.label()
        arguments.absent(layer, "dropout", dropout)
        for name, value in (("add_bias_kv", add_bias_kv), ("add_zero_attn", add_zero_attn)):
            if arguments.boolean(layer, name, value):
                raise ValueError(f"{layer}: {name} must be False (no key is added here), was True")
        super().__init__(embed_dim, num_heads, bias, kdim, vdim, batch_first, device, dtype)

    def compute(self, given: Given) -> tuple[tuple[Tensor, ...], Saved]:
        *sequences, padding, mask = given
        self.batched = sequences[0].dim() == 3
        if padding is not None and not self.batched:
            padding = padding.unsqueeze(0)
        bias = attention.bias_of_heads(padding, mask, self.num_heads, wide(sequences[0]).dtype)
        laid_out = tuple(map(self.laid_out, sequences))
        (output, shown), saved = forward(laid_out, bias, *self.weights(), self.num_heads)
        return (self.laid_back(output), shown if self.batched else shown.squeeze(0)), saved

    def differentiate(self, dys: tuple[Tensor, ...], saved: Saved) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        dy, dshown = self.laid_out(dys[0]), dys[1] if self.batched else dys[1].unsqueeze(0)
        dgiven, dweights, dbiases = backward(dy, dshown, saved, self.num_heads)
        return tuple(map(self.laid_back, dgiven)), self.gradients(dweights, dbiases)
