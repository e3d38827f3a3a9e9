"""torch.nn itself as a subject: it must pass everywhere, which tests the harness and not torch."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.subjects.contract import Unsupported


class BuiltReference:
    """A torch.nn module in the adapter's terms, differentiated by autograd."""

    def __init__(self, module: torch.nn.Module) -> None:
        self.module = module
        self.x: Tensor | None = None
        self.y: Tensor | None = None

    def forward(self, *inputs: Tensor) -> Tensor:
        x = inputs[0].detach().requires_grad_()
        y: Tensor = self.module(x, *inputs[1:])
        self.x, self.y = x, y
        return y.detach()

    def backward(self, dy: Tensor | None) -> Tensor:
        if self.x is None or self.y is None:
            raise RuntimeError("backward must follow a forward, but none was called")
        parameters = list(self.module.parameters())
        dx, *gradients = torch.autograd.grad(self.y, [self.x, *parameters], dy, retain_graph=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        return dx

    def gradients(self) -> dict[str, Tensor]:
        named = self.module.named_parameters()
        return {name: torch.zeros_like(value) if value.grad is None else value.grad for name, value in named}

    def zero_grad(self) -> None:
        self.module.zero_grad()


class TorchSubject:
    """Builds the reference of every page."""

    name = "torch_nn"
    wraps_torch = True  # there is nothing to audit: it calls the reference
    explains = False

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltReference:
        if module not in pages():
            raise Unsupported(f"the catalogue has no {module}")
        built = pages()[module].reference(**options).to(device, dtype)
        if parameters:
            built.load_state_dict(parameters)
        return BuiltReference(built)


subject = TorchSubject()
