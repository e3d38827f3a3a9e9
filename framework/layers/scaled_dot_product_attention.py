"""Attention of queries to keys."""

import torch
from torch import Tensor

from framework import arguments
from framework.layers import attention
from framework.layers.attention import bias_of, of_batches
from framework.module import Saved
from framework.precision import wide
from framework.several import Given, Several


def forward(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None, scale: float) -> tuple[Tensor, Saved]:
    batch, (q, k, v) = query.shape[:-2], of_batches(query, key, value)
    bias = None if attn_mask is None else bias_of(attn_mask, True, wide(q).dtype)
    if bias is not None and bias.dim() > 2:
        (bias,) = of_batches(bias.expand(*batch, *bias.shape[-2:]))
    y, saved = attention.forward(q, k, v, bias, scale, least=1)
    return y.reshape(*batch, *y.shape[-2:]), saved


def backward(dy: Tensor, saved: Saved, scale: float) -> tuple[Tensor, ...]:
    (of_all,) = of_batches(dy)
    gradients = attention.backward(of_all, None, saved, scale)
    return tuple(gradient.reshape(*dy.shape[:-2], *gradient.shape[-2:]) for gradient in gradients)


class ScaledDotProductAttention(Several):
    """Give every query the mean of the values, weighed by how well their keys fit it.

    Shapes    query, dquery (*, L, E); key, dkey (*, S, E); value, dvalue (*, S, V); output, dy (*, L, V)
              attn_mask     expands to (*, L, S): boolean, True where a key takes part, or added to the scores, or None
    Forward   P = softmax(scale query keyᵀ + attn_mask) along the keys; output = P value
              scale = 1 / √E if not given; is_causal: query i sees the keys j ≤ i; P is 0 for a query that sees none
    Backward  dP = dy valueᵀ;  dS = P (dP - Σ dP P), sum along the keys
              dquery = scale dS key;  dkey = scale dSᵀ query;  dvalue = Pᵀ dy;  attn_mask gets no gradient
    Source    Vaswani et al. 2017, "Attention is all you need", eq. 1;
              torch.nn.functional.scaled_dot_product_attention.
    Raises    ValueError if dropout_p is not 0 (no weight is dropped), enable_gqa is not False (a head of the queries
              has one of the keys), extents do not fit, or attn_mask comes beside is_causal; TypeError if an input is
              of another type or dtype.
    """

    takes, optional = ("query", "key", "value", "attn_mask"), 1

    def __init__(
        self,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> None:
        super().__init__()
        layer = self.label()
        arguments.absent(layer, "dropout_p", dropout_p)
        self.is_causal = arguments.boolean(layer, "is_causal", is_causal)
        self.scale = None if scale is None else arguments.number(layer, "scale", scale)
        if arguments.boolean(layer, "enable_gqa", enable_gqa):
            raise ValueError(f"{layer}: enable_gqa must be False (heads are not shared here), was True")

    def options(self) -> dict[str, object]:
        return {"is_causal": self.is_causal, "scale": self.scale}

    def validate(self, given: Given) -> None:
        (query, key, value, mask), layer = given, self.label()
        for name, tensor in zip(self.takes, (query, key, value), strict=False):
            arguments.alike(layer, name, arguments.floating(layer, name, tensor), query, "query")
            if tensor.dim() < 2 or 0 in tensor.shape[-2:]:
                raise ValueError(f"{layer}: {name} must be (*, L, E), none of both 0, had shape {tuple(tensor.shape)}")
        *batch, _, features = query.shape
        arguments.shaped(layer, "key", key, (*batch, key.shape[-2], features))
        arguments.shaped(layer, "value", value, (*batch, key.shape[-2], value.shape[-1]))
        if mask is None:
            return
        if self.is_causal:
            raise ValueError(f"{layer}: attn_mask must be left out where is_causal is True, was given")
        wanted, had = (*query.shape[:-1], key.shape[-2]), attention.mask(layer, "attn_mask", mask, query).shape
        if len(had) > len(wanted) or any(a not in (1, b) for a, b in zip(had[::-1], wanted[::-1], strict=False)):
            raise ValueError(f"{layer}: attn_mask must expand to shape {wanted}, had {tuple(had)}")

    def scale_of(self, query_or_key: Tensor) -> float:
        return query_or_key.shape[-1] ** -0.5 if self.scale is None else self.scale

    def compute(self, given: Given) -> tuple[tuple[Tensor, ...], Saved]:
        query, key, value, mask = given
        if self.is_causal:
            mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool, device=query.device).tril_()
        y, saved = forward(query, key, value, mask, self.scale_of(query))
        return (y,), saved

    def differentiate(self, dys: tuple[Tensor, ...], saved: Saved) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        return backward(dys[0], saved, self.scale_of(saved[0])), ()
