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
    module = page.reference(**case.options).to(device=device, dtype=dtype)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            given = placed(parameters[name], dtype, device)
            parameter.copy_(given)
            if not torch.equal(parameter, given):
                raise RuntimeError(f"{page.module}: {name} of the reference did not take the drawn values")
    return module


def quantities(page: Page, case: Case, drawn: Draw, dtype: torch.dtype, device: str = "cpu") -> Tensors:
    """Return output, dx and the gradient d<name> of every parameter, by reverse-mode differentiation of torch.nn."""
    module = installed(page, case, drawn.parameters, dtype, device)
    x, *rest = (placed(value, dtype, device) for value in drawn.inputs)
    x.requires_grad_()
    y = module(x, *rest)
    dy = torch.ones_like(y) if drawn.dy is None else placed(drawn.dy, dtype, device)
    named = dict(module.named_parameters())
    dx, *gradients = torch.autograd.grad(y, [x, *named.values()], dy)
    return {"output": y.detach(), "dx": dx} | {f"d{name}": d for name, d in zip(named, gradients, strict=True)}
