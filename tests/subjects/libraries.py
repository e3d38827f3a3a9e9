"""One small library of each shape that the ready-made adapters know; `slip` scales the gradient of its weight."""

from types import SimpleNamespace

import numpy as np
import torch

from parity.subjects.adapters import (
    COLUMN,
    FLOAT64_NUMPY,
    HWIO,
    NHWC,
    NUMPY,
    ROW,
    TRANSPOSED,
    Autodiff,
    Convention,
    Library,
    Modules,
    attributes,
    loss_functions,
    loss_layer,
    loss_with_gradient,
    objects,
    pairs,
)


def param_pairs(slip):
    class Linear:
        def __init__(self, in_features, out_features):
            self.w, self.b = torch.zeros(out_features, in_features), torch.zeros(out_features)
            self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)

        def forward(self, x):
            self.x = x
            return x @ self.w.T + self.b

        def backward(self, dy):
            self.dw += slip * dy.T @ self.x
            self.db += dy.sum(0)
            return dy @ self.w

        def param(self):
            return [(self.w, self.dw), (self.b, self.db)]

    return Library("pairs", {"Linear": Linear}, Convention(places=pairs()))


def value_objects(slip):
    """Parameters are objects with data and grad; weights are (in, out), biases (1, out); float64 only."""

    class Linear:
        def __init__(self, in_features, out_features):
            shapes = (in_features, out_features), (1, out_features)
            self.held = [SimpleNamespace(data=np.zeros(shape), grad=np.zeros(shape)) for shape in shapes]

        def parameters(self):
            return self.held

        def forward(self, x):
            assert x.dtype == np.float64
            self.x = x
            return x @ self.held[0].data + self.held[1].data

        def backward(self, dy):
            self.held[0].grad += slip * self.x.T @ dy
            self.held[1].grad += dy.sum(0, keepdims=True)
            return dy @ self.held[0].data.T

    layouts = {"weight": TRANSPOSED, "bias": ROW}
    return Library("objects", {"Linear": Linear}, Convention(places=objects(), arrays=FLOAT64_NUMPY, layouts=layouts))


def tensors_with_grad(slip):
    """w.grad is set by hand, and replaced at each backward; samples are columns, and so are biases."""

    class Linear:
        def __init__(self, in_features, out_features):
            self.w, self.b = torch.zeros(out_features, in_features), torch.zeros(out_features, 1)

        def forward(self, x):
            self.x = x
            return self.w @ x + self.b

        def backward(self, dy):
            self.w.grad, self.b.grad = slip * dy @ self.x.T, dy.sum(1, keepdim=True)
            return self.w.T @ dy

    places = attributes(weight=("w", "w.grad"), bias=("b", "b.grad"))
    layouts = {"bias": COLUMN, "x": TRANSPOSED, "y": TRANSPOSED}
    convention = Convention(places=places, layouts=layouts, accumulates=False)
    return Library("tensors", {"Linear": Linear}, convention, only={"Linear": {"rank": (2,)}})


def backward_of_input_and_dy(slip):
    class Linear:
        def __init__(self, in_features, out_features, bias=True):
            self.w, self.b = np.zeros((out_features, in_features)), np.zeros(out_features) if bias else None
            self.dw = self.db = None

        def forward(self, x):
            return x @ self.w.T + (0 if self.b is None else self.b)

        def backward(self, x, dy):
            dw, db = slip * dy.T @ x, dy.sum(0)
            self.dw, self.db = (dw, db) if self.dw is None else (self.dw + dw, self.db + db)
            return dy @ self.w

        def zero_grad(self):
            self.dw = self.db = None

    places = attributes(weight=("w", "dw"), bias=("b", "db"))
    convention = Convention(backward=lambda layer, dy, x: layer.backward(x, dy), places=places, arrays=NUMPY)
    return Library("input-and-dy", {"Linear": Linear}, convention)


def channels_last(slip):
    class Conv:
        def __init__(self, in_channels, out_channels, kernel_size, dtype):
            self.w = np.zeros((kernel_size, kernel_size, in_channels, out_channels), dtype)
            self.b, self.dw = np.zeros(out_channels, dtype), np.zeros_like(self.w)
            self.db = np.zeros_like(self.b)

        def forward(self, x):
            self.x, k = x, len(self.w)
            self.windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (1, 2))
            return np.einsum("nhwcij,ijco->nhwo", self.windows, self.w) + self.b

        def backward(self, dy):
            self.dw += slip * np.einsum("nhwcij,nhwo->ijco", self.windows, dy)
            self.db += dy.sum((0, 1, 2))
            dx, (rows, columns) = np.zeros_like(self.x), dy.shape[1:3]
            for i in range(len(self.w)):
                for j in range(len(self.w)):
                    dx[:, i : i + rows, j : j + columns] += dy @ self.w[i, j].T
            return dx

    places = attributes(weight=("w", "dw"), bias=("b", "db"))
    layouts = {"x": NHWC, "y": NHWC, "weight": HWIO}
    convention = Convention(places=places, arrays=NUMPY, layouts=layouts)
    return Library("channels-last", {"Conv2d": Conv}, convention, only={"Conv2d": {"kernel_size": int, "rank": (4,)}})


def losses(of_mse):
    def build(slip):
        return Library("losses", {"MSELoss": of_mse(slip)})

    return build


def mse_layer(slip):
    class Loss:
        def forward(self, p, t):
            self.difference = p - t
            return self.difference.square().mean()

        def backward(self):
            return slip * 2 * self.difference / self.difference.numel()

    return loss_layer(Loss)


def mse_functions(slip):
    return loss_functions(lambda p, t: (p - t).square().mean(), lambda p, t: slip * 2 * (p - t) / p.numel())


def mse_gradient(slip):
    class Loss:
        def __call__(self, p, t):
            return (p - t).square().mean()

        def gradient(self, p, t):
            return slip * 2 * (p - t) / p.numel()

    return loss_with_gradient(Loss)


def autodiff(slip):
    def vjp(function, parameters, x):
        y, pullback = torch.func.vjp(function, parameters, x)

        def slipped(dy):
            gradients, dx = pullback(dy)
            return gradients | {"weight": slip * gradients["weight"]}, dx

        return y.detach(), slipped

    return Autodiff("autodiff", {"Linear": lambda p, x: x @ p["weight"].T + p.get("bias", 0)}, vjp)


def torch_modules(slip):
    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(_ctx, w):
            return w.clone()

        @staticmethod
        def backward(_ctx, dw):
            return slip * dw

    class Linear(torch.nn.Module):
        def __init__(self, in_features, out_features):
            super().__init__()
            self.w = torch.nn.Parameter(torch.zeros(out_features, in_features))
            self.b = torch.nn.Parameter(torch.zeros(out_features))

        def forward(self, x):
            return x @ Scale.apply(self.w).T + self.b

    return Modules("modules", {"Linear": Linear}, names={"weight": "w", "bias": "b"})


SHAPES = {
    "param pairs": (param_pairs, "Linear", "dweight"),
    "value and grad objects, float64, transposed": (value_objects, "Linear", "dweight"),
    "w.grad, replaced, columns": (tensors_with_grad, "Linear", "dweight"),
    "backward(input, dy), NumPy": (backward_of_input_and_dy, "Linear", "dweight"),
    "channels last": (channels_last, "Conv2d", "dweight"),
    "loss forward and backward": (losses(mse_layer), "MSELoss", "dx"),
    "loss and dloss": (losses(mse_functions), "MSELoss", "dx"),
    "gradient(p, t)": (losses(mse_gradient), "MSELoss", "dx"),
    "autodiff": (autodiff, "Linear", "dweight"),
    "torch.nn.Module": (torch_modules, "Linear", "dweight"),
}
