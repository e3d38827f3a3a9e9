"""What every optimiser is: groups of parameters, their options, a step, and a state that can be saved."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, ClassVar

import torch
from torch import Tensor

from framework import arguments
from framework.optim.group import Group, Options, grouped

Rule = Callable[[str, str, object], Any]  # (optimiser, option, value) -> the value, or TypeError or ValueError
positive: Rule = partial(arguments.number, least=0.0)
flag: Rule = arguments.boolean


def share(asker: str, argument: str, value: object) -> float:
    """Return `value` as a float in [0, 1); raise TypeError or ValueError otherwise."""
    number = arguments.number(asker, argument, value, 0.0)
    if number >= 1:
        raise ValueError(f"{asker}: {argument} must be less than 1, was {value}")
    return number


def shares(asker: str, argument: str, value: object) -> tuple[float, float]:
    """Return `value` as two floats in [0, 1); raise TypeError or ValueError otherwise."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise TypeError(f"{asker}: {argument} must be a pair of numbers, was {value!r}")
    return share(asker, argument, value[0]), share(asker, argument, value[1])


class Optimiser(arguments.Labelled, ABC):
    """Changes values by their gradients, in place, step by step.

    Parameters  pairs (value, grad), or groups: mappings that hold "params", such pairs, and options of their own
    Step        one call of the file's `update` a group; gradients are read, and left as they are
    Source      The interface of torch.optim.Optimizer, on pairs in place of tensors that know their gradient.
    Raises      TypeError unless parameters are pairs of tensors; ValueError for none, or for one that is given twice;
                either, with the option's name, for an option that is unknown or has no sense.
    """

    rules: ClassVar[Mapping[str, Rule]]  # what every option must be
    states: ClassVar[tuple[str, ...]]  # the names that the state may have, torch's
    counting: ClassVar[bool] = True  # whether a step depends on how many came before it

    def __init__(self, parameters: Iterable[Any], **options: Any) -> None:
        self.groups = [
            Group(pairs, self.checked({**options, **own})) for pairs, own in grouped(self.label(), parameters)
        ]

    @abstractmethod
    def update(self, group: Group) -> None:
        """Call the file's function: change values and state of the group in place. Its step is counted already."""

    def checked(self, options: Options) -> Options:
        """Return options in the form that `update` takes; raise TypeError or ValueError, naming one that is wrong."""
        unknown = sorted(options.keys() - self.rules.keys())
        if unknown:
            raise TypeError(f"{self.label()}: options must be of {', '.join(self.rules)}, had {', '.join(unknown)}")
        return {name: rule(self.label(), name, options[name]) for name, rule in self.rules.items()}

    @property
    def lr(self) -> float:
        """The learning rate, of the first group; assigning one sets that of every group."""
        return float(self.groups[0].options["lr"])

    @lr.setter
    def lr(self, lr: float) -> None:
        checked = arguments.number(self.label(), "lr", lr, 0.0)
        for group in self.groups:
            group.options["lr"] = checked

    def step(self) -> None:
        """Update every value in place from its gradient."""
        self.count()
        self.apply()

    def count(self) -> None:
        """Count a step, and let the state be where the values are."""
        for group in self.groups:
            group.follow()
            group.numbers["step"] += 1

    def apply(self) -> None:
        """Take the step that was counted."""
        for group in self.groups:
            self.update(group)
            if group.values[0].is_cuda:
                group.written()

    def zero_grad(self) -> None:
        """Set every gradient to zero, in place."""
        for group in self.groups:
            torch._foreach_zero_(group.grads)

    def state_dict(self) -> dict[str, list[dict[str, Any]]]:
        """Return, under "state", copies of what is kept for each parameter, by torch's names; under "groups", options
        and numbers of each group."""
        return {
            "state": [kept for group in self.groups for kept in copies(group)],
            "groups": [{**group.options, **group.numbers} for group in self.groups],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what state_dict gave, options too; all or, with a KeyError, TypeError or ValueError, nothing."""
        held = arguments.named(self.label(), "state", state, ("state", "groups"))
        kept = iter(self.sequence("state", held["state"], sum(len(group.values) for group in self.groups)))
        groups = self.sequence("groups", held["groups"], len(self.groups))
        taken = [
            self.taken(own, given, list(islice(kept, len(own.values))))
            for own, given in zip(self.groups, groups, strict=True)
        ]
        for own, (options, numbers, tensors) in zip(self.groups, taken, strict=True):
            own.options, own.numbers, own.state = options, numbers, tensors

    def sequence(self, name: str, value: object, length: int) -> Sequence[Any]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise TypeError(f"{self.label()}: {name} must be a sequence of mappings, was {type(value).__name__}")
        if len(value) != length:
            raise ValueError(f"{self.label()}: {name} must hold {length} entries, held {len(value)}")
        return value

    def taken(
        self, group: Group, given: object, kept: Sequence[object]
    ) -> tuple[Options, dict[str, float], dict[str, list[Tensor]]]:
        """Return options, numbers and copies of the tensors given for a group; raise an error if they do not fit."""
        held = arguments.named(self.label(), "a group", given, [*self.rules, *group.numbers])
        options = self.checked({name: held[name] for name in self.rules})
        numbers = {name: arguments.number(self.label(), name, held[name], 0.0) for name in group.numbers}
        names = [name for name in self.states if isinstance(kept[0], Mapping) and name in kept[0]]
        entries = [arguments.named(self.label(), "state", entry, names) for entry in kept]
        for value, entry in zip(group.values, entries, strict=True):
            for name, tensor in entry.items():
                arguments.shaped(self.label(), name, arguments.floating(self.label(), name, tensor), value.shape)
        pairs = list(zip(group.values, entries, strict=True))
        return options, numbers, {name: [entry[name].to(value, copy=True) for value, entry in pairs] for name in names}

    def __repr__(self) -> str:
        count = sum(len(group.values) for group in self.groups)
        shown = ", ".join(f"{name}={value!r}" for name, value in self.groups[0].options.items())
        groups = f", groups={len(self.groups)}" if len(self.groups) > 1 else ""
        return f"{self.label()}(parameters={count}{groups}, {shown})"


def copies(group: Group) -> list[dict[str, Tensor]]:
    """Return copies of what is kept for each value of a group."""
    return [{name: kept[i].clone() for name, kept in group.state.items()} for i in range(len(group.values))]
