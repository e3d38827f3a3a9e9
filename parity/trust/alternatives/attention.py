"""Attention by logarithms of sums: the weights are exp(s - log Σ exp s), s being below the maximum; products by einsum.

The way back goes through the Jacobian of every row, diag(p) - p pᵀ.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors


def weights_of(scores: Tensor) -> Tensor:
    """Return the weights of the keys."""
    below = scores - scores.amax(-1, keepdim=True)
    return (below - below.exp().sum(-1, keepdim=True).log()).exp()


def back_through(weights: Tensor, dweights: Tensor) -> Tensor:
    """Return the gradient of the scores."""
    jacobians = torch.diag_embed(weights) - weights.unsqueeze(-1) * weights.unsqueeze(-2)  # (*, L, S, S)
    return torch.einsum("...st,...t->...s", jacobians, dweights)


def bias_of(mask: Tensor, taken: bool, like: Tensor) -> Tensor:
    """Return what is added to the scores; minus infinity where a boolean mask is not `taken`."""
    if mask.dtype != torch.bool:
        return mask
    return torch.where(mask == taken, 0.0, -torch.inf).to(like.dtype)


def scaled(
    options: Options, _: Tensors, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Pullback]:
    asked, seen = options.get("scale"), torch.arange(query.shape[-2])[:, None] >= torch.arange(key.shape[-2])
    scale = query.shape[-1] ** -0.5 if asked is None else asked
    mask = seen.to(query.device) if options.get("is_causal") else mask
    scores = torch.einsum("...ld,...sd->...ls", query, key) * scale
    weights = weights_of(scores if mask is None else scores + bias_of(mask, True, query))

    def back(dy: Tensor) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
        dscores = back_through(weights, torch.einsum("...lv,...sv->...ls", dy, value)) * scale
        dquery = torch.einsum("...ls,...sd->...ld", dscores, key)
        dkey = torch.einsum("...ls,...ld->...sd", dscores, query)
        return (dquery, dkey, torch.einsum("...ls,...lv->...sv", weights, dy)), {}

    return torch.einsum("...ls,...sv->...lv", weights, value), back


def multihead(
    options: Options,
    parameters: Tensors,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    padding: Tensor | None = None,
    mask: Tensor | None = None,
) -> tuple[tuple[Tensor, Tensor], Pullback]:
    """MultiheadAttention: every head in an axis of its own, (N, H, L, E/H)."""
    heads, batched, first = options["num_heads"], query.dim() == 3, bool(options.get("batch_first"))

    def laid_out(x: Tensor) -> Tensor:
        return x.unsqueeze(0) if not batched else x if first else x.transpose(0, 1)

    def turned(y: Tensor) -> Tensor:
        return y.squeeze(0) if not batched else y if first else y.transpose(0, 1)

    given = [laid_out(x) for x in (query, key, value)]
    weights, biases = projections(parameters)
    projected = [torch.einsum("nli,ei->nle", x, w) + b for x, w, b in zip(given, weights, biases, strict=True)]
    q, k, v = (value.view(*value.shape[:2], heads, -1).movedim(2, 1) for value in projected)
    scale = q.shape[-1] ** -0.5
    scores = torch.einsum("nhld,nhsd->nhls", q, k) * scale
    if padding is not None:
        scores = scores + bias_of(padding, False, q).reshape(len(q), 1, 1, -1)
    if mask is not None:
        scores = scores + bias_of(mask, False, q).reshape(-1, heads if mask.dim() == 3 else 1, *scores.shape[2:])
    shares = weights_of(scores)
    context = torch.einsum("nhls,nhsd->nlhd", shares, v)
    out = parameters["out_proj.weight"].view(query.shape[-1], heads, -1)
    output = torch.einsum("nlhd,ehd->nle", context, out) + parameters.get("out_proj.bias", 0)

    def back(dy: Tensor | None, dshown: Tensor | None) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
        dy = torch.zeros_like(output) if dy is None else laid_out(dy)
        dcontext = torch.einsum("nle,ehd->nlhd", dy, out)
        dshares = torch.einsum("nlhd,nhsd->nhls", dcontext, v)
        if dshown is not None:
            dshares = dshares + (dshown if batched else dshown.unsqueeze(0)).unsqueeze(1) / heads
        dscores = back_through(shares, dshares) * scale
        of_heads = (
            torch.einsum("nhls,nhsd->nlhd", dscores, k),
            torch.einsum("nhls,nhld->nshd", dscores, q),
            torch.einsum("nhls,nlhd->nshd", shares, dcontext),
        )
        dprojected = [value.flatten(2) for value in of_heads]
        dweights = [torch.einsum("nle,nli->ei", d, x) for d, x in zip(dprojected, given, strict=True)]
        gradients = {
            "in_proj_weight": torch.cat(dweights) if "in_proj_weight" in parameters else dweights[0],
            **{f"{name}_proj_weight": value for name, value in zip("qkv", dweights, strict=True)},
            "in_proj_bias": torch.cat([value.sum((0, 1)) for value in dprojected]),
            "out_proj.weight": torch.einsum("nle,nlhd->ehd", dy, context).flatten(1),
            "out_proj.bias": dy.sum((0, 1)),
        }
        dgiven = [torch.einsum("nle,ei->nli", d, w) for d, w in zip(dprojected, weights, strict=True)]
        return tuple(map(turned, dgiven)), {name: gradients[name] for name in parameters}

    shown = shares.mean(1)
    return (turned(output), shown if batched else shown.squeeze(0)), back


def projections(parameters: Tensors) -> tuple[Sequence[Tensor], Sequence[Tensor | int]]:
    """Return the weights and the biases of q, k and v."""
    packed = parameters.get("in_proj_weight")
    weights = [parameters[f"{name}_proj_weight"] for name in "qkv"] if packed is None else packed.chunk(3)
    return weights, parameters["in_proj_bias"].chunk(3) if "in_proj_bias" in parameters else (0, 0, 0)


def bilinear(_options: Options, parameters: Tensors, x1: Tensor, x2: Tensor) -> tuple[Tensor, Pullback]:
    """y_ro = (x1 weight_o)_r · x2_r, and every gradient a product by einsum: what scores are, without their softmax."""
    weight = parameters["weight"]

    def back(dy: Tensor) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
        dx = torch.einsum("...o,oij,...j->...i", dy, weight, x2), torch.einsum("...o,oij,...i->...j", dy, weight, x1)
        rows = [value.reshape(-1, value.shape[-1]) for value in (dy, x1, x2)]
        gradients = {"weight": torch.einsum("ro,ri,rj->oij", *rows), "bias": rows[0].sum(0)}
        return dx, {name: gradients[name] for name in parameters}

    return torch.einsum("...i,oij,...j->...o", x1, weight, x2) + parameters.get("bias", 0), back


RULES: Mapping[str, Rule] = {
    "ScaledDotProductAttention": scaled,
    "MultiheadAttention": multihead,
    "Bilinear": bilinear,
}
