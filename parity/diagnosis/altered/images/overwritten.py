"""Hypotheses of windows that overlap: what one of them gives is written over what another gave, and not added to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from parity.diagnosis.altered.activations import options_of
from parity.diagnosis.altered.images.windows import KernelOptions, convolved, right_map
from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.conditions import pair
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, fitted

ORDERS = {"the last window": -1, "the last pixel of the kernel": 1}  # which stands, and how offsets are walked for it
Pair = tuple[int, int]


@dataclass(frozen=True)
class OverlappingWindows:
    """What windows give to the image that they lie on: (N, C, K, P, Q), K pixels of each of P x Q windows.

    reached  (N, C, K, P, Q), where a window gives something; None where it does everywhere
    """

    parts: Tensor
    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    reached: Tensor | None = None

    def written(self, extent: Pair, order: int) -> Tensor:
        """Return the image on which each gift is written over what stands there, (N, C, *extent)."""
        rows, columns = (size + 2 * beside for size, beside in zip(extent, self.padding, strict=True))
        image = self.parts.new_zeros(*self.parts.shape[:2], rows, columns)
        for at in range(self.parts.shape[2])[::order]:
            place = divmod(at, self.kernel[1])
            axes = zip(place, self.dilation, self.stride, self.parts.shape[3:], strict=True)
            under = image[:, :, *(slice(k * d, k * d + s * (n - 1) + 1, s) for k, d, s, n in axes)]
            part = self.parts[:, :, at]
            under.copy_(part if self.reached is None else torch.where(self.reached[:, :, at], part, under))
        top, left = self.padding
        return image[:, :, top : top + extent[0], left : left + extent[1]]


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what stands where windows are written over one another, where added up they give the truth."""
    shape = symptom.truth.shape
    if len(shape) != 4 or symptom.drawn.x.dim() != 4 or not symptom.truth.numel():
        return
    bias = symptom.drawn.parameters.get("bias") if symptom.of_forward else None
    for windows in (*of_kernel(symptom), *of_pool(symptom)):
        for which, order in ORDERS.items():
            value = windows.written((shape[2], shape[3]), order)
            value = value if bias is None else value + bias.double()[:, None, None]
            words = f"where windows overlap, what {which} gives stands alone: it is written over the others, not added"
            yield Explanation("overwritten", words, fitted(value, shape))


def of_kernel(symptom: Symptom) -> Iterator[OverlappingWindows]:
    """Yield what a convolution gives back to its input, or a transposed one to its output."""
    found, dy = right_map(symptom), symptom.drawn.dy
    if found is None or found[1].scale != (1, 1):
        return
    of_convolution = found[0] is convolved
    if of_convolution == symptom.of_forward or (of_convolution and symptom.quantity != "dx"):
        return
    given = dy if of_convolution else symptom.drawn.x
    if given is not None:
        yield spread(given.double(), symptom.drawn.parameters["weight"].double(), found[1])


def spread(given: Tensor, weight: Tensor, asked: KernelOptions) -> OverlappingWindows:
    """Return the kernels times what is given, (N, O, P, Q), at each of its pixels."""
    samples, channels, *places = given.shape
    kernels = weight.reshape(asked.groups, channels // asked.groups, -1)  # (G, O / G, C / G K)
    by_group = given.reshape(samples, asked.groups, channels // asked.groups, -1)
    kernel = (weight.shape[2], weight.shape[3])
    parts = (kernels.mT @ by_group).reshape(samples, -1, kernel[0] * kernel[1], *places)
    return OverlappingWindows(parts, kernel, asked.stride, asked.padding, asked.dilation)


def of_pool(symptom: Symptom) -> Iterator[OverlappingWindows]:
    """Yield what the maximum, or the mean, of windows gives back to its input."""
    options, x, dy = options_of(symptom), symptom.drawn.x.double(), symptom.drawn.dy
    if "kernel_size" not in options or symptom.drawn.parameters or symptom.quantity != "dx" or dy is None:
        return
    if options.get("ceil_mode") or options.get("divisor_override"):
        return
    kernel = pair(options["kernel_size"])
    stride = kernel if options.get("stride") is None else pair(options["stride"])
    padding, dilation = pair(options.get("padding", 0)), pair(options.get("dilation", 1))
    moved: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": padding}
    gifts = dy.double().unsqueeze(2).expand(-1, -1, kernel[0] * kernel[1], -1, -1)
    highest, at = functional.max_pool2d(x, dilation=dilation, return_indices=True, **moved)
    if is_that_of(symptom, highest):
        rows = at // x.shape[3] - (stride[0] * torch.arange(at.shape[2])[:, None] - padding[0])
        columns = at % x.shape[3] - (stride[1] * torch.arange(at.shape[3]) - padding[1])
        offsets = rows // dilation[0] * kernel[1] + columns // dilation[1]
        chosen = offsets.unsqueeze(2) == torch.arange(kernel[0] * kernel[1])[:, None, None]
        yield OverlappingWindows(gifts, kernel, stride, padding, dilation, chosen)
        yield OverlappingWindows(gifts * chosen, kernel, stride, padding, dilation)
    elif is_that_of(symptom, functional.avg_pool2d(x, **moved)):
        yield OverlappingWindows(gifts / (kernel[0] * kernel[1]), kernel, stride, padding, dilation)
