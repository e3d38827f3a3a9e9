"""The framework of this project as a subject: the one place where the harness meets it."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

import framework
from parity.subjects.contract import Unsupported


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


class FrameworkSubject:
    """Builds any layer or loss that framework exports."""

    name = "framework"
    explains = True

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

    def sgd(self, parameters: list[tuple[Tensor, Tensor]], lr: float) -> framework.SGD:
        """Return plain stochastic gradient descent, for the training steps of the timing harness."""
        return framework.SGD(parameters, lr)


subject = FrameworkSubject()
