"""CELU."""

import torch
from torch import Tensor

from parity.catalogue.page import Refusal
from parity.catalogue.pointwise import pointwise


class ByFormula(torch.nn.Module):
    """CELU by its formula: the derivative of torch's own kernel has 1 / alpha in float32, whatever the input's dtype.

    So in float64 it is right to seven digits alone, save where alpha and its reciprocal are numbers of float32.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x > 0, x, self.alpha * torch.expm1(x.clamp_max(0) / self.alpha))


PAGE = pointwise(
    torch.nn.CELU,
    options={"alpha": (1.5, 1.0, 0.25, 0.7)},
    refusals=(Refusal("alpha of zero", "alpha", options={"alpha": 0.0}),),
    truth=ByFormula,
)
