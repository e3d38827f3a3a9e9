"""Negative log-likelihood of counts."""

from math import log, pi

from torch import Tensor

from framework import arguments
from framework.losses.loss import Loss, chained, matched
from framework.module import Saved


def stirling(t: Tensor) -> Tensor:
    """Return log t! by Stirling's formula, and 0 where t is at most 1."""
    return (t + 0.5).mul_(t.log()).sub_(t).add_(0.5 * log(2 * pi)).masked_fill_(t <= 1, 0)


def forward(p: Tensor, t: Tensor, log_input: bool, full: bool, eps: float) -> tuple[Tensor, Saved]:
    if log_input:
        rate = p.exp()
        values, saved = rate.addcmul(t, p, value=-1), (rate, t)
    else:
        rate = p + eps
        values, saved = rate.log().mul_(t).neg_().add_(p), (rate, t)
    return (values.add_(stirling(t)) if full else values), saved


def backward(dy: Tensor, saved: Saved, log_input: bool, scale: float = 1.0) -> Tensor:
    rate, t = saved
    return chained(rate - t if log_input else t.div(rate).neg_().add_(1), dy, scale)


class PoissonNLLLoss(Loss):
    """Negative log-likelihood of counts t under Poisson distributions of rate p, or of rate exp(p) when log_input.

    Shapes    p, t, dp  (*)
              y, dy     (), or (*) when reduction is none
    Forward   values = exp(p) - t p, or p - t log(p + eps) without log_input;
              full adds log t! by Stirling's formula, t log t - t + log(2π t) / 2, where t > 1
    Backward  dp = (exp(p) - t) · scale · dy, or (1 - t / (p + eps)) · scale · dy
    Source    McCullagh & Nelder 1989, Generalized Linear Models, §6.2; torch.nn.PoissonNLLLoss.
    Raises    ValueError if eps is negative or not finite, or p and t differ in shape or device; TypeError if log_input
              or full is no bool, eps no number, or p and t differ in dtype.
    """

    def __init__(self, reduction: str = "mean", log_input: bool = True, full: bool = False, eps: float = 1e-8) -> None:
        super().__init__(reduction)
        self.log_input = arguments.boolean(self.label(), "log_input", log_input)
        self.full = arguments.boolean(self.label(), "full", full)
        self.eps = arguments.number(self.label(), "eps", eps, least=0.0)

    def options(self) -> dict[str, object]:
        return super().options() | {"log_input": self.log_input, "full": self.full, "eps": self.eps}

    def validate(self, p: Tensor, t: Tensor) -> None:
        matched(self.label(), p, t)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t, self.log_input, self.full, self.eps)

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, self.log_input, scale)
