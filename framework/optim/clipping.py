"""Gradients cut down to a size, in place, before a step."""

from collections.abc import Iterable
from math import inf
from numbers import Real

import torch
from torch import Tensor

from framework import arguments
from framework.optim.group import Pair, paired

SAFE = 1e-6  # added to the norm, as torch does, so that a gradient of zeros is not divided by zero


def clip_grad_norm(
    parameters: Iterable[Pair], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """Scale all gradients by one factor, so that together they have a norm of at most max_norm; return their norm.

    Scaling   grad = grad · min(1, max_norm / (norm + 1e-6)), the norm that of all gradients as one vector
    Source    Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, section 3.2; torch.nn.utils.clip_grad_norm_.
    Raises    TypeError or ValueError for parameters that are no pairs, or a norm that is none; RuntimeError, if
              error_if_nonfinite, where the norm is nan or infinite.
    """
    grads = [grad for _, grad in paired("clip_grad_norm", parameters)]
    arguments.number("clip_grad_norm", "max_norm", max_norm, 0.0)
    if isinstance(norm_type, bool) or not isinstance(norm_type, Real) or not norm_type > 0:
        raise ValueError(f"clip_grad_norm: norm_type must be a number above 0, was {norm_type!r}")
    arguments.boolean("clip_grad_norm", "error_if_nonfinite", error_if_nonfinite)
    if not grads:
        return torch.zeros(())
    norm = norm_of(torch.stack(torch._foreach_norm(grads, norm_type)), norm_type)
    if error_if_nonfinite and not norm.isfinite():
        raise RuntimeError(f"clip_grad_norm: the norm must be finite, was {norm.item()}")
    torch._foreach_mul_(grads, (max_norm / (norm + SAFE)).clamp_max(1.0))
    return norm


def norm_of(values: Tensor, norm_type: float) -> Tensor:
    return values.amax() if norm_type == inf else values.norm(norm_type)


def clip_grad_value(parameters: Iterable[Pair], clip_value: float) -> None:
    """Cut every element of every gradient to between -clip_value and clip_value.

    Source    torch.nn.utils.clip_grad_value_.
    Raises    TypeError or ValueError for parameters that are no pairs, or a value that is negative or not finite.
    """
    grads = [grad for _, grad in paired("clip_grad_value", parameters)]
    bound = arguments.number("clip_grad_value", "clip_value", clip_value, 0.0)
    if grads:
        torch._foreach_clamp_max_(grads, bound)
        torch._foreach_clamp_min_(grads, -bound)
