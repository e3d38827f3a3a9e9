"""Maxima of windows, each gathered by the places of its elements: the largest is chosen, of several nan the last."""

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors


def pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def places(extent: int, k: int, s: int, p: int, d: int, beyond: bool) -> Tensor:
    """Return the places along an axis that each window meets, (windows, k); those outside are in the padding.

    beyond  whether a window may end beyond the padding, as long as it begins before it
    """
    room = extent + 2 * p - d * (k - 1) - 1
    count = (room + s - 1 if beyond else room) // s + 1
    count -= beyond and (count - 1) * s >= extent + p
    return torch.arange(count).unsqueeze(1) * s - p + torch.arange(k) * d


def gathered(options: Options, _parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
    """y = the largest of every window; dx adds dy to the place where it was found."""
    kernel, stride = options["kernel_size"], options.get("stride")
    given = (kernel, kernel if stride is None else stride, options.get("padding", 0), options.get("dilation", 1))
    axes = zip(x.shape[-2:], *map(pair, given), strict=True)
    beyond = options.get("ceil_mode", False)
    rows, columns = (places(extent, k, s, p, d, beyond) for extent, k, s, p, d in axes)
    high, wide = x.shape[-2:]
    at = (rows[:, None, :, None] * wide + columns[None, :, None, :]).flatten(2)  # (P, Q, K): in the image, read by rows
    real = ((rows >= 0) & (rows < high))[:, None, :, None] & ((columns >= 0) & (columns < wide))[None, :, None, :]
    at, real = at.masked_fill(~real.flatten(2), 0), real.flatten(2)
    seen = x.flatten(-2)[..., at].masked_fill(~real, -torch.inf)  # (..., P, Q, K)
    y = seen.amax(-1)
    largest = ((seen == y.unsqueeze(-1)) & real).int() + seen.isnan() * torch.arange(1, seen.shape[-1] + 1)
    chosen = largest.argmax(-1, keepdim=True)
    found = at.expand(seen.shape).gather(-1, chosen).flatten(-3)  # (..., P Q)

    def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        return torch.zeros_like(x.flatten(-2)).scatter_add(-1, found, dy.flatten(-2)).reshape(x.shape), {}

    return y, back


RULES: dict[str, Rule] = {"MaxPool2d": gathered}
