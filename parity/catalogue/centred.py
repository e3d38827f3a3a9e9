"""What the pages of layers share that take a mean off: where rounding the input leaves little of what is then left."""

from torch import Tensor

APART = "numbers near 100 are 0.5 apart, as wide as what is left without their mean"
ALIKE = "neighbouring pixels are alike: much of what is left without their mean is their rounding"

# Whether zeros would pass is chance in these, where it is not certain.
NEARLY_NOTHING_LEFT = {
    "* bfloat16 offset * output": APART,
    "* bfloat16 offset * dx": APART,
    "* bfloat16 offset * dweight": APART,
    "* float16 offset * dweight": "numbers near 100 are 0.06 apart, which moves every term of the sum by a tenth",
    "* bfloat16 photograph * dweight": ALIKE,
}


def standardised(x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    """Return x without its mean along axes, divided by the root of its variance and eps: by the formula.

    The kernels of torch.nn's batch and instance normalisation add squares one after the other, each to a mean that is
    still on its way: of a photograph, whose pixels have few values, that rounds the same way again and again, and costs
    two digits of float64, which the truth must have.
    """
    off = x - x.mean(axes, keepdim=True)
    var: Tensor = off.square().mean(axes, keepdim=True)
    return off / (var + eps).sqrt()


def scaled(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Return x (N, C, *) with weight and bias of every channel, where there are any."""
    of_channel = (-1, *[1] * (x.dim() - 2))
    y = x if weight is None else x * weight.view(of_channel)
    return y if bias is None else y + bias.view(of_channel)
