"""A vector for every number."""

import torch
from torch import Tensor

from framework.layers import table
from framework.memory import Saved
from framework.placement import Device
from framework.several import Given


def forward(input: Tensor, weight: Tensor) -> tuple[Tensor, Saved]:
    return table.rows(weight, input), (input,)


def backward(dy: Tensor, saved: Saved, count: int, padding: int | None) -> Tensor:
    (numbers,) = saved
    return table.added(dy, numbers, count, padding)


class Embedding(table.Table):
    """Read the rows of a table whose numbers are given.

    Shapes    input  (*), integers;  y, dy (*, D)
              weight (V, D)
    Forward   y       = weight[input]
    Backward  dweight[v] = Σ dy over the places where input = v; 0 for v = padding_idx. There is no dL/dinput: None
    Source    Bengio, Ducharme, Vincent & Jauvin 2003, "A neural probabilistic language model", §2, the matrix C;
              torch.nn.Embedding, whose initial values are standard normal, and 0 in the row of padding_idx.
    Raises    TypeError if input is not of int64 or int32; ValueError if a number is not in 0 ... V - 1, if padding_idx
              is no row, or for max_norm, norm_type, scale_grad_by_freq or sparse, which are not here.
    """

    takes = ("input",)

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, device, dtype)
        self.without(max_norm=max_norm, norm_type=norm_type, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)

    def validate(self, given: Given) -> None:
        self.numbers("input", given[0], 0, self.num_embeddings - 1)

    def compute(self, given: Given) -> tuple[tuple[Tensor, ...], Saved]:
        y, saved = forward(given[0], self.weight)
        return (y,), saved

    def differentiate(self, dys: tuple[Tensor, ...], saved: Saved) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        return (), (backward(dys[0], saved, self.num_embeddings, self.padding_idx),)
