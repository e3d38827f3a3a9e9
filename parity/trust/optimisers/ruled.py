"""A subject whose optimisers are rules, right ones or with a fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.optimisers import optimisers
from parity.settle import scalars_in
from parity.subjects.adapters import optimisers as of_adapters
from parity.subjects.contract import Built, Group, LiveOptimiser, Unsupported
from parity.subjects.torch_nn import BuiltTorchOptimiser
from parity.trust.optimisers.rules import RULES, At, Step

FORGETS_NOTHING = frozenset[str]()


class RuledOptimiser:
    """A rule on live pairs; `forgets` names what is lost when the state is saved and loaded: state, step."""

    def __init__(
        self, name: str, groups: Sequence[Group], step: Step, forgets: frozenset[str], within: torch.dtype | None
    ) -> None:
        full = [{**of_adapters.defaults(name), **options} for _, options in groups]
        if name == "AdamW":
            full = [{**own, "decoupled_weight_decay": True} for own in full]
        self.groups, self.options, self.first = groups, full, dict(full[0])
        self.rule, self.forgets, self.within, self.name = step, forgets, within, name
        self.pairs = [(pair, i) for i, (pairs, _) in enumerate(groups) for pair in pairs]
        self.kept: list[dict[str, Any]] = [{} for _ in self.pairs]
        self.taken = 0

    def step(self) -> None:
        self.taken += 1
        for position, ((value, grad), group) in enumerate(self.pairs):
            wide = self.within or value.dtype
            at = At(
                value.to(wide),
                grad.to(wide),
                self.kept[position],
                self.options[group],
                self.taken,
                position,
                len(self.pairs),
                self.first,
            )
            value.copy_(self.rule(at))

    def rates(self, rates: Sequence[float]) -> None:
        for own, rate in zip(self.options, rates, strict=True):
            own["lr"] = rate

    def states(self) -> list[dict[str, Tensor]]:
        step = torch.tensor(float(self.taken))
        return [
            {"step": step} | {name: shown(kept, value.dtype) for name, kept in own.items() if not name.startswith("_")}
            for own, ((value, _), _) in zip(self.kept, self.pairs, strict=True)
        ]

    def resumed(self) -> "RuledOptimiser":
        again = RuledOptimiser(self.name, self.groups, self.rule, self.forgets, self.within)
        again.taken = 0 if "step" in self.forgets else self.taken
        if "state" not in self.forgets:
            again.kept = [
                {name: kept.clone() if isinstance(kept, Tensor) else kept for name, kept in own.items()}
                for own in self.kept
            ]
        return again


def shown(kept: Any, dtype: torch.dtype) -> Tensor:
    return kept.to(dtype) if isinstance(kept, Tensor) else torch.tensor(float(kept))


@dataclass
class Ruled:
    """A subject of rules: all optimisers, or those of a table."""

    name: str = "other-order"
    steps: Mapping[str, Step] = field(default_factory=lambda: RULES)
    forgets: frozenset[str] = FORGETS_NOTHING
    within: torch.dtype | None = None  # the dtype that a step is made in, and its state kept; None for the value's
    explains: bool = False

    @property
    def optimisers(self) -> tuple[str, ...]:
        return tuple(self.steps)

    def optimiser(self, optimiser: str, groups: Sequence[Group]) -> LiveOptimiser:
        if optimiser not in self.steps:
            raise Unsupported(f"{self.name} has no {optimiser}")
        return RuledOptimiser(optimiser, groups, self.steps[optimiser], self.forgets, self.within)

    def build(self, module: str, *_: Any) -> Built:
        raise Unsupported(f"{self.name} has no {module}")


class BuiltSeveralAtOnce(BuiltTorchOptimiser):
    """torch.optim with its loop over lists of tensors; in float64, with its scalars in float64 too."""

    def step(self) -> None:
        with scalars_in(self.given[0][0][0][0].dtype):
            super().step()


@dataclass
class SeveralAtOnce:
    """torch.optim itself, of all parameters at once: its other road."""

    name: str = "torch-foreach"
    explains: bool = False
    optimisers: tuple[str, ...] = tuple(optimisers())

    def optimiser(self, optimiser: str, groups: Sequence[Group]) -> LiveOptimiser:
        return BuiltSeveralAtOnce(optimiser, groups, foreach=True)

    def build(self, module: str, *_: Any) -> Built:
        raise Unsupported(f"{self.name} has no {module}")


RIGHT = (Ruled(), Ruled("in-float64", within=torch.float64), SeveralAtOnce())
