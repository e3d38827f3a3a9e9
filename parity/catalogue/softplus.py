"""Softplus."""

import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue.page import Refusal
from parity.catalogue.pointwise import pointwise

THRESHOLD = 20.0  # of torch, where none is asked for


class Exact(torch.nn.Module):
    """log(1 + exp(beta x)) / beta everywhere. torch gives x above the threshold, "for numerical stability": a library
    that has no threshold is right without it. One that is asked for another threshold must have it.
    """

    def __init__(self, beta: float = 1.0, threshold: float = THRESHOLD) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Tensor) -> Tensor:
        """Return it for x (*)."""
        if self.threshold != THRESHOLD:
            return functional.softplus(x, self.beta, self.threshold)
        scaled = self.beta * x
        return (scaled.clamp_min(0) + (-scaled.abs()).exp().log1p()) / self.beta


PAGE = pointwise(
    torch.nn.Softplus,
    options={"beta": (2.0, 1.0, 0.5, -1.0), "threshold": (THRESHOLD, 3.0)},
    also=Exact,
    refusals=(
        Refusal("beta of zero", "beta", options={"beta": 0.0}, stricter=True),
        Refusal("threshold in words", "threshold", options={"threshold": "high"}),
    ),
)
