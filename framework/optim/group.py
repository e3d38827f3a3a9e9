"""Parameters that are updated alike, and the check of what a caller gives as parameters."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor

from framework import arguments
from framework.optim.descent import State

Pair = tuple[Tensor, Tensor]
Options = dict[str, Any]


class Group:
    """What one update works on: values, their gradients, options, state, and numbers kept such as the steps taken."""

    def __init__(self, pairs: Sequence[Pair], options: Options) -> None:
        self.values: list[Tensor] = [value for value, _ in pairs]
        self.grads: list[Tensor] = [grad for _, grad in pairs]
        self.options, self.state = options, State()
        self.numbers: dict[str, float] = {"step": 0}

    def follow(self) -> None:
        """Let the state follow a model that was moved or cast since; `to` returns the tensor itself otherwise."""
        for name, tensors in self.state.items():
            self.state[name] = [tensor.to(value) for tensor, value in zip(tensors, self.values, strict=True)]

    def written(self) -> None:
        """Count a write of each value: of a kernel of a CUDA device that writes many tensors, torch counts none."""
        for value in self.values:
            value.copy_(value)  # writes nothing


def paired(asker: str, parameters: object) -> list[Pair]:
    """Return the pairs (value, grad) in a list; raise TypeError or ValueError if they are none."""
    if isinstance(parameters, Tensor) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"{asker}: parameters must be pairs (value, grad), such as those of param(), "
            f"was {type(parameters).__name__}"
        )
    pairs = list(parameters)
    for position, pair in enumerate(pairs):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"{asker}: parameter {position} must be a pair (value, grad), was {type(pair).__name__}")
        value = arguments.floating(asker, f"value {position}", pair[0])
        arguments.shaped(asker, f"grad {position}", arguments.floating(asker, f"grad {position}", pair[1]), value.shape)
    return pairs


def grouped(asker: str, parameters: object) -> list[tuple[list[Pair], Options]]:
    """Return the pairs of every group with its own options: parameters are pairs, or mappings that hold "params".

    Raises TypeError or ValueError for what is neither, for no parameter, and for one that is in two groups.
    """
    given = parameters if isinstance(parameters, (list, tuple)) else [{"params": parameters}]
    if not (given and all(isinstance(entry, Mapping) for entry in given)):
        given = [{"params": parameters}]
    groups = []
    for entry in given:
        if "params" not in entry:
            raise TypeError(f'{asker}: a group of parameters must hold "params", held {sorted(map(str, entry))}')
        own = {name: value for name, value in entry.items() if name != "params"}
        groups.append((paired(asker, entry["params"]), own))
    values = [id(value) for pairs, _ in groups for value, _ in pairs]
    if not all(pairs for pairs, _ in groups):
        raise ValueError(f"{asker}: parameters must hold at least one (value, grad), held none")
    if len(set(values)) < len(values):
        raise ValueError(f"{asker}: parameters must each be given once, but one was given twice")
    return groups
