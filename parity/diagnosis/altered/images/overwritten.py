"""Hypotheses of windows that give to an image: written over one another, averaged, or put down in other places."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
Gift = Callable[[Tensor, Tensor, Tensor | None], Tensor]  # of what stands there, what is given, and where it is


def counted(under: Tensor, _: Tensor, reached: Tensor | None) -> Tensor:
    return under + (1 if reached is None else reached)


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

        def over(under: Tensor, part: Tensor, reached: Tensor | None) -> Tensor:
            return part if reached is None else torch.where(reached, part, under)

        return self.put(extent, over, order)

    def added(self, extent: Pair) -> Tensor:
        """Return the image on which gifts are added up, (N, C, *extent)."""
        return self.put(extent, lambda under, part, _: under + part)

    def averaged(self, extent: Pair) -> Tensor:
        """Return the same, over the number of gifts that each pixel got."""
        count = replace(self, parts=torch.ones_like(self.parts)).put(extent, counted)
        return self.added(extent) / count.clamp_min(1)

    def put(self, extent: Pair, gift: Gift, order: int = 1) -> Tensor:
        """Return the image, (N, C, *extent), on which every pixel of the kernel has put what it gives."""
        rows, columns = (size + 2 * beside for size, beside in zip(extent, self.padding, strict=True))
        needed = self.needed()
        image = self.parts.new_zeros(*self.parts.shape[:2], max(rows, needed[0]), max(columns, needed[1]))
        for at in range(self.parts.shape[2])[::order]:
            place = divmod(at, self.kernel[1])
            axes = zip(place, self.dilation, self.stride, self.parts.shape[3:], strict=True)
            under = image[:, :, *(slice(k * d, k * d + s * (n - 1) + 1, s) for k, d, s, n in axes)]
            under.copy_(gift(under, self.parts[:, :, at], None if self.reached is None else self.reached[:, :, at]))
        top, left = self.padding
        return image[:, :, top : top + extent[0], left : left + extent[1]]

    def needed(self) -> Pair:
        """Return the extent that the windows reach."""
        axes = zip(self.kernel, self.dilation, self.stride, self.parts.shape[3:], strict=True)
        rows, columns = ((k - 1) * d + s * (n - 1) + 1 for k, d, s, n in axes)
        return rows, columns


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what stands where windows are written over one another, where added up they give the truth."""
    shape = symptom.truth.shape
    if len(shape) != 4 or symptom.drawn.x.dim() != 4 or not symptom.truth.numel():
        return
    extent, bias = (shape[2], shape[3]), symptom.drawn.parameters.get("bias") if symptom.of_forward else None
    for windows in (*of_kernel(symptom), *of_pool(symptom)):
        for kind, words, image in given(windows, extent, bool(symptom.drawn.parameters)):
            value = image if bias is None else image + bias.double()[:, None, None]
            yield Explanation(kind, words, fitted(value, shape))


def given(windows: OverlappingWindows, extent: Pair, with_weights: bool) -> Iterator[tuple[str, str, Tensor]]:
    """Yield the kind of a cause, its words, and the image that windows give if they are put down so."""
    for which, order in ORDERS.items():
        words = f"where windows overlap, what {which} gives stands alone: it is written over the others, not added"
        yield "overwritten", words, windows.written(extent, order)
    yield "averaged", "what windows give is divided by the number of them that overlap there", windows.averaged(extent)
    (rows, columns), none = windows.stride, (0, 0)
    for words, stride in {"": (1, 1), " along rows": (1, columns), " along columns": (rows, 1)}.items():
        if stride != windows.stride:
            words = f"what windows give is put down one pixel apart{words}, not a stride"
            yield "option ignored", words, replace(windows, stride=stride).added(extent)
    if windows.padding != none and not with_weights:
        words = "what windows give is put down as if there were no padding"
        yield "option ignored", words, replace(windows, padding=none).added(extent)


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
