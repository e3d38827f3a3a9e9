"""What the layers with a convolution share: geometry, weight and bias."""

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from framework import arguments, init, placement
from framework.arguments import Extents
from framework.images.geometry import Geometry
from framework.images.padding import MODES, ZEROS, Border
from framework.module import Layer, Saved
from framework.placement import Device

Extent = int | Extents


class Convolutional(Layer):
    """A layer with a kernel: weight (O, C/G, *kernel), or (C, O/G, *kernel) if transposed, and bias (O,) or None.

    Raises    TypeError or ValueError if an option is no int (or tuple with one an axis) in its range, a channel count
              does not divide, padding or padding_mode is an unknown word, padding is "same" beside a stride, bias is no
              bool, or device or dtype is none that the framework computes on.
    """

    axes: ClassVar[int] = 2  # of an image
    alone: ClassVar[bool] = True  # whether an image may come without the axis of samples
    transposed: ClassVar[bool] = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extent,
        stride: Extent,
        padding: Extent | str,
        dilation: Extent,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        layer = self.label()
        self.in_channels = arguments.whole(layer, "in_channels", in_channels, 1)
        self.out_channels = arguments.whole(layer, "out_channels", out_channels, 1)
        kernel = arguments.extents(layer, "kernel_size", kernel_size, self.axes, 1)
        strides = arguments.extents(layer, "stride", stride, self.axes, 1)
        dilations = arguments.extents(layer, "dilation", dilation, self.axes, 1)
        mode = arguments.choice(layer, "padding_mode", padding_mode, (ZEROS,) if self.transposed else MODES)
        border = Border(*self.framed(padding, kernel, strides, dilations), mode)
        self.padding = padding if isinstance(padding, str) else border.before
        self.geometry = Geometry(kernel, strides, border, dilations, arguments.whole(layer, "groups", groups, 1))
        for name, channels in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if channels % self.geometry.groups:
                raise ValueError(f"{layer}: {name} must be divisible by groups {groups}, was {channels}")
        biased = arguments.boolean(layer, "bias", bias)
        weight = placement.empty(layer, *self.weight_shape(), on=device, of=dtype)
        fan_in, _ = init.fans(weight)
        self.weight = self.register("weight", init.torch_default(weight, fan_in))
        self.bias = (
            self.register("bias", init.torch_default(weight.new_empty(self.out_channels), fan_in)) if biased else None
        )

    def framed(self, padding: object, kernel: Extents, stride: Extents, dilation: Extents) -> tuple[Extents, Extents]:  # noqa: ARG002 - read where padding may be a word
        """Return how many pixels of padding lie before the image and after it, on every axis."""
        width = arguments.extents(self.label(), "padding", padding, self.axes, 0)
        return width, width

    def weight_shape(self) -> tuple[int, ...]:
        """Return (O, C/G, *kernel), or (C, O/G, *kernel) if transposed."""
        outer, inner = self.out_channels, self.in_channels
        if self.transposed:
            outer, inner = inner, outer
        return outer, inner // self.geometry.groups, *self.geometry.kernel

    def options(self) -> dict[str, object]:
        return {
            "in_channels": self.in_channels,
            "out_channels": self.out_channels,
            "kernel_size": self.geometry.kernel,
            "stride": self.geometry.stride,
            "padding": self.padding,
            "dilation": self.geometry.dilation,
            "groups": self.geometry.groups,
            "bias": self.bias is not None,
            "padding_mode": self.geometry.border.mode,
        }

    def validate(self, x: Tensor) -> None:
        layer = self.label()
        arguments.image(layer, x, self.in_channels, self.axes, self.alone)
        arguments.alike(layer, "x", x, self.weight, "weight")
        self.validate_size(tuple(x.shape[-self.axes :]))

    @abstractmethod
    def validate_size(self, size: Extents) -> None:
        """Raise ValueError unless there is an image and the kernel fits it."""

    @abstractmethod
    def convolve(self, x: Tensor) -> tuple[Tensor, Saved]:
        """Return the output and what backward reads, given samples of images."""

    @abstractmethod
    def adjoint(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        """Return dx and the gradients of weight and bias, given those samples' dy."""

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        if x.dim() > self.axes + 1:
            return self.convolve(x)
        y, saved = self.convolve(x[None])
        return y[0], saved

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        if dy.dim() > self.axes + 1:
            return self.adjoint(dy, saved)
        dx, *gradients = self.adjoint(dy[None], saved)
        return dx[0], *gradients
