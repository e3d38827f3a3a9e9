"""Tables of vectors by other roads: products with matrices of ones and zeros, and rows sorted by their numbers."""

from typing import Any

import torch
from torch import Tensor

from parity.trust.alternatives.rule import Options, Pullback, Rule, Tensors
from parity.trust.alternatives.sums import Sum


def chosen(numbers: Tensor, count: int, like: Tensor) -> Tensor:
    """Return a row for each number, 1 at its place and 0 elsewhere: (n, count)."""
    return (numbers.reshape(-1, 1) == torch.arange(count, device=numbers.device)).to(like.dtype)


def padding(options: Options) -> int:
    """Return the number of the padding; -1 where there is none."""
    at = options.get("padding_idx")
    return -1 if at is None else int(at) % int(options["num_embeddings"])


def product(options: Options, parameters: Tensors, numbers: Tensor) -> tuple[Tensor, Pullback]:
    """A matrix of ones and zeros times the table; its transpose times dy."""
    weight = parameters["weight"]
    ones = chosen(numbers, len(weight), weight)
    learnt = (torch.arange(len(weight), device=weight.device) != padding(options)).unsqueeze(1)

    def back(dy: Tensor) -> tuple[None, dict[str, Tensor]]:
        return None, {"weight": (ones.t() @ dy.reshape(len(ones), -1)) * learnt}

    return (ones @ weight).view(*numbers.shape, weight.shape[1]), back


def collected(total: Sum) -> Rule:
    """Rows taken one after the other; the gradient of a row is the sum of what its places bring, row by row."""

    def rule(options: Options, parameters: Tensors, numbers: Tensor) -> tuple[Tensor, Pullback]:
        weight, flat = parameters["weight"], numbers.reshape(-1)

        def back(dy: Tensor) -> tuple[None, dict[str, Tensor]]:
            rows = dy.reshape(len(flat), -1)
            sums = [total(rows[flat == row], 0) for row in range(len(weight))]
            sums = [sums[row] * (row != padding(options)) for row in range(len(weight))]
            return None, {"weight": torch.stack(sums)}

        read = [weight[int(row)] for row in flat] or [weight[:0].reshape(-1)]
        return torch.stack(read).view(*numbers.shape, weight.shape[1]), back

    return rule


def bag_of_each(numbers: Tensor, offsets: Tensor | None, last: bool) -> tuple[Tensor, int]:
    """Return the bag of each number, and how many bags there are."""
    if offsets is None:
        return torch.arange(numbers.numel(), device=numbers.device) // max(1, numbers.shape[1]), numbers.shape[0]
    starts = offsets[:-1] if last else offsets
    places = torch.arange(len(numbers), device=numbers.device)
    return (places.unsqueeze(1) >= starts).sum(1) - 1, len(starts)


def bags(
    options: Options, parameters: Tensors, numbers: Tensor, offsets: Any = None, c: Any = None
) -> tuple[Tensor, Pullback]:
    """y = A R weight: R has a 1 in each row, at its number; A a row for each bag, of weights or shares of a mean."""
    weight, flat = parameters["weight"], numbers.reshape(-1)
    bag, count = bag_of_each(numbers, offsets, options.get("include_last_offset", False))
    counted = (flat != padding(options)).to(weight.dtype)
    members = chosen(bag, count, weight) * counted.unsqueeze(1)  # (n, B)
    mean = options.get("mode", "mean") == "mean"
    share = 1 / members.sum(0).clamp_min(1) if mean else members.new_ones(count)
    a = members * share * (1 if c is None else c.reshape(-1, 1))
    a = a.masked_fill(members == 0, 0)
    read = chosen(flat, len(weight), weight) @ weight  # (n, D)

    def back(dy: Tensor) -> tuple[Any, dict[str, Tensor]]:
        terms = (a.unsqueeze(2) * dy).masked_fill(members.unsqueeze(2) == 0, 0).sum(1)  # (n, D)
        dweight = torch.stack([terms[flat == row].sum(0) for row in range(len(weight))])
        dc = None if c is None else ((members @ dy) * read).sum(1).view(c.shape)
        return dc, {"weight": dweight}

    return (a.unsqueeze(2) * read.unsqueeze(1)).sum(0), back


def rules(total: Sum) -> dict[str, Rule]:
    return {"Embedding": collected(total), "EmbeddingBag": bags}


PRODUCTS: dict[str, Rule] = {"Embedding": product, "EmbeddingBag": bags}
