"""The functions of mylib: of torch.autograd, and pairs of functions of NumPy's arrays; and what the catalogue lacks."""

import numpy as np
import torch


class Mish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.tanh(torch.nn.functional.softplus(x))

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        t = torch.tanh(torch.nn.functional.softplus(x))
        return dy * (t + x * torch.sigmoid(x) * (1 - t * t))


class Leaky(torch.autograd.Function):
    """Its slope has another name than torch's."""

    @staticmethod
    def forward(ctx, x, slope):
        ctx.save_for_backward(x)
        ctx.slope = slope
        return torch.where(x > 0, x, slope * x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return torch.where(x > 0, dy, ctx.slope * dy), None


def affine(x, w, b):
    """Return the output, and what backward is given."""
    return x @ w + b, (x, w)


def affine_backward(dy, cache):
    x, w = cache
    rows, drows = x.reshape(-1, len(w)), dy.reshape(-1, w.shape[1])
    return dy @ w.T, rows.T @ drows, drows.sum(0)


def leaky(x, slope):
    return np.where(x > 0, x, slope * x)


def leaky_backward(dy, x, slope):
    return np.where(x > 0, dy, slope * dy)


def squash(x):
    return np.tanh(x)


def squash_backward(dy, y):
    """Ask for the output."""
    return dy * (1 - y * y)


def batchnorm(x, gamma, beta, state):
    """Normalise columns; `state` holds the mode, eps, momentum and the running statistics, which training moves."""
    if state["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        kept, rows = state["momentum"], len(x)
        state["running_mean"] = (1 - kept) * state["running_mean"] + kept * mean
        state["running_var"] = (1 - kept) * state["running_var"] + kept * var * rows / (rows - 1)
    else:
        mean, var = state["running_mean"], state["running_var"]
    scale = 1 / np.sqrt(var + state["eps"])
    normal = (x - mean) * scale
    return gamma * normal + beta, (normal, gamma, scale, state["mode"])


def batchnorm_backward(dy, cache):
    normal, gamma, scale, mode = cache
    d = dy * gamma
    if mode == "train":
        d = d - d.mean(0) - normal * (d * normal).mean(0)
    return d * scale, (dy * normal).sum(0), dy.sum(0)


class Swish(torch.autograd.Function):
    """Of which docs/pages.md writes the page, and of Scale."""

    @staticmethod
    def forward(ctx, x, slope):
        ctx.save_for_backward(x)
        ctx.slope = slope
        return x * torch.sigmoid(slope * x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(ctx.slope * x)
        return dy * (s + ctx.slope * x * s * (1 - s)), None


class Scale(torch.nn.Module):
    def __init__(self, features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(features))

    def forward(self, x):
        return self.weight * x


class Network:
    """A network that keeps its layers."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy
