"""Convolution and transposed convolution from three products, however those are summed.

Shapes  x (N, C, H, W), y (N, O, P, Q), weight (O, C/G, *kernel); transposed, x is shaped as y here and y as x.
Terms   y[n, o, p, q] = Σ x[n, c, p·stride + k·dilation - padding, ...] weight[o, c, k, l] over c, k, l, within a group
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors

Pair = tuple[int, int]


def pair(value: Any) -> Pair:
    first, second = value if isinstance(value, Sequence) else (value, value)
    return first, second


@dataclass(frozen=True)
class Windows:
    """Which pixels meet which weights: the options of a convolution, the image's extents and the output's."""

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int
    image: Pair
    out: Pair

    @classmethod
    def of(cls, options: Options, given: Pair, transposed: bool) -> "Windows":
        """Return the windows of `options`, with `given` the extents of the input."""
        k, s, p, d, more = (
            pair(options.get(name, default))
            for name, default in (
                ("kernel_size", 1),
                ("stride", 1),
                ("padding", 0),
                ("dilation", 1),
                ("output_padding", 0),
            )
        )
        reach = [d[i] * (k[i] - 1) + 1 for i in (0, 1)]
        h, w = (
            (given[i] - 1) * s[i] - 2 * p[i] + reach[i] + more[i]
            if transposed
            else (given[i] + 2 * p[i] - reach[i]) // s[i] + 1
            for i in (0, 1)
        )
        image, out = ((h, w), given) if transposed else (given, (h, w))
        return cls(k, s, p, d, options.get("groups", 1), image, out)

    def padded(self, x: Tensor) -> Tensor:
        """Return x in groups, with zeros around it: (N, G, C/G, H + 2 padding, W + 2 padding)."""
        (h, w), (top, left) = self.image, self.padding
        wide = x.new_zeros(len(x), self.groups, x.shape[1] // self.groups, h + 2 * top, w + 2 * left)
        wide[..., top : top + h, left : left + w] = self.grouped(x)
        return wide

    def cropped(self, wide: Tensor) -> Tensor:
        """Return (N, C, H, W) without the zeros around it: the opposite of `padded`."""
        (h, w), (top, left) = self.image, self.padding
        return wide[..., top : top + h, left : left + w].flatten(1, 2)

    def grouped(self, value: Tensor, axis: int = 1) -> Tensor:
        """Return `value` with its axis of channels split into (G, channels of a group)."""
        split = (self.groups, value.shape[axis] // self.groups)
        return value.reshape(*value.shape[:axis], *split, *value.shape[axis + 1 :])


class Products(Protocol):
    """The three products, each linear in both tensors."""

    def outputs(self, x: Tensor, weight: Tensor, at: Windows) -> Tensor:
        """Return y (N, O, P, Q)."""

    def images(self, y: Tensor, weight: Tensor, at: Windows) -> Tensor:
        """Return the adjoint of `outputs` in x: (N, C, H, W)."""

    def weights(self, x: Tensor, y: Tensor, at: Windows) -> Tensor:
        """Return the adjoint of `outputs` in weight: (O, C/G, *kernel)."""


def with_bias(y: Tensor, parameters: Tensors) -> Tensor:
    return y + parameters["bias"][:, None, None] if "bias" in parameters else y


def dbias(dy: Tensor, parameters: Tensors) -> dict[str, Tensor]:
    return {"bias": dy.sum((3, 2, 0))} if "bias" in parameters else {}


def convolution(products: Products) -> Rule:
    """Conv2d: dx is the adjoint in x, dweight the adjoint in weight."""

    def rule(options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        weight, at = parameters["weight"], Windows.of(options, pair(x.shape[2:]), transposed=False)

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            gradients = {"weight": products.weights(x, dy, at)} | dbias(dy, parameters)
            return products.images(dy, weight, at), gradients

        return with_bias(products.outputs(x, weight, at), parameters), back

    return rule


def transposed(products: Products) -> Rule:
    """ConvTranspose2d: the adjoint of a convolution, so that its own adjoint is that convolution."""

    def rule(options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        weight, at = parameters["weight"], Windows.of(options, pair(x.shape[2:]), transposed=True)

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            gradients = {"weight": products.weights(dy, x, at)} | dbias(dy, parameters)
            return products.outputs(dy, weight, at), gradients

        return with_bias(products.images(x, weight, at), parameters), back

    return rule


def enlarged(nearest: Rule, convolve: Rule) -> Rule:
    """Upsampling: nearest neighbours, then a convolution."""

    def rule(options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        large, back_to_small = nearest({"scale_factor": options.get("scale_factor", 2)}, {}, x)
        y, back_to_large = convolve(options, parameters, large)

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            dlarge, gradients = back_to_large(dy)
            return back_to_small(dlarge)[0], gradients

        return y, back

    return rule
