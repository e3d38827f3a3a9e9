"""The direction that most optimisers start from."""

import torch
from torch import Tensor

Tensors = tuple[Tensor, ...] | list[Tensor]
State = dict[str, list[Tensor]]  # by torch's name, a tensor for each value


def descent(values: Tensors, grads: Tensors, weight_decay: float, maximize: bool) -> Tensors:
    """Return the gradient of loss + weight_decay / 2 · |value|², of -loss if that is to be maximised.

    These are the gradients themselves where nothing is to be done: whoever keeps them must copy them.
    """
    directions = torch._foreach_neg(grads) if maximize else grads
    return torch._foreach_add(directions, values, alpha=weight_decay) if weight_decay else directions


def kept(state: State, name: str, values: Tensors, start: float = 0.0) -> list[Tensor]:
    """Return the state of this name; before the first step, tensors like the values that hold `start`."""
    if name not in state:
        state[name] = [torch.full_like(value, start) for value in values]
    return state[name]


def average(averages: list[Tensor], terms: Tensors, share: float) -> list[Tensor]:
    """Move every running average to share · average + (1 - share) · term, in place; return them."""
    torch._foreach_lerp_(averages, terms, 1 - share)
    return averages


def average_of_squares(averages: list[Tensor], terms: Tensors, share: float) -> list[Tensor]:
    """Move every running average to share · average + (1 - share) · term², in place; return them."""
    torch._foreach_mul_(averages, share)
    torch._foreach_addcmul_(averages, terms, terms, 1 - share)
    return averages


def root(squares: Tensors, eps: float, scale: float = 1.0) -> Tensors:
    """Return sqrt(square) / scale + eps."""
    roots = torch._foreach_sqrt(squares)
    if scale != 1:
        torch._foreach_div_(roots, scale)
    torch._foreach_add_(roots, eps)
    return roots
