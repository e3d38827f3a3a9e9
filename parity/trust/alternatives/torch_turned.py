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
from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors

IMAGES = (
    *(f"{kind}{axes}d" for kind in ("Conv", "ConvTranspose") for axes in (1, 2, 3)),
    *("NearestUpsampling", "Upsampling"),
)

LOSSES = (
    "MSELoss BCELoss BCEWithLogitsLoss CrossEntropyLoss NLLLoss L1Loss SmoothL1Loss HuberLoss KLDivLoss PoissonNLLLoss "
    "HingeEmbeddingLoss"
).split()


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
    """A module of images, their axes in the other order, and the batch backwards.

    Raises Unsupported for infinities in bfloat16: beside them torch's convolutions give nan for inf, elsewhere in every
    layout, so that no layout but the reference's own can be held against it.
    """

    def turned(value: Tensor, axes: int) -> Tensor:
        lead = value.dim() - axes
        others = value.permute(*range(lead), *reversed(range(lead, value.dim())))
        return others.movedim(lead - 1, -1).contiguous().movedim(-1, lead - 1)

    def function(options: Options, parameters: Tensors, x: Tensor) -> Tensor:
        if parameters and x.dtype == torch.bfloat16 and not x.isfinite().all():
            raise Unsupported("torch's bfloat16 convolutions give nan beside an infinity, depending on the layout")
        swapped = {name: value[::-1] if isinstance(value, tuple) else value for name, value in options.items()}
        built = pages()[module].reference(**swapped)
        axes = parameters["weight"].dim() - 2 if parameters else x.dim() - 2
        batch = [0] if x.dim() == axes + 2 else []
        own = {name: turned(value, axes) if value.dim() > 1 else value for name, value in parameters.items()}
        y: Tensor = torch.func.functional_call(built, own, (turned(x.flip(batch), axes),))
        return turned(y.flip(batch), axes)

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
    """A loss of samples and places in reverse order; classes, which are axis 1 of p alone, with numbers and weights."""

    def function(options: Options, _parameters: Tensors, p: Tensor, t: Tensor) -> Tensor:
        last, turned = p.shape[min(1, p.dim() - 1)] - 1, t.flip(tuple(range(t.dim())))
        if not t.is_floating_point() and t.dim() < p.dim():
            turned = torch.where(turned < 0, turned, last - turned)
        own = {name: value.flip(-1) if isinstance(value, Tensor) else value for name, value in options.items()}
        if options.get("ignore_index", -1) >= 0:
            own["ignore_index"] = last - options["ignore_index"]
        y: Tensor = pages()[module].reference(**own).to(p.dtype)(p.flip(*range(p.dim())), turned)
        return y.flip(*range(y.dim())) if y.dim() else y

    return function


RULES: dict[str, Rule] = {
    name: differentiated(function)
    for name, function in {
        "Linear": linear,
        **{name: image(name) for name in IMAGES},
        **{name: reversed_everywhere(name) for name in "Flatten ReLU LeakyReLU Sigmoid Tanh Softmax".split()},
        **{name: reversed_but_for(name) for name in "LayerNorm RMSNorm GroupNorm InstanceNorm2d PReLU".split()},
        "LocalResponseNorm": reversed_but_for("LocalResponseNorm", (1,)),  # a window of even size is not symmetric
        **{name: loss(name) for name in LOSSES},
    }.items()
}
