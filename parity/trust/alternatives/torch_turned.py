"""torch itself in another layout: everything reversed or turned on the way in and turned back on the way out.

Batches run backwards; images are transposed and stored channels-last, kernels and options with them; features, outputs
and classes are in reverse order. What torch then sums, it sums in another order; autograd differentiates.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue import pages
from parity.subjects.contract import Unsupported
from parity.trust.alternatives.correlation import pair
from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors

IN_PAIRS = ("kernel_size", "stride", "padding", "dilation", "output_padding", "scale_factor")


def differentiated(function: Callable[..., Tensor]) -> Rule:
    """Return the rule of a differentiable function of (options, parameters, *inputs)."""

    def rule(options: Options, parameters: Tensors, *inputs: Tensor) -> tuple[Tensor, Pullback]:
        leaves = {name: value.detach().requires_grad_() for name, value in parameters.items()}
        x = inputs[0].detach().requires_grad_()
        y = function(options, leaves, x, *inputs[1:])

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            dx, *gradients = torch.autograd.grad(y, [x, *leaves.values()], dy, retain_graph=True)
            return dx, dict(zip(leaves, gradients, strict=True))

        return y.detach(), back

    return rule


def linear(_options: Options, parameters: Tensors, x: Tensor) -> Tensor:
    """Features and outputs in reverse order."""
    bias = parameters["bias"].flip(0) if "bias" in parameters else None
    return functional.linear(x.flip(-1), parameters["weight"].flip(0, 1), bias).flip(-1)


def image(module: str) -> Callable[..., Tensor]:
    """A module of images, transposed, and the batch backwards.

    Raises Unsupported for infinities in bfloat16: beside them torch's convolutions give nan for inf, elsewhere in every
    layout, so that no layout but the reference's own can be held against it.
    """

    def turned(value: Tensor) -> Tensor:
        return value.transpose(2, 3).contiguous(memory_format=torch.channels_last)

    def function(options: Options, parameters: Tensors, x: Tensor) -> Tensor:
        if parameters and x.dtype == torch.bfloat16 and not x.isfinite().all():
            raise Unsupported("torch's bfloat16 convolutions give nan beside an infinity, depending on the layout")
        swapped = {name: pair(value)[::-1] if name in IN_PAIRS else value for name, value in options.items()}
        built = pages()[module].reference(**swapped)
        own = {name: turned(value) if value.dim() == 4 else value for name, value in parameters.items()}
        y: Tensor = torch.func.functional_call(built, own, (turned(x.flip(0)),))
        return turned(y.flip(0))

    return function


def reversed_everywhere(module: str) -> Callable[..., Tensor]:
    """A module without parameters that treats all places alike: every axis of x backwards, and of y again."""

    def function(options: Options, _parameters: Tensors, x: Tensor) -> Tensor:
        y: Tensor = pages()[module].reference(**options)(x.flip(*range(x.dim())))
        return y.flip(*range(y.dim()))

    return function


def reversed_but_for(module: str, kept: tuple[int, ...] = ()) -> Callable[..., Tensor]:
    """A module whose parameters lie along axes of x: all axes backwards but those kept, its parameters with them."""

    def function(options: Options, parameters: Tensors, x: Tensor) -> Tensor:
        axes = [axis for axis in range(x.dim()) if axis not in kept]
        own = {name: value.flip(*range(value.dim())) for name, value in parameters.items()}
        y: Tensor = torch.func.functional_call(pages()[module].reference(**options), own, (x.flip(*axes),))
        return y.flip(*axes)

    return function


def loss(module: str) -> Callable[..., Tensor]:
    """A loss of samples and places in reverse order; classes, which are axis 1 of p alone, with their numbers."""

    def function(options: Options, _parameters: Tensors, p: Tensor, t: Tensor) -> Tensor:
        backwards = t.flip(*range(t.dim()))
        numbered = backwards if t.is_floating_point() else p.shape[1] - 1 - backwards
        y: Tensor = pages()[module].reference(**options)(p.flip(*range(p.dim())), numbered)
        return y.flip(*range(y.dim())) if y.dim() else y

    return function


RULES: dict[str, Rule] = {
    name: differentiated(function)
    for name, function in {
        "Linear": linear,
        **{name: image(name) for name in ("Conv2d", "ConvTranspose2d", "NearestUpsampling", "Upsampling")},
        **{name: reversed_everywhere(name) for name in "Flatten ReLU LeakyReLU Sigmoid Tanh Softmax".split()},
        **{name: reversed_but_for(name) for name in "LayerNorm RMSNorm GroupNorm InstanceNorm2d PReLU".split()},
        "LocalResponseNorm": reversed_but_for("LocalResponseNorm", (1,)),  # a window of even size is not symmetric
        **{name: loss(name) for name in ("MSELoss", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss")},
    }.items()
}
