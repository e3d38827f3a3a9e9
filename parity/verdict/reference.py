"""The reference: torch.nn with autograd; in float64, on the same rounded inputs, the truth."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page
from parity.catalogue.signature import pulled_back
from parity.verdict.draw import Draw, Tensors, rounded


def placed(value: Tensor, dtype: torch.dtype, device: str) -> Tensor:
    """Return a copy of `value` on `device`; a floating one in `dtype`."""
    return rounded(value.detach().clone(), dtype).to(device)


def all_placed(values: Sequence[Tensor | None], dtype: torch.dtype, device: str) -> tuple[Tensor | None, ...]:
    """Return copies of tensors on `device`; what is None stays so."""
    return tuple(None if value is None else placed(value, dtype, device) for value in values)


def installed(page: Page, case: Case, drawn: Draw, dtype: torch.dtype, device: str) -> torch.nn.Module:
    """Return the reference holding what was drawn; raise RuntimeError unless it arrived bit by bit."""
    return Reference(page, case, dtype, device).holding(drawn)


class Reference:
    """The module of torch.nn of a case: built once, run on as many draws as wanted."""

    def __init__(self, page: Page, case: Case, dtype: torch.dtype, device: str = "cpu") -> None:
        self.page, self.dtype, self.device = page, dtype, device
        self.module = page.reference(**case.options).to(device=device, dtype=dtype).train(case.training)
        self.parameters: Tensors = dict(self.module.named_parameters())
        self.buffers = page.kept(case, self.module)
        counts = (entry for entry in self.module.named_buffers() if not entry[1].is_floating_point())
        self.counts = {name: value.clone() for name, value in counts}

    def holding(self, drawn: Draw) -> torch.nn.Module:
        """Return the module with the parameters and buffers of a draw; raise RuntimeError unless they arrived bit by
        bit. What it counts begins anew."""
        with torch.no_grad():
            for held, wanted in ((self.parameters, drawn.parameters), (self.buffers, drawn.buffers)):
                for name, own in held.items():
                    given = placed(wanted[name], self.dtype, self.device)
                    own.copy_(given)
                    if not torch.equal(own, given):
                        raise RuntimeError(f"{self.page.module}: {name} of the reference did not take the drawn values")
            for name, count in self.counts.items():
                self.module.get_buffer(name).copy_(count)
        return self.module

    def quantities(self, drawn: Draw) -> Tensors:
        """Return every output, the gradient of every argument that gets one, that of every parameter, and every buffer
        as forward left it, by reverse-mode differentiation."""
        return self.differentiated(self.holding(drawn), drawn)

    def differentiated(self, module: torch.nn.Module, drawn: Draw) -> Tensors:
        """Return the same of the module with what it holds."""
        signature = self.page.signature
        given = all_placed(drawn.inputs, self.dtype, self.device)
        of_inputs = dict(signature.differentiated(given))
        for value in of_inputs.values():
            value.requires_grad_()
        outputs = signature.named_outputs(self.page.call(module, *given))
        leaves = of_inputs | {f"{signature.prefix}{name}": value for name, value in self.parameters.items()}
        gradients = pulled_back(list(outputs.values()), list(leaves.values()), self.cotangents(drawn))
        named = dict(zip(leaves, gradients, strict=True))
        if self.page.pairs is not None:
            return named
        return (
            {name: value.detach() for name, value in outputs.items()}
            | named
            | {name: value.clone() for name, value in self.buffers.items()}
        )

    def leaves(self, drawn: Draw) -> list[Tensor]:
        """Return the tensors that `differentiated` reads, in the order of the leaves of what it is given."""
        return replace(drawn, parameters=self.parameters, buffers=self.buffers).leaves

    def cotangents(self, drawn: Draw) -> tuple[Tensor | None, ...]:
        return all_placed(drawn.cotangents, self.dtype, self.device)


def quantities(page: Page, case: Case, drawn: Draw, dtype: torch.dtype, device: str = "cpu") -> Tensors:
    """Return what the reference of a case gives on a draw."""
    return Reference(page, case, dtype, device).quantities(drawn)
