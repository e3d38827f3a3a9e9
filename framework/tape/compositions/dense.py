"""Products of matrices."""

from framework.tape.variable import Variable


def linear(x: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    """Return x weightᵀ + bias."""
    y = x @ weight.t()
    return y if bias is None else y + bias


def bilinear(input1: Variable, input2: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    """Return input1ᵀ weight_o input2 + bias_o, of every row and for every o."""
    rows1, rows2 = (x.reshape(x.shape[:-1].numel(), x.shape[-1]) for x in (input1, input2))
    outputs, features1, features2 = weight.shape
    by_one = (rows1 @ weight.transpose(0, 1).reshape(features1, outputs * features2)).reshape(-1, outputs, features2)
    y = (by_one @ rows2.reshape(*rows2.shape, 1)).reshape(*input1.shape[:-1], outputs)
    return y if bias is None else y + bias
