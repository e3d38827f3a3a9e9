"""Faults of tables of vectors: rows of other numbers, repeated numbers, the padding, and the size of a bag."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Faults, Table, planted
from parity.trust.planted import Call, Change, Mutant


def of_next_numbers(quantity: str) -> Change:
    """Return the change to what every number plus one gives, the last being the first again."""
    return lambda _, call: call.again(x=(call.x + 1) % call.option("num_embeddings"))[quantity]


def of_numbers_transposed(quantity: str) -> Change:
    return lambda _, call: call.again(x=c.misread(call.x, call))[quantity]


def read_transposed(_: Tensor, call: Call) -> Tensor:
    """Return the output of the table's memory read column by column."""
    return call.again(parameters={"weight": c.misread(call.parameters["weight"], call)})["output"]


def padding_as_zeros(value: Tensor, call: Call) -> Tensor:
    """Return the output with the row of the padding taken as zeros, which it need not be."""
    return value.masked_fill((call.x == padding(call)).unsqueeze(-1), 0)


def padding(call: Call) -> int:
    """Return the number of the padding; -1 where there is none."""
    at = call.option("padding_idx")
    return -1 if at is None else at % call.option("num_embeddings")


def with_padding(quantity: str, at: int | None) -> Change:
    """Return the change to what another padding gives."""
    return lambda _, call: call.again(options={"padding_idx": at})[quantity]


def padding_from_the_end(quantity: str) -> Change:
    """Return the change by which a padding that is counted from the end is none."""

    def change(value: Tensor, call: Call) -> Tensor:
        return call.again(options={"padding_idx": None})[quantity] if (call.option("padding_idx") or 0) < 0 else value

    return change


def norms_kept(value: Tensor, _: Call) -> Tensor:
    """Return rows no longer than 1."""
    longest: Tensor = value.square().sum(-1, keepdim=True).sqrt().clamp_min(1)
    return value / longest


def counts(call: Call) -> Tensor:
    """Return how often each number occurs, and 1 for one that does not."""
    return torch.bincount(call.x.flatten(), minlength=call.option("num_embeddings")).clamp_min(1)


def over_counts(value: Tensor, call: Call) -> Tensor:
    return value / counts(call).unsqueeze(1)


def last_of_repeated(value: Tensor, call: Call) -> Tensor:
    """Return the gradient in which a number that is repeated counts where it comes last."""
    out = torch.zeros_like(value)
    for number, dy in zip(call.x.flatten().tolist(), call.cotangent.reshape(-1, value.shape[1]), strict=True):
        out[number] = dy
    return out.masked_fill((torch.arange(len(out)) == padding(call)).unsqueeze(1), 0)


def absent_rows_noisy(value: Tensor, call: Call) -> Tensor:
    """Return the gradient with rows that were not read left as the memory held them: as the weight here."""
    read = torch.bincount(call.x.flatten(), minlength=len(value)).bool().unsqueeze(1)
    return value.where(read, 1e-3 * call.parameters["weight"])


def bags(call: Call) -> Tensor:
    """Return the bag of every number."""
    offsets = call.given[1] if len(call.given) > 1 else None
    if offsets is None:
        return torch.arange(call.x.shape[0]).repeat_interleave(call.x.shape[1])
    starts = torch.zeros(len(call.x) + 1, dtype=torch.int64)
    return starts.index_add_(0, offsets, torch.ones_like(offsets)).cumsum(0)[:-1] - 1


def sizes(call: Call, count: int) -> Tensor:
    return torch.bincount(bags(call), minlength=count).clamp_min(1).unsqueeze(1)


def turned_mode(quantity: str) -> Change:
    """Return the change to the sum where the mean is asked for."""

    def change(value: Tensor, call: Call) -> Tensor:
        return call.again(options={"mode": "sum"})[quantity] if call.option("mode") != "sum" else value

    return change


def mean_with_padding(value: Tensor, call: Call) -> Tensor:
    """Return the mean over all numbers of a bag, the padding among them."""
    if call.option("mode") == "sum":
        return value
    return call.again(options={"mode": "sum"})["output"] / sizes(call, len(value))


def unweighted(quantity: str) -> Change:
    """Return the change to what weights of 1 give."""

    def change(value: Tensor, call: Call) -> Tensor:
        if len(call.given) < 3:
            return value
        x, offsets, weights = call.given
        return call.again(inputs=(x, offsets, torch.ones_like(weights)))[quantity]

    return change


def weights_reversed(value: Tensor, call: Call) -> Tensor:
    if len(call.given) < 3:
        return value
    x, offsets, weights = call.given
    return call.again(inputs=(x, offsets, weights.flip(-1)))["output"]


def last_of_bag_missing(value: Tensor, call: Call) -> Tensor:
    """Return the output without the last number of all."""
    return value - terms(call)[-1:] * (torch.arange(len(value)) == bags(call)[-1]).unsqueeze(1)


def terms(call: Call) -> Tensor:
    """Return what every number adds to the sum of its bag."""
    read = call.parameters["weight"][call.x.flatten()]
    read = read.masked_fill((call.x.flatten() == padding(call)).unsqueeze(1), 0)
    return read * call.given[2].reshape(-1, 1) if len(call.given) > 2 else read


def offsets_late(value: Tensor, call: Call) -> Tensor:
    """Return the output of bags that begin one number later, but for the first."""
    if len(call.given) < 2 or call.given[1] is None or call.option("include_last_offset"):
        return value
    x, offsets, *rest = call.given
    later = (offsets + 1).clamp_max(len(x))
    later[0] = 0
    return call.again(inputs=(x, later, *rest))["output"]


def padding_weighed(value: Tensor, call: Call) -> Tensor:
    """Return the gradient of the weights with that of the padding, which has none."""
    return call.again(options={"padding_idx": None})["dper_sample_weights"] if padding(call) >= 0 else value


def of_output(_: Tensor, call: Call) -> Tensor:
    """Return the gradient of the weights with y in place of dy."""
    return call.again(dy=call.y)["dper_sample_weights"]


OUTPUT: Faults = {
    "of the next numbers": ("wrong order", of_next_numbers("output")),
    "table read transposed": ("transposed", read_transposed),
    "no row longer than one": ("wrong formula", norms_kept),
}
DWEIGHT: Faults = {
    "at the next numbers": ("wrong order", of_next_numbers("dweight")),
    "numbers read transposed": ("transposed", of_numbers_transposed("dweight")),
    "repeated numbers averaged": ("mean for sum", over_counts),
    "rows that were not read left over": ("uninitialised memory", absent_rows_noisy),
    "padding learnt": ("option ignored", with_padding("dweight", None)),
    "row 0 never learnt": ("zero element", with_padding("dweight", 0)),
    "padding from the end learnt": ("option ignored", padding_from_the_end("dweight")),
}
OF_EMBEDDING: dict[str, Table] = {
    "output": OUTPUT | {"padding read as zeros": ("wrong formula", padding_as_zeros)},
    "dweight": DWEIGHT | {"last of repeated numbers alone": ("missing term", last_of_repeated)},
}
OF_BAG: dict[str, Table] = {
    "output": OUTPUT
    | {
        "sum for mean": ("sum for mean", turned_mode("output")),
        "padding counted in the mean": ("wrong formula", mean_with_padding),
        "padding added": ("option ignored", with_padding("output", None)),
        "padding from the end added": ("option ignored", padding_from_the_end("output")),
        "weights ignored": ("missing factor", unweighted("output")),
        "weights in reverse": ("wrong order", weights_reversed),
        "last number missing": ("missing term", last_of_bag_missing),
        "bags begin late": ("shifted by one", offsets_late),
    },
    "dweight": DWEIGHT
    | {
        "sum for mean": ("sum for mean", turned_mode("dweight")),
        "weights ignored": ("missing factor", unweighted("dweight")),
    },
    "dper_sample_weights": {
        "padding weighed": ("option ignored", padding_weighed),
        "of y, not of dy": ("derivative at the wrong tensor", of_output),
        "averaged over the dimension": ("mean for sum", lambda v, call: v / call.parameters["weight"].shape[1]),
    },
}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of Embedding and of EmbeddingBag."""
    for module, tables in {"Embedding": OF_EMBEDDING, "EmbeddingBag": OF_BAG}.items():
        for quantity, table in tables.items():
            yield from planted(module, quantity, table)
