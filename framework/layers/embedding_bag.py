"""A sum, or a mean, of vectors for every bag of numbers."""

import torch
from torch import Tensor

from framework import arguments
from framework.layers import bags, table
from framework.memory import Saved
from framework.placement import Device
from framework.precision import wide
from framework.several import Given

Found = tuple[tuple[Tensor, ...], tuple[Tensor, ...]]


def forward(numbers: Tensor, bag: Tensor, weight: Tensor, c: Tensor | None, into: bags.Into) -> tuple[Tensor, Saved]:
    terms = wide(table.rows(weight, numbers))  # (n, D)
    if c is not None:
        terms = terms.mul_(c.reshape(-1, 1))
    if into.padding is not None:
        terms.masked_fill_((numbers == into.padding)[:, None], 0)
    if into.length is None:
        y = table.added(terms, bag, into.bags)
    else:  # an axis of terms for every bag
        y = terms.view(into.bags, into.length, terms.shape[1]).sum(1)
    if into.mean:
        size = bags.sizes(numbers, bag, into)
        return y.div_(size[:, None]).to(weight.dtype), (numbers, bag, size)
    return y.to(weight.dtype), (numbers, bag) if c is None else (numbers, bag, c, weight)


def backward(dy: Tensor, saved: Saved, rows: int, padding: int | None) -> Found:
    numbers, bag, *rest = saved
    dterms = (wide(dy) / rest[0][:, None] if len(rest) == 1 else wide(dy))[bag]  # (n, D)
    if len(rest) < 2:
        return (), (table.added(dterms, numbers, rows, padding).to(dy.dtype),)
    c, weight = rest
    dc = (dterms * table.rows(weight, numbers)).sum(1)  # (n,)
    if padding is not None:
        dc.masked_fill_(numbers == padding, 0)
    dweight = table.added(dterms.mul_(c.reshape(-1, 1)), numbers, rows, padding)
    return (dc.to(dy.dtype).view(c.shape),), (dweight.to(dy.dtype),)


class EmbeddingBag(table.Table):
    """Add up the rows of a table, bag by bag; a bag is a row of input, or what lies between two offsets.

    Shapes    input (B, L), integers;  or (n,) with offsets (B,), integers: where each bag begins
              per_sample_weights c, dc  as input, or None;  y, dy (B, D);  weight (V, D)
    Forward   y[b] = Σ cᵢ weight[inputᵢ] over the i of bag b (cᵢ = 1 if c is None); the mean is of the cᵢ = 1, and 0 of
              none. Numbers that are padding_idx are not in a bag
    Backward  dweight[v] = Σ cᵢ dy[bᵢ] over inputᵢ = v, where cᵢ is 1 over the size of the bag in a mean;
              dcᵢ = dy[bᵢ] · weight[inputᵢ]
    Source    Joulin, Grave, Bojanowski & Mikolov 2017, "Bag of tricks for efficient text classification", §2;
              torch.nn.EmbeddingBag.
    Raises    as Embedding; ValueError for the mode max, for weights in a mean, for offsets that do not begin at 0 or
              decrease, and for offsets with rows.
    """

    takes, optional = ("input", "offsets", "per_sample_weights"), 2

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        *,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, device, dtype)
        self.without(max_norm=max_norm, norm_type=norm_type, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)
        self.mode = arguments.choice(self.label(), "mode", mode, ("mean", "sum"))
        self.include_last_offset = arguments.boolean(self.label(), "include_last_offset", include_last_offset)

    def options(self) -> dict[str, object]:
        return super().options() | {"mode": self.mode}

    def validate(self, given: Given) -> None:
        numbers, offsets, c = given
        bags.check(self, self.numbers("input", numbers, 0, self.num_embeddings - 1), offsets, self.include_last_offset)
        if c is not None:
            bags.check_weights(self.label(), c, numbers, self.weight, self.mode)

    def compute(self, given: Given) -> tuple[tuple[Tensor, ...], Saved]:
        numbers, offsets, c = given
        bag, count = bags.of(numbers, offsets, self.include_last_offset)
        length = numbers.shape[1] if offsets is None else None
        into = bags.Into(count, self.mode == "mean", self.padding_idx, length)
        y, saved = forward(numbers.reshape(-1), bag, self.weight, c, into)
        return (y,), saved

    def differentiate(self, dys: tuple[Tensor, ...], saved: Saved) -> Found:
        return backward(dys[0], saved, self.num_embeddings, self.padding_idx)
