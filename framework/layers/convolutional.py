"""What the layers with a convolution share: geometry, weight and bias."""

from typing import ClassVar

import torch
from torch import Tensor

from framework import arguments, init, placement
from framework.arguments import Pair
from framework.correlation import Geometry, size_of
from framework.module import Layer
from framework.placement import Device

Extent = int | Pair


class Convolutional(Layer):
    """A layer with a kernel: weight (O, C/G, Kh, Kw), or (C, O/G, Kh, Kw) if transposed, and bias (O,) or None.

    Raises    TypeError or ValueError if an option is no int (or pair) in its range, a channel count does not divide,
              bias is no bool, or device or dtype is none that the framework computes on.
    """

    transposed: ClassVar[bool] = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extent,
        stride: Extent,
        padding: Extent,
        dilation: Extent,
        groups: int,
        bias: bool,
        device: Device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        layer = self.label()
        self.in_channels = arguments.whole(layer, "in_channels", in_channels, 1)
        self.out_channels = arguments.whole(layer, "out_channels", out_channels, 1)
        self.geometry = Geometry(
            kernel=arguments.pair(layer, "kernel_size", kernel_size, 1),
            stride=arguments.pair(layer, "stride", stride, 1),
            padding=arguments.pair(layer, "padding", padding, 0),
            dilation=arguments.pair(layer, "dilation", dilation, 1),
            groups=arguments.whole(layer, "groups", groups, 1),
        )
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

    def weight_shape(self) -> tuple[int, ...]:
        """Return (O, C/G, Kh, Kw), or (C, O/G, Kh, Kw) if transposed."""
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
            "padding": self.geometry.padding,
            "dilation": self.geometry.dilation,
            "groups": self.geometry.groups,
            "bias": self.bias is not None,
        }

    def validate(self, x: Tensor) -> None:
        layer = self.label()
        arguments.image(layer, x, self.in_channels)
        arguments.alike(layer, "x", x, self.weight, "weight")
        self.validate_size(size_of(x))

    def validate_size(self, size: Pair) -> None:
        """Raise ValueError unless there is an image and the kernel fits it."""
        if min(*size, *self.geometry.output(size)) < 1:
            raise ValueError(
                f"{self.label()}: x must be at least {self.geometry.extent}, the dilated kernel, "
                f"once padded by {self.geometry.padding}, and not empty, was {size}"
            )
