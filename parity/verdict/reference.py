"""The reference: torch.nn with autograd; in float64, on the same rounded inputs, the truth."""

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page
from parity.verdict.draw import Draw, Tensors, rounded


def placed(value: Tensor, dtype: torch.dtype, device: str) -> Tensor:
    """Return a copy of `value` on `device`; a floating one in `dtype`."""
    return rounded(value.detach().clone(), dtype).to(device)


def installed(page: Page, case: Case, parameters: Tensors, dtype: torch.dtype, device: str) -> torch.nn.Module:
    """Return the reference holding `parameters`; raise RuntimeError unless they arrived bit by bit."""
    return Reference(page, case, dtype, device).holding(parameters)


class Reference:
    """The module of torch.nn of a case: built once, run on as many draws as wanted."""

    def __init__(self, page: Page, case: Case, dtype: torch.dtype, device: str = "cpu") -> None:
        self.page, self.dtype, self.device = page, dtype, device
        self.module = page.reference(**case.options).to(device=device, dtype=dtype)
        self.parameters = dict(self.module.named_parameters())

    def holding(self, parameters: Tensors) -> torch.nn.Module:
        """Return the module with `parameters`; raise RuntimeError unless they arrived bit by bit."""
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                given = placed(parameters[name], self.dtype, self.device)
                parameter.copy_(given)
                if not torch.equal(parameter, given):
                    raise RuntimeError(f"{self.page.module}: {name} of the reference did not take the drawn values")
        return self.module

    def quantities(self, drawn: Draw) -> Tensors:
        """Return output, dx and the gradient d<name> of every parameter, by reverse-mode differentiation."""
        return self.differentiated(self.holding(drawn.parameters), drawn)

    def differentiated(self, module: torch.nn.Module, drawn: Draw) -> Tensors:
        """Return the same of the module with the parameters that it holds."""
        x, *rest = (placed(value, self.dtype, self.device) for value in drawn.inputs)
        x.requires_grad_()
        y = module(x, *rest)
        dy = torch.ones_like(y) if drawn.dy is None else placed(drawn.dy, self.dtype, self.device)
        dx, *gradients = torch.autograd.grad(y, [x, *self.parameters.values()], dy)
        named = zip(self.parameters, gradients, strict=True)
        return {"output": y.detach(), "dx": dx} | {f"d{name}": gradient for name, gradient in named}


def quantities(page: Page, case: Case, drawn: Draw, dtype: torch.dtype, device: str = "cpu") -> Tensors:
    """Return what the reference of a case gives on a draw."""
    return Reference(page, case, dtype, device).quantities(drawn)
