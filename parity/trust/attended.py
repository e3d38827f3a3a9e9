"""Attention by its formulas, for autograd to differentiate; and what may be wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.signature import Signature, pulled_back


@dataclass(frozen=True)
class Slip:
    """What is wrong; nothing, unless it is said.

    scale         the power of the features that the scores are multiplied by; 0 leaves them as they are
    over_queries  the softmax runs along the queries
    mask_after    the mask is applied to the weights, which then do not add up to 1
    turned        the boolean mask is read the other way round
    later         how many keys beyond its own a query sees, where it sees none
    straight      the derivative of the softmax lacks its sum
    unmasked      masks are not looked at
    mixed         heads are read off without turning moments and heads
    order         in which the rows of in_proj are read
    one_head      the weights of the first head are shown for the mean of all
    biased        the output is given its bias
    padded        the padding mask is looked at
    """

    scale: float = -0.5
    over_queries: bool = False
    mask_after: bool = False
    turned: bool = False
    later: int = 0
    straight: bool = False
    unmasked: bool = False
    mixed: bool = False
    order: tuple[int, int, int] = (0, 1, 2)
    one_head: bool = False
    biased: bool = True
    padded: bool = True


Options = Mapping[str, Any]
Tensors = Mapping[str, Tensor]
Outputs = Callable[[Options, Tensors, Sequence[Tensor | None], Slip], tuple[Tensor, ...]]


def bias_of(mask: Tensor | None, taken: bool, like: Tensor, wrong: Slip) -> Tensor | float:
    """Return what is added to the scores: minus infinity where a boolean mask is not `taken`."""
    if mask is None or wrong.unmasked:
        return 0.0
    if mask.dtype != torch.bool:
        return mask
    out = mask if taken == wrong.turned else ~mask
    return like.new_zeros(mask.shape).masked_fill(out, -torch.inf)


def weights_of(scores: Tensor, bias: Tensor | float, wrong: Slip) -> Tensor:
    """Return the weights of the keys; 0 for a query that sees none."""
    masked = scores if wrong.mask_after else scores + bias
    weights = torch.softmax(masked, -2 if wrong.over_queries else -1)
    if isinstance(bias, Tensor):
        weights = weights.masked_fill((masked == -torch.inf).all(-1, keepdim=True), 0)
    if wrong.straight:
        weights = weights.detach() * (1 + masked - masked.detach()).where(masked.isfinite(), 1)
    return weights * bias.exp() if wrong.mask_after and isinstance(bias, Tensor) else weights


def scaled(options: Options, _: Tensors, inputs: Sequence[Tensor | None], wrong: Slip) -> tuple[Tensor, ...]:
    """Return the output of ScaledDotProductAttention."""
    query, key, value, mask = (*inputs, None)[:4]
    assert query is not None
    assert key is not None
    assert value is not None
    if options.get("is_causal"):
        mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool).tril(wrong.later)
    asked = options.get("scale")
    scale = query.shape[-1] ** wrong.scale if asked is None or wrong.scale != -0.5 else asked
    bias = bias_of(mask, True, query, wrong)
    return (weights_of(scale * query @ key.transpose(-1, -2), bias, wrong) @ value,)


def multihead(
    options: Options, parameters: Tensors, inputs: Sequence[Tensor | None], wrong: Slip
) -> tuple[Tensor, ...]:
    """Return output and weights of MultiheadAttention."""
    query, key, value, padding, mask = (*inputs, None, None)[:5]
    assert query is not None
    assert key is not None
    assert value is not None
    heads, batched, first = options["num_heads"], query.dim() == 3, bool(options.get("batch_first"))
    given = [x.unsqueeze(1) if not batched else x.transpose(0, 1) if first else x for x in (query, key, value)]
    packed, bias = parameters.get("in_proj_weight"), parameters.get("in_proj_bias")
    weights = [parameters[f"{name}_proj_weight"] for name in "qkv"] if packed is None else packed.chunk(3)
    biases = [0.0] * 3 if bias is None else bias.chunk(3)
    order = wrong.order if packed is not None else (0, 1, 2)
    q, k, v = (of_heads(x @ weights[at].t() + biases[at], heads, wrong) for x, at in zip(given, order, strict=True))
    scale = q.shape[-1] ** wrong.scale
    added = bias_of(mask, False, q, wrong)
    if isinstance(added, Tensor) and added.dim() == 3:
        added = added.view(-1, heads, *added.shape[1:])
    of_keys = bias_of(padding if wrong.padded else None, False, q, wrong)
    added = added + (of_keys.reshape(q.shape[0], 1, 1, -1) if isinstance(of_keys, Tensor) else of_keys)
    shares = weights_of(scale * q @ k.transpose(-1, -2), added, wrong)  # (N, H, L, S)
    context = (shares @ v).permute(2, 0, 1, 3).flatten(2)
    output = context @ parameters["out_proj.weight"].t()
    if wrong.biased and "out_proj.bias" in parameters:
        output = output + parameters["out_proj.bias"]
    shown = shares[:, 0] if wrong.one_head else shares.mean(1)
    if not batched:
        return output.squeeze(1), shown.squeeze(0)
    return output.transpose(0, 1) if first else output, shown


def of_heads(x: Tensor, heads: int, wrong: Slip) -> Tensor:
    """Return features (L, N, E) as (N, H, L, E/H)."""
    moments, samples, size = x.shape
    if wrong.mixed:
        return x.transpose(0, 1).reshape(samples, heads, moments, size // heads)
    return x.reshape(moments, samples, heads, size // heads).permute(1, 2, 0, 3)


OUTPUTS: Mapping[str, Outputs] = {"ScaledDotProductAttention": scaled, "MultiheadAttention": multihead}


def quantities(
    module: str,
    signature: Signature,
    options: Options,
    parameters: Tensors,
    inputs: Sequence[Tensor | None],
    dys: Sequence[Tensor | None],
    wrong: Slip,
) -> dict[str, Tensor]:
    """Return outputs and gradients by their names, of one call of a layer that is wrong so; outputs before there are
    cotangents."""
    with torch.enable_grad():
        given = [value if value is None else value.detach() for value in inputs]
        leaves = dict(signature.differentiated(given)) | {f"d{k}": v.detach().clone() for k, v in parameters.items()}
        for leaf in leaves.values():
            leaf.requires_grad_()
        own = {name: leaves[f"d{name}"] for name in parameters}
        ys = OUTPUTS[module](options, own, given, wrong)
        outputs = dict(zip(signature.outputs, (y.detach() for y in ys), strict=True))
        if all(dy is None for dy in dys):
            return outputs
        return outputs | dict(zip(leaves, pulled_back(ys, list(leaves.values()), dys), strict=True))
