"""Convolution and transposed convolution from three products, however those are summed.

Shapes  x (N, C, *image), y (N, O, *out), weight (O, C/G, *kernel); transposed, x is shaped as y here and y as x.
Terms   y[n, o, p] = Σ x[n, c, p·stride + k·dilation - padding] weight[o, c, k] over c, k, within a group; p, k have a
        number an axis
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors

Extents = tuple[int, ...]


def each(value: Any, axes: int) -> Extents:
    return tuple(value) if isinstance(value, Sequence) else (value,) * axes


def pair(value: Any) -> tuple[int, int]:
    first, second = each(value, 2)
    return first, second


@dataclass(frozen=True)
class Windows:
    """Which pixels meet which weights: the options of a convolution, the image's extents and the output's."""

    kernel: Extents
    stride: Extents
    before: Extents
    after: Extents
    mode: str
    dilation: Extents
    groups: int
    image: Extents
    out: Extents

    @classmethod
    def of(cls, options: Options, kernel: Extents, given: Extents, transposed: bool) -> "Windows":
        """Return the windows of `options`, with `given` the extents of the input."""
        axes = range(len(given))
        s, d, more = (
            each(options.get(name, default), len(given))
            for name, default in (("stride", 1), ("dilation", 1), ("output_padding", 0))
        )
        reach = [d[i] * (kernel[i] - 1) + 1 for i in axes]
        before, after = around(options.get("padding", 0), reach)
        other = tuple(
            (given[i] - 1) * s[i] - before[i] - after[i] + reach[i] + more[i]
            if transposed
            else (given[i] + before[i] + after[i] - reach[i]) // s[i] + 1
            for i in axes
        )
        image, out = (other, given) if transposed else (given, other)
        mode, groups = options.get("padding_mode", "zeros"), options.get("groups", 1)
        return cls(kernel, s, before, after, mode, d, groups, image, out)

    @property
    def wide(self) -> Extents:
        """The image's extents with what is around it."""
        return tuple(a + n + b for a, n, b in zip(self.before, self.image, self.after, strict=True))

    @property
    def within(self) -> tuple[Any, ...]:
        """Where the image lies in it."""
        return (..., *(slice(a, a + n) for a, n in zip(self.before, self.image, strict=True)))

    def shown(self, axis: int, like: Tensor) -> Tensor:
        """Return which pixel of the image is shown at each place of an axis, where padding shows pixels."""
        size = self.image[axis]
        places = torch.arange(self.wide[axis], device=like.device) - self.before[axis]
        if self.mode == "circular":
            return places % size
        if self.mode == "replicate":
            return places.clamp(0, size - 1)
        turn = 2 * max(1, size - 1)
        return (places % turn).minimum(-places % turn)

    def padded(self, x: Tensor) -> Tensor:
        """Return x in groups, with zeros around it, or what padding shows: (N, G, C/G, *wide)."""
        grouped = self.grouped(x)
        if self.mode == "zeros":
            wide = grouped.new_zeros(*grouped.shape[:3], *self.wide)
            wide[self.within] = grouped
            return wide
        for axis in range(len(self.image)):
            grouped = grouped.index_select(3 + axis, self.shown(axis, x))
        return grouped

    def cropped(self, wide: Tensor) -> Tensor:
        """Return (N, C, *image), with what padding shows added where it was seen: the adjoint of `padded`."""
        if self.mode == "zeros":
            return wide[self.within].flatten(1, 2)
        for axis, size in enumerate(self.image):
            shape = (*wide.shape[: 3 + axis], size, *wide.shape[4 + axis :])
            wide = wide.new_zeros(shape).index_add(3 + axis, self.shown(axis, wide), wide)
        return wide.flatten(1, 2)

    def grouped(self, value: Tensor, axis: int = 1) -> Tensor:
        """Return `value` with its axis of channels split into (G, channels of a group)."""
        split = (self.groups, value.shape[axis] // self.groups)
        return value.reshape(*value.shape[:axis], *split, *value.shape[axis + 1 :])


def around(padding: Any, reach: Sequence[int]) -> tuple[Extents, Extents]:
    """Return how many pixels of padding there are before an image and after it, on every axis."""
    if padding == "same":
        return tuple((n - 1) // 2 for n in reach), tuple(n // 2 for n in reach)
    both = each(0 if padding == "valid" else padding, len(reach))
    return both, both


class Products(Protocol):
    """The three products, each linear in both tensors."""

    def outputs(self, x: Tensor, weight: Tensor, at: Windows) -> Tensor:
        """Return y (N, O, *out)."""

    def images(self, y: Tensor, weight: Tensor, at: Windows) -> Tensor:
        """Return the adjoint of `outputs` in x: (N, C, *image)."""

    def weights(self, x: Tensor, y: Tensor, at: Windows) -> Tensor:
        """Return the adjoint of `outputs` in weight: (O, C/G, *kernel)."""


def with_bias(y: Tensor, parameters: Tensors) -> Tensor:
    return y + parameters["bias"].view(-1, *[1] * (y.dim() - 2)) if "bias" in parameters else y


def dbias(dy: Tensor, parameters: Tensors) -> dict[str, Tensor]:
    return {"bias": dy.sum((*range(2, dy.dim()), 0))} if "bias" in parameters else {}


def of_samples(rule: Rule) -> Rule:
    """Return the rule for an image alone too: a batch of one."""

    def of_any(options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        if x.dim() == parameters["weight"].dim():
            return rule(options, parameters, x)
        y, pullback = rule(options, parameters, x.unsqueeze(0))

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            dx, gradients = pullback(dy.unsqueeze(0))
            return dx.squeeze(0), gradients

        return y.squeeze(0), back

    return of_any


def convolution(products: Products) -> Rule:
    """A convolution: dx is the adjoint in x, dweight the adjoint in weight."""

    def rule(options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        weight = parameters["weight"]
        at = Windows.of(options, weight.shape[2:], x.shape[2:], transposed=False)

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            gradients = {"weight": products.weights(x, dy, at)} | dbias(dy, parameters)
            return products.images(dy, weight, at), gradients

        return with_bias(products.outputs(x, weight, at), parameters), back

    return of_samples(rule)


def transposed(products: Products) -> Rule:
    """The transpose: the adjoint of a convolution, so that its own adjoint is that convolution."""

    def rule(options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        weight = parameters["weight"]
        at = Windows.of(options, weight.shape[2:], x.shape[2:], transposed=True)

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            gradients = {"weight": products.weights(dy, x, at)} | dbias(dy, parameters)
            return products.outputs(dy, weight, at), gradients

        return with_bias(products.images(x, weight, at), parameters), back

    return of_samples(rule)


def of_every_rank(products: Products) -> dict[str, Rule]:
    """Return the rules of convolutions and their transposes, over one axis, two and three."""
    rules = {f"Conv{axes}d": convolution(products) for axes in (1, 2, 3)}
    return rules | {f"ConvTranspose{axes}d": transposed(products) for axes in (1, 2, 3)}


def enlarged_size(options: Options, x: Tensor) -> tuple[int, int]:
    """Return the size that images get: asked for, or a multiple of theirs."""
    if options.get("size") is not None:
        return pair(options["size"])
    scale = pair(options["scale_factor"])
    return x.shape[2] * scale[0], x.shape[3] * scale[1]


def enlarged(nearest: Rule, convolve: Rule) -> Rule:
    """Upsampling: nearest neighbours, then a convolution."""

    def rule(options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        large, back_to_small = nearest({name: options.get(name) for name in ("scale_factor", "size")}, {}, x)
        y, back_to_large = convolve(options, parameters, large)

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            dlarge, gradients = back_to_large(dy)
            return back_to_small(dlarge)[0], gradients

        return y, back

    return rule
