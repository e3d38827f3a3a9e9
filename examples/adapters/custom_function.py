"""A torch.autograd.Function of one's own with a mistake in its backward, on purpose; beside it a layer of torch."""

import torch

from parity.subjects.adapters import Modules, of_function


class LeakyFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, slope):
        ctx.slope = slope
        return torch.where(x > 0, x, slope * x)

    @staticmethod
    def backward(ctx, dy):
        return torch.where(dy > 0, dy, ctx.slope * dy), None  # the mistake: the sign of dy, where that of x belongs


subject = Modules(
    "custom_function",
    {"Sigmoid": torch.nn.Sigmoid, "LeakyReLU": of_function(LeakyFunction, negative_slope="slope")},
)
