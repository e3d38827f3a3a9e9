"""The framework of this project as a subject: the one place where the harness meets it."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

import framework
from parity.catalogue import written
from parity.subjects.contract import Group, Unsupported


class BuiltModule:
    """A module of the framework in the adapter's terms."""

    def __init__(self, module: framework.Module) -> None:
        self.module = module
        self.forward = module.forward
        self.zero_grad = module.zero_grad
        self.param = module.param
        self.state_dict = module.state_dict
        self.load_state_dict = module.load_state_dict
        self.train = module.train
        self.buffers = module.named_buffers

    def backward(self, *cotangents: Any) -> Any:
        return self.module.backward(*cotangents)

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        self.module.load_state_dict(self.module.state_dict() | dict(values))

    def gradients(self) -> dict[str, Tensor]:
        return {name: parameter.grad for name, parameter in self.module.named_parameters().items()}


def construct(module: str, options: Mapping[str, Any]) -> framework.Module:
    """Return a module by name; a Sequential from the names and options of its layers."""
    if not hasattr(framework, module):
        raise Unsupported(f"framework has no {module}")
    made = getattr(framework, module)
    inner = [construct(name, of_layer) for name, of_layer in options["layers"]] if module == "Sequential" else None
    built: framework.Module = made(**options) if inner is None else made(*inner)
    return built


class BuiltOptimiser:
    """An optimiser of the framework in the adapter's terms."""

    def __init__(self, name: str, groups: Sequence[Group]) -> None:
        self.name, self.given = name, groups
        if name not in OPTIMISERS:
            raise Unsupported(f"framework has no {name}")
        made = [{"params": pairs, **options} for pairs, options in groups]
        self.optimiser: framework.Optimiser = OPTIMISERS[name](made)
        self.step = self.optimiser.step

    def rates(self, rates: Sequence[float]) -> None:
        for group, rate in zip(self.optimiser.groups, rates, strict=True):
            group.options["lr"] = rate

    def states(self) -> list[dict[str, Tensor]]:
        return [
            {name: kept[i] for name, kept in group.state.items()} | numbers(group.numbers)
            for group in self.optimiser.groups
            for i in range(len(group.values))
        ]

    def resumed(self) -> "BuiltOptimiser":
        again = BuiltOptimiser(self.name, self.given)
        again.optimiser.load_state_dict(copy.deepcopy(self.optimiser.state_dict()))
        return again


def numbers(kept: Mapping[str, float]) -> dict[str, Tensor]:
    """Return numbers as tensors in the dtype that torch.optim keeps them in."""
    return {name: torch.tensor(value, dtype=torch.float32) for name, value in kept.items()}


OPTIMISERS = {
    name: made
    for name, made in vars(framework).items()
    if isinstance(made, type) and issubclass(made, framework.Optimiser) and made is not framework.Optimiser
}


class FrameworkSubject:
    """Builds any layer, loss or optimiser that framework exports."""

    name = "framework"
    explains = True
    of_papers = True
    optimisers: tuple[str, ...] = tuple(OPTIMISERS)
    offers = (*(name for name in written() if hasattr(framework, name)), *OPTIMISERS)

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltModule:
        built = construct(module, options).to(device, dtype)
        built.load_state_dict(built.state_dict() | dict(parameters))
        return BuiltModule(built)

    def optimiser(self, optimiser: str, groups: Sequence[Group]) -> BuiltOptimiser:
        return BuiltOptimiser(optimiser, groups)

    def sgd(self, parameters: list[tuple[Tensor, Tensor]], lr: float) -> framework.SGD:
        """Return plain stochastic gradient descent, for the training steps of the timing harness."""
        return framework.SGD(parameters, lr)


subject = FrameworkSubject()
