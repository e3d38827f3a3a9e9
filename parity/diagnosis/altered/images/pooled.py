"""Hypotheses of a maximum over windows: dy in the wrong place of a window, zeros of the border for a maximum."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from parity.diagnosis.altered.activations import options_of
from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.conditions import pair
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, vanishing


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives, where a maximum over windows of two axes gives the truth."""
    options, x = options_of(symptom), symptom.drawn.x.double()
    if "kernel_size" not in options or symptom.drawn.parameters or x.dim() != 4 or options.get("ceil_mode"):
        return
    kernel = pair(options["kernel_size"])
    stride = kernel if options.get("stride") is None else pair(options["stride"])
    padding, dilation = pair(options.get("padding", 0)), pair(options.get("dilation", 1))
    moved: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "dilation": dilation}
    y, at = functional.max_pool2d(x, padding=padding, return_indices=True, **moved)
    if not is_that_of(symptom, y):
        return
    if any(padding):
        wide = functional.pad(x, (padding[1], padding[1], padding[0], padding[0])).requires_grad_()
        of_zeros = functional.max_pool2d(wide, **moved)
        words = "the padding is zeros that take part in the maximum, not -inf"
        if symptom.of_forward:
            yield Explanation("padding otherwise", words, of_zeros.detach(), vanishing("padding"))
        elif symptom.drawn.dy is not None:
            (grad,) = torch.autograd.grad(of_zeros, [wide], symptom.drawn.dy.double())
            inner = grad[:, :, padding[0] : grad.shape[2] - padding[0], padding[1] : grad.shape[3] - padding[1]]
            yield Explanation("padding otherwise", words, inner, vanishing("padding"))
    words = "the maximum begins at 0: a window of negative numbers gives 0"
    if symptom.of_forward:
        yield Explanation("maximum", words, y.clamp_min(0))
    elif symptom.drawn.dy is not None:
        moved_x = x.clone().requires_grad_()
        highest = functional.max_pool2d(moved_x, padding=padding, **moved).clamp_min(0)
        (grad,) = torch.autograd.grad(highest, [moved_x], symptom.drawn.dy.double())
        yield Explanation("maximum", words, grad)
    if symptom.quantity == "dx" and symptom.drawn.dy is not None:
        if dilation == (1, 1):
            moved_x = x.clone().requires_grad_()
            mean = functional.avg_pool2d(moved_x, kernel, stride, padding)
            (grad,) = torch.autograd.grad(mean, [moved_x], symptom.drawn.dy.double())
            yield Explanation("maximum", "dy is shared out evenly over the window, as for a mean", grad)
            yield Explanation("maximum", "dy is given to every pixel of the window", grad * kernel[0] * kernel[1])
        if not any(padding) and kernel[0] == kernel[1] > 1 and dilation == (1, 1):
            words = "the gradient goes to the transposed place in each window: row and column are exchanged"
            yield Explanation("transposed", words, in_windows(symptom, at, stride))
        if dilation == (1, 1):
            words = "where several elements of a window are the maximum, each is given all of dy"
            yield Explanation("ties", words, to_every(symptom, y, (kernel, stride, padding)), vanishing("regime"))


def in_windows(symptom: Symptom, at: Tensor, stride: tuple[int, int]) -> Tensor:
    """Return dx with dy at the transposed place of every window."""
    x, dy = symptom.drawn.x, symptom.drawn.dy
    assert dy is not None
    width = x.shape[3]
    top = stride[0] * torch.arange(at.shape[2])[:, None]
    left = stride[1] * torch.arange(at.shape[3])[None]
    row, column = at // width - top, at % width - left
    other = (top + column) * width + left + row
    dx = torch.zeros(x.shape, dtype=torch.float64).flatten(2)
    return dx.scatter_add(2, other.flatten(2), dy.double().flatten(2)).view(x.shape)


def to_every(symptom: Symptom, y: Tensor, windows: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]) -> Tensor:
    """Return dx with dy at every maximum of a window."""
    x, dy = symptom.drawn.x.double(), symptom.drawn.dy
    assert dy is not None
    kernel, stride, padding = windows
    alone = x.flatten(0, 1).unsqueeze(1)
    columns = functional.unfold(alone, kernel, padding=padding, stride=stride)
    given = (columns == y.flatten(0, 1).flatten(1).unsqueeze(1)) * dy.double().flatten(0, 1).flatten(1).unsqueeze(1)
    return functional.fold(given, x.shape[2:], kernel, padding=padding, stride=stride).view(x.shape)
