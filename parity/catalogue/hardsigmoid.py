"""Hardsigmoid."""

import torch

from parity.catalogue.pointwise import pointwise


class ByReLU6(torch.nn.Module):
    """The hard sigmoid, as its definition has it: torch's own derivative is off by 3e-8 in float64, where its kernel
    multiplies by what float32 holds of 1 / 6.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return min(max(x + 3, 0), 6) / 6."""
        return torch.nn.functional.relu6(x + 3) / 6


PAGE = pointwise(
    torch.nn.Hardsigmoid,
    kinks=True,
    truth=ByReLU6,
    degenerate={"* * offset * dx": "near 100 it is constant"},
    once="torch.nn has no derivative of its backward kernel",
)
