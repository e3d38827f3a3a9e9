"""Queries that choose among keys."""

from math import inf

import torch
from torch import Tensor

import framework
from framework.layers.attention import bias_of, bias_of_heads
from framework.tape.compositions.dense import linear
from framework.tape.variable import Variable

Mask = Variable | Tensor | None


def plain(mask: Mask) -> Tensor | None:
    """Return the tensor of a mask, which gets no gradient."""
    return mask.tensor if isinstance(mask, Variable) else mask


def attended(query: Variable, key: Variable, bias: Tensor | None, scale: float, least: float) -> Variable:
    """Return softmax(scale query keyᵀ + bias) along the keys.

    least   of the sum of a row's exponentials, the largest of which is 1: only that of a row without any key is less.
            With 1 such a row has weights of 0, with 0 of nan.
    """
    scores = query @ key.transpose(-2, -1) * scale
    if bias is not None:
        scores = scores + bias
    if scores.tensor.numel():  # no key has no largest
        peak = scores.tensor.amax(-1, keepdim=True)
        scores = scores - peak.masked_fill(peak == -inf, 0)
    e = scores.exp()
    return e / e.sum(-1, keepdim=True).clamp(min=least)


def scaled_dot_product(
    layer: framework.ScaledDotProductAttention, query: Variable, key: Variable, value: Variable, mask: Mask = None
) -> Variable:
    seen = plain(mask)
    if layer.is_causal:
        seen = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool, device=query.tensor.device).tril()
    bias = None if seen is None else bias_of(seen, True, query.tensor.dtype)
    return attended(query, key, bias, layer.scale_of(query.tensor), least=1) @ value


def split(x: Variable, heads: int) -> Variable:
    """Return features (L, N, E) as those of every head: (N H, L, E/H)."""
    moments, samples, features = x.shape
    return x.reshape(moments, samples * heads, features // heads).transpose(0, 1)


def laid_out(x: Variable, batch_first: bool) -> Variable:
    """Return a sequence as (L, N, *)."""
    return x.reshape(len(x), 1, x.shape[-1]) if x.dim() == 2 else x.transpose(0, 1) if batch_first else x


def multihead(
    layer: framework.MultiheadAttention,
    query: Variable,
    key: Variable,
    value: Variable,
    padding: Mask = None,
    mask: Mask = None,
    **parameters: Variable,
) -> tuple[Variable, Variable]:
    """Return what the heads found, projected, and the mean of their weights."""
    batched, heads, size = query.dim() == 3, layer.num_heads, layer.embed_dim
    held = parameters.get("in_proj_weight")
    parts = [slice(at * size, (at + 1) * size) for at in range(3)]
    weights = [parameters[f"{n}_proj_weight"] for n in "qkv"] if held is None else [held[part] for part in parts]
    bias = parameters.get("in_proj_bias")
    biases = [None if bias is None else bias[part] for part in parts]
    q, k, v = (
        split(linear(laid_out(x, layer.batch_first), w, b), heads)
        for x, w, b in zip((query, key, value), weights, biases, strict=True)
    )
    out = plain(padding)
    if out is not None and not batched:
        out = out.unsqueeze(0)
    of_all = attended(q, k, bias_of_heads(out, plain(mask), heads, q.tensor.dtype), (size // heads) ** -0.5, least=0)
    moments, samples = q.shape[1], q.shape[0] // heads
    context = (of_all @ v).transpose(0, 1).reshape(moments, samples, size)
    output = linear(context, parameters["out_proj.weight"], parameters.get("out_proj.bias"))
    shown = of_all.reshape(samples, heads, *of_all.shape[1:]).mean(1)
    if not batched:
        return output.reshape(moments, size), shown.reshape(shown.shape[1:])
    return (output.transpose(0, 1) if layer.batch_first else output), shown
