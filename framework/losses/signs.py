"""Targets that are 1 or -1."""

import torch
from torch import Tensor, int64

from framework import arguments


def signs(layer: str, argument: str, t: Tensor, shape: torch.Size, model: Tensor, model_name: str) -> None:
    """Raise TypeError or ValueError unless `t` is a tensor of a shape, of integers or in the dtype of `model`."""
    if not isinstance(t, Tensor) or t.dtype not in (int64, model.dtype):
        held = t.dtype if isinstance(t, Tensor) else type(t).__name__
        wanted = f"of torch.int64 or of {model.dtype} as {model_name} is"
        raise TypeError(f"{layer}: {argument} must be a tensor {wanted}, was {held}")
    arguments.placed(layer, argument, arguments.shaped(layer, argument, t, shape), model, model_name)


def only_signs(layer: str, argument: str, t: Tensor) -> None:
    """Raise ValueError unless `t` holds signs, 1 and -1."""
    if t.numel() and any(size != 1 for size in map(Tensor.item, t.abs().aminmax())):
        raise ValueError(f"{layer}: {argument} must hold nothing but 1 and -1, held {t[t.abs() != 1][0].item()}")
