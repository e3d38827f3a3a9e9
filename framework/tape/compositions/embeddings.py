"""Rows of a table read by their numbers, and summed bag by bag."""

from torch import Tensor

import framework
from framework.layers import bags
from framework.tape.joining import where
from framework.tape.variable import Variable


def rows(weight: Variable, numbers: Tensor, padding: int | None) -> Variable:
    """Return the row of each number; that of the padding is a constant."""
    read = weight.index_select(0, numbers.reshape(-1)).reshape(*numbers.shape, weight.shape[1])
    return read if padding is None else where((numbers == padding).unsqueeze(-1), read.tensor, read)


def embedding(layer: framework.Embedding, input: Tensor, weight: Variable) -> Variable:
    return rows(weight, input, layer.padding_idx)


def embedding_bag(
    layer: framework.EmbeddingBag, input: Tensor, offsets: Tensor | None, c: Variable | None, weight: Variable
) -> Variable:
    """Return Σ c row over every bag, or the mean of its rows; the padding is in no bag."""
    numbers = input.reshape(-1)
    bag, count = bags.of(input, offsets, layer.include_last_offset)
    terms = rows(weight, numbers, None)
    if c is not None:
        terms = terms * c.reshape(-1, 1)
    if layer.padding_idx is not None:
        terms = where((numbers == layer.padding_idx)[:, None], 0.0, terms)
    y = terms.index_sum(0, bag, count)
    if layer.mode == "sum":
        return y
    sizes = bags.sizes(numbers, bag, bags.Into(count, True, layer.padding_idx))
    return y / sizes[:, None].to(y.tensor.dtype)
