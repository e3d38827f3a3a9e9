"""Attention: what the layers that let queries choose among keys share.

Shapes    query, dquery (B, L, E); key, dkey (B, S, E); value, dvalue (B, S, V); weights (B, L, S); y, dy (B, L, V)
          bias that expands to the weights' shape, -inf where a key takes no part, or None
Source    Vaswani et al. 2017, "Attention is all you need", eq. 1; derivative: docs/derivations.md.
"""

from math import inf, prod

import torch
from torch import Tensor

from framework import arguments
from framework.exponential import exp_
from framework.layers.softmax import backward as back_through_softmax
from framework.memory import Saved
from framework.precision import wide


def forward(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, scale: float, least: float
) -> tuple[Tensor, Saved]:
    """Return y and what backward reads, whose last tensor is the weights; formats of 16 bits are computed in float32.

    least   of the sum of a row's exponentials, the largest of which is 1: only that of a row without any key is less.
            With 1 such a row has weights of 0, with 0 of nan.
    """
    q, k, v = wide(query), wide(key), wide(value)
    given = q.new_empty(()) if bias is None else bias
    scores = torch.baddbmm(given, q, k.transpose(1, 2), beta=bias is not None, alpha=scale)  # (B, L, S)
    peak = scores.amax(-1, keepdim=True) if scores.numel() else scores.sum(-1, keepdim=True)  # no key has no largest
    weights = exp_(scores.sub_(peak.masked_fill_(peak == -inf, 0)))
    weights.div_(weights.sum(-1, keepdim=True).clamp_min_(least))
    return (weights @ v).to(query.dtype), (query, key, value, weights)


def backward(dy: Tensor, dweights: Tensor | None, saved: Saved, scale: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return dquery, dkey and dvalue; dweights comes from a second output that shows the weights."""
    *given, weights = saved
    (q, k, v), dy = map(wide, given), wide(dy)
    back = dy @ v.transpose(1, 2) if dweights is None else torch.baddbmm(dweights, dy, v.transpose(1, 2))
    dscores = back_through_softmax(back, (weights,), -1)
    none = q.new_empty(())
    dq = torch.baddbmm(none, dscores, k, beta=0, alpha=scale)
    dk = torch.baddbmm(none, dscores.transpose(1, 2), q, beta=0, alpha=scale)
    dv = weights.transpose(1, 2) @ dy
    return dq.to(given[0].dtype), dk.to(given[1].dtype), dv.to(given[2].dtype)


def bias_of(mask: Tensor, taken: bool, dtype: torch.dtype) -> Tensor:
    """Return what is added to the scores: a mask of numbers; of a boolean one -inf, but 0 where it is `taken`."""
    if mask.dtype != torch.bool:
        return mask.to(dtype)
    return mask.new_zeros(mask.shape, dtype=dtype).masked_fill_(~mask if taken else mask, -inf)


def mask(layer: str, argument: str, value: object, x: Tensor) -> Tensor:
    """Return `value` if it is a boolean mask, or one to be added, of the dtype of x; raise TypeError otherwise."""
    if isinstance(value, Tensor) and value.dtype == torch.bool:
        return arguments.placed(layer, argument, value, x, "query")
    return arguments.alike(layer, argument, arguments.floating(layer, argument, value), x, "query")


def of_batches(*values: Tensor) -> list[Tensor]:
    """Return tensors (*, L, E) with their leading axes made one."""
    return [value.reshape(prod(value.shape[:-2]), *value.shape[-2:]) for value in values]


def split(x: Tensor, heads: int) -> Tensor:
    """Return features (L, N, E) as those of every head: (NH, L, E/H)."""
    return x.reshape(x.shape[0], x.shape[1] * heads, x.shape[2] // heads).transpose(0, 1)


def joined(x: Tensor, heads: int) -> Tensor:
    """Return the features of every head as those of all: the other way."""
    return x.transpose(0, 1).reshape(x.shape[1], x.shape[0] // heads, x.shape[2] * heads)


def bias_of_heads(padding: Tensor | None, mask: Tensor | None, heads: int, dtype: torch.dtype) -> Tensor | None:
    """Return what is added to the scores (NH, L, S), given masks (N, S) and (L, S) or (NH, L, S), True being out."""
    bias = None if mask is None else bias_of(mask, False, dtype)
    if padding is None:
        return bias
    of_keys = bias_of(padding, False, dtype).repeat_interleave(heads, 0).unsqueeze(1)  # (NH, 1, S)
    return of_keys if bias is None else of_keys + bias
