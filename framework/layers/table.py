"""A table of vectors: rows are read by their numbers, and what comes back is added by the same numbers."""

import torch
from torch import Tensor

from framework import arguments, placement
from framework.placement import Device
from framework.precision import wide
from framework.several import Several
from framework.sums import add_slices

# What torch may change by options, and is not here: rows kept small, gradients over frequencies, sparse gradients.
PLAIN: dict[str, object] = {"max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False, "sparse": False}


def rows(weight: Tensor, numbers: Tensor) -> Tensor:
    """Return the rows of these numbers."""
    if numbers.dim() == 1:
        return weight.index_select(0, numbers)
    read = weight.index_select(0, numbers.reshape(-1))  # six times as fast as an index of other axes
    return read.view(*numbers.shape, weight.shape[1])


def added(of_rows: Tensor, numbers: Tensor, count: int, padding: int | None = None) -> Tensor:
    """Return the sum of what came back to each of `count` rows; nothing to that of the padding."""
    flat, terms = numbers.reshape(-1), wide(of_rows.reshape(-1, of_rows.shape[-1]))
    total = terms.new_zeros(count, terms.shape[1])
    add_slices(total, 0, flat, terms)
    if padding is not None:
        total[padding] = 0
    return total.to(of_rows.dtype)


class Table(Several):
    """What Embedding and EmbeddingBag share: the table, and the check of the numbers."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        device: Device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        layer = self.label()
        self.num_embeddings = arguments.whole(layer, "num_embeddings", num_embeddings, 1)
        self.embedding_dim = arguments.whole(layer, "embedding_dim", embedding_dim, 1)
        self.padding_idx = None if padding_idx is None else self.row("padding_idx", padding_idx)
        weight = placement.empty(layer, self.num_embeddings, self.embedding_dim, on=device, of=dtype).normal_()
        if self.padding_idx is not None:
            weight[self.padding_idx] = 0
        self.weight = self.register("weight", weight)

    def row(self, argument: str, value: object) -> int:
        """Return the number of a row, counted from the front; raise TypeError or ValueError if there is none."""
        number, count = arguments.integer(self.label(), argument, value), self.num_embeddings
        if not -count <= number < count:
            raise ValueError(f"{self.label()}: {argument} must be in {-count} ... {count - 1}, was {number}")
        return number % count

    def without(self, **given: object) -> None:
        """Raise ValueError for an option of torch's that has another value than the one it has here."""
        for name, value in given.items():
            if type(value) is not type(PLAIN[name]) or value != PLAIN[name]:
                raise ValueError(f"{self.label()}: {name} must be {PLAIN[name]}, which is all there is, was {value!r}")

    def options(self) -> dict[str, object]:
        own: dict[str, object] = {"num_embeddings": self.num_embeddings, "embedding_dim": self.embedding_dim}
        return own if self.padding_idx is None else own | {"padding_idx": self.padding_idx}

    def numbers(self, argument: str, value: object, low: int, high: int) -> Tensor:
        """Return `value` if it is a tensor of int64 or int32 where the table is, in [low, high]; raise otherwise."""
        layer = self.label()
        if not isinstance(value, Tensor):
            raise TypeError(f"{layer}: {argument} must be a tensor, was {type(value).__name__}")
        if value.dtype not in (torch.int64, torch.int32):
            raise TypeError(f"{layer}: {argument} must be of int64 or int32, was {value.dtype}")
        arguments.placed(layer, argument, value, self.weight, "weight")
        return arguments.within(layer, argument, value, low, high)
