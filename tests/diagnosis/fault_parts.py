"""What the faults of strangers' libraries are made of: wrong functions, and changes of what right ones give."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from tests.diagnosis.wrong_library import Change, Function, Options, Parameters, WrongLibrary

Inputs = tuple[Tensor, ...]


class Kind(NamedTuple):
    """One fault: the library that has it, the quantity that is asked, and a pattern of what must be told."""

    library: WrongLibrary
    quantity: str
    words: str


def both(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def at_input(function: Callable[..., Tensor]) -> Function:
    """Return the function of the inputs alone."""
    return lambda inputs, _, __: function(*inputs)


def reduced(each: Callable[[Tensor, Tensor], Tensor]) -> Function:
    """Return a loss of these values."""

    def function(inputs: Inputs, _: Parameters, options: Options) -> Tensor:
        value, kind = each(*inputs), options.get("reduction", "mean")
        if isinstance(weight := options.get("weight"), Tensor) and weight.dim():
            value = value * weight if value.shape == inputs[0].shape else value
        return value.mean() if kind == "mean" else value.sum() if kind == "sum" else value

    return function


def of_scores(log: Callable[[Tensor, int], Tensor]) -> Function:
    """Return the cross-entropy of these log-probabilities, along the axis of the classes."""

    def each(x: Tensor, t: Tensor) -> Tensor:
        at = min(1, x.dim() - 1)
        hot = t if t.is_floating_point() else torch.zeros_like(x).scatter(at, t.unsqueeze(at), 1.0)
        return -(log(x, at) * hot).sum(at)

    return reduced(each)


def changed(name: str, of: Callable[[Mapping[str, Tensor], Inputs, Options], Any]) -> Change:
    """Return the change of one quantity, from all that was found, the inputs and the options."""
    return lambda found, inputs, options: {**found, name: of(found, inputs, options)} if name in found else dict(found)


def slope(derivative: Callable[[Tensor], Tensor]) -> Change:
    """Return the change of dx to dy times a derivative at x."""
    return changed("dx", lambda found, inputs, _: derivative(inputs[0]) * found["dy"])


def mean_of(options: Options) -> bool:
    return options.get("reduction", "mean") == "mean"


def of_loss(derivative: Callable[[Tensor, Tensor], Tensor]) -> Change:
    """Return the change of dx to a derivative of each loss, times dy and over their number."""

    def dx(found: Mapping[str, Tensor], inputs: Inputs, options: Options) -> Tensor:
        n = inputs[0].numel() if mean_of(options) else 1
        return derivative(*inputs) * found["dy"] / n

    return changed("dx", dx)


def convolved(**other: Callable[[Options], Any]) -> Function:
    """Return the convolution of other options."""

    def function(inputs: Inputs, parameters: Parameters, options: Options) -> Tensor:
        asked = {name: options.get(name, 0 if name == "padding" else 1) for name in OF_WINDOWS}
        asked |= {name: of(options) for name, of in other.items()}
        return functional.conv2d(inputs[0], parameters["weight"], parameters.get("bias"), **asked)

    return function


OF_WINDOWS = ("stride", "padding", "dilation", "groups")


def padded(start: int, end: int, mode: str = "constant") -> Function:
    """Return the convolution of an image padded by hand, so many times on either side."""

    def function(inputs: Inputs, parameters: Parameters, options: Options) -> Tensor:
        rows, columns = both(options.get("padding", 0))
        wide = functional.pad(inputs[0], (columns * start, columns * end, rows * start, rows * end), mode=mode)
        return convolved(padding=lambda _: 0)((wide,), parameters, options)

    return function


def padded_after(inputs: Inputs, parameters: Parameters, options: Options) -> Tensor:
    rows, columns = both(options.get("padding", 0))
    return functional.pad(convolved(padding=lambda _: 0)(inputs, parameters, options), (columns, columns, rows, rows))


def ungrouped(inputs: Inputs, parameters: Parameters, options: Options) -> Tensor:
    x, weight = inputs[0], parameters["weight"]
    return convolved(groups=lambda _: 1)((x[:, : weight.shape[1]],), parameters, options)


def turned(inputs: Inputs, parameters: Parameters, options: Options) -> Tensor:
    return convolved()(inputs, {**parameters, "weight": parameters["weight"].flip(2, 3)}, options)


def transposed_without(inputs: Inputs, parameters: Parameters, options: Options, **other: Any) -> Tensor:
    """Return the transposed convolution without output padding."""
    asked = {name: options.get(name, 0 if name == "padding" else 1) for name in OF_WINDOWS}
    bias = None if "bias" in other else parameters.get("bias")
    return functional.conv_transpose2d(inputs[0], parameters["weight"], bias, **asked)


def output_padded_first(inputs: Inputs, parameters: Parameters, options: Options) -> Tensor:
    rows, columns = both(options.get("output_padding", 0))
    y = functional.pad(transposed_without(inputs, parameters, options, bias=None), (columns, 0, rows, 0))
    bias = parameters.get("bias")
    return y if bias is None else y + bias[:, None, None]


def tiled(inputs: Inputs, parameters: Parameters, options: Options) -> Tensor:
    return convolved()((inputs[0].repeat(1, 1, *both(options.get("scale_factor", 2))),), parameters, options)


def left_over(options: Options, rows: int) -> int:
    """Return how many rows no window reaches."""
    kernel, stride = both(options["kernel_size"])[0], both(options.get("stride", 1))[0]
    reach = rows + 2 * both(options.get("padding", 0))[0] - both(options.get("dilation", 1))[0] * (kernel - 1) - 1
    return reach % stride


def cropped(found: Mapping[str, Tensor], _: Inputs, options: Options) -> Tensor:
    dx = found["dx"]
    return dx[:, :, : dx.shape[2] - left_over(options, dx.shape[2])]


def wrong_if(condition: Callable[[Inputs, Options], bool], name: str) -> Change:
    """Return the change of a quantity beyond recognition where a condition holds."""
    return changed(name, lambda f, i, o: f[name].cumsum(-1).sin() + 3 if condition(i, o) else f[name])


def rows(value: Tensor) -> Tensor:
    return value.flatten(0, -2)


def quotient(x: Tensor, at: int) -> Tensor:
    return x.exp() / x.exp().sum(at, keepdim=True)


def diagonal(y: Tensor) -> Tensor:
    return y * (1 - y)


def coupled(y: Tensor, dy: Tensor) -> Tensor:
    return y * (dy - (y * dy).sum(-1, keepdim=True))


def ignored_too(inputs: Inputs, _: Parameters, options: Options) -> Tensor:
    """Return the cross-entropy whose mean is over all targets, as of a library that sums and divides by N."""
    asked = {**options, "reduction": "sum"} if options.get("reduction", "mean") == "mean" else options
    value = functional.cross_entropy(*inputs, **asked)
    weighed = inputs[1].is_floating_point() or options.get("weight") is not None
    count = inputs[0].numel() / inputs[0].shape[min(1, inputs[0].dim() - 1)]
    if asked is options or weighed:
        return functional.cross_entropy(*inputs, **options)
    return value / count
