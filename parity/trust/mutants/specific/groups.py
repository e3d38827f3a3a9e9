"""Faults of a normalisation of groups of channels: the groups are others."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant


def regrouped(quantity: str, groups: int | None) -> Change:
    """Return the change to what another number of groups gives; None: one a channel."""
    return lambda _, call: call.again(options={"num_groups": groups or call.x.shape[1]})[quantity]


def interleaved(quantity: str) -> Change:
    """Return the change to what groups of every num_groups-th channel give."""

    def change(_: Tensor, call: Call) -> Tensor:
        groups, channels = call.option("num_groups"), call.x.shape[1]
        order = torch.arange(channels).reshape(-1, groups).t().flatten()
        weights = {name: value[order] for name, value in call.parameters.items()}
        got = call.again(x=call.x[:, order], dy=call.cotangent[:, order], parameters=weights)[quantity]
        return got.index_select(min(1, got.dim() - 1), order.argsort())

    return change


def grouping(quantity: str) -> Table:
    """Return what may be wrong with the groups."""
    return {
        "all channels one group": ("option ignored", regrouped(quantity, 1)),
        "every channel a group": ("option ignored", regrouped(quantity, None)),
        "groups interleaved": ("groups mixed", interleaved(quantity)),
    }


def mutants() -> Iterator[Mutant]:
    """Yield every fault of groups."""
    for quantity in ("output", "dx", "dweight"):
        yield from planted("GroupNorm", quantity, grouping(quantity))
