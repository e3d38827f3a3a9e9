"""The library of docs/adapters.md and of the templates of new-adapter: one small class or function of each shape."""

from types import SimpleNamespace

import numpy as np
import torch
from mylib_functions import *  # noqa: F403 - they are its own, in a file of theirs
from mylib_lstm import LSTM as LSTM


class Linear:
    """Torch's tensors; forward, backward, param()."""

    def __init__(self, inputs, outputs):
        self.w, self.b = torch.zeros(outputs, inputs), torch.zeros(outputs)
        self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        return x @ self.w.T + self.b

    def backward(self, dy):
        rows, drows = self.x.reshape(-1, self.w.shape[1]), dy.reshape(-1, self.w.shape[0])
        self.dw += drows.T @ rows
        self.db += drows.sum(0)
        return dy @ self.w

    def param(self):
        return [(self.w, self.dw), (self.b, self.db)]


class Adam:
    """NumPy's arrays, in (value, gradient) pairs; its rate is an attribute of another name than torch's."""

    def __init__(self, pairs, rate, beta1=0.9, beta2=0.999):
        self.pairs, self.rate, self.betas, self.t = pairs, rate, (beta1, beta2), 0
        self.m = [np.zeros_like(value) for value, _ in pairs]
        self.v = [np.zeros_like(value) for value, _ in pairs]

    def step(self):
        self.t += 1
        one, two = self.betas
        for (value, grad), m, v in zip(self.pairs, self.m, self.v, strict=True):
            m[...] = one * m + (1 - one) * grad
            v[...] = two * v + (1 - two) * grad**2
            value -= self.rate * m / (1 - one**self.t) / (np.sqrt(v / (1 - two**self.t)) + 1e-8)


def rmsprop(value, grad, square, lr, alpha, eps):
    """Return the new value and the new mean of squares."""
    square = alpha * square + (1 - alpha) * grad**2
    return value - lr * grad / (np.sqrt(square) + eps), square


class ReLU:
    """Of torch's tensors or of NumPy's arrays."""

    def forward(self, x):
        self.x = x
        return x * (x > 0)

    def backward(self, dy):
        return dy * (self.x > 0)

    def param(self):
        return []


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def param(self):
        return [pair for layer in self.layers for pair in layer.param()]


class MSELoss:
    def forward(self, p, t):
        self.difference = p - t
        return (self.difference**2).mean()

    def backward(self):
        return 2 * self.difference / self.difference.numel()

    __call__ = forward

    def gradient(self, p, t):
        return mse_gradient(p, t)


def mse(p, t):
    return ((p - t) ** 2).mean()


def mse_gradient(p, t):
    return 2 * (p - t) / np.prod(p.shape, dtype=int).item()


class Dense:
    """NumPy's arrays; the weight is (in, out), the gradients are attributes."""

    def __init__(self, inputs, outputs):
        self.W, self.b = np.zeros((inputs, outputs)), np.zeros(outputs)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        rows, drows = self.x.reshape(-1, len(self.W)), dy.reshape(-1, len(self.b))
        self.dW += rows.T @ drows
        self.db += drows.sum(0)
        return dy @ self.W.T


class Conv:
    """NumPy's arrays; images are (N, H, W, C), kernels (H, W, C, O)."""

    def __init__(self, inputs, outputs, size):
        self.W, self.b = np.zeros((size, size, inputs, outputs)), np.zeros(outputs)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        self.windows = np.lib.stride_tricks.sliding_window_view(x, self.W.shape[:2], (1, 2))
        return np.einsum("nhwcij,ijco->nhwo", self.windows, self.W) + self.b

    def backward(self, dy):
        self.dW += np.einsum("nhwcij,nhwo->ijco", self.windows, dy)
        self.db += dy.sum((0, 1, 2))
        dx, (rows, columns) = np.zeros_like(self.x), dy.shape[1:3]
        for i, j in np.ndindex(self.W.shape[:2]):
            dx[:, i : i + rows, j : j + columns] += dy @ self.W[i, j].T
        return dx


class Noted(Dense):
    """The same, which shows its parameters as a dictionary a layer."""

    def state(self):
        return [{"W": self.W, "dW": self.dW, "b": self.b, "db": self.db}]


class Held:
    """Torch's tensors, in objects with data and grad; it computes in float64."""

    def __init__(self, inputs, outputs):
        shapes = (outputs, inputs), (outputs,)
        self.w, self.b = (SimpleNamespace(data=torch.zeros(shape), grad=torch.zeros(shape)) for shape in shapes)

    def parameters(self):
        return [self.w, self.b]

    def forward(self, x):
        self.x = x.double()
        return self.x @ self.w.data.double().T + self.b.data

    def backward(self, dy):
        rows, drows = self.x.reshape(-1, self.w.data.shape[1]), dy.double().reshape(-1, len(self.b.data))
        self.w.grad += drows.T @ rows
        self.b.grad += drows.sum(0)
        return dy.double() @ self.w.data.double()


class TurnedConv:
    """Torch's tensors; the kernel is turned by 180 degrees, as a convolution in the strict sense has it."""

    def __init__(self, inputs, outputs, size):
        self.w, self.b = torch.zeros(outputs, inputs, size, size), torch.zeros(outputs)
        self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        return torch.conv2d(x, self.w.flip(-2, -1), self.b)

    def backward(self, dy):
        self.dw += torch.nn.grad.conv2d_weight(self.x, self.w.shape, dy).flip(-2, -1)
        self.db += dy.sum((0, 2, 3))
        return torch.nn.grad.conv2d_input(self.x.shape, self.w.flip(-2, -1), dy)

    def param(self):
        return [(self.w, self.dw), (self.b, self.db)]


class Affine:
    """NumPy's arrays; backward takes the input again, and the gradients are in a dictionary."""

    def __init__(self, inputs, outputs):
        self.parameters = {"W": np.zeros((outputs, inputs)), "b": np.zeros(outputs)}
        self.gradients = {name: np.zeros_like(value) for name, value in self.parameters.items()}

    def forward(self, x):
        return x @ self.parameters["W"].T + self.parameters["b"]

    def backward(self, x, dy):
        self.gradients["W"] += dy.T @ x
        self.gradients["b"] += dy.sum(0)
        return dy @ self.parameters["W"]


class Lookup:
    """A table of NumPy's arrays; the numbers that it reads have no gradient."""

    def __init__(self, rows, size):
        self.E, self.dE = np.zeros((rows, size)), np.zeros((rows, size))

    def forward(self, numbers):
        self.numbers = numbers
        return self.E[numbers]

    def backward(self, dy):
        np.add.at(self.dE, self.numbers, dy)


class Drop:
    """Dropout that is told the mode with each call."""

    def __init__(self, p):
        self.p, self.numbers = p, np.random.default_rng()

    def forward(self, x, training):
        kept = (self.numbers.random(x.shape) >= self.p) / (1 - self.p or 1) if training else np.ones(x.shape)
        self.factor = kept.astype(x.dtype)
        return x * self.factor

    def backward(self, dy):
        return dy * self.factor


def array(values):
    return np.array(values)


def tanh(x):
    return torch.tanh(x) if isinstance(x, torch.Tensor) else np.tanh(x)


def dense(x, w, b):
    return x @ w.T + b


def leaky_relu(x, slope):
    return x * (x > 0) + slope * x * (x <= 0)


def vjp(function, parameters, x):
    """Differentiate a function, here by torch's means, as jax.vjp does."""
    leaves = {name: torch.tensor(value) for name, value in parameters.items()}
    y, pullback = torch.func.vjp(function, leaves, torch.tensor(x))

    def numpy_pullback(dy):
        gradients, dx = pullback(torch.tensor(dy))
        return {name: value.numpy() for name, value in gradients.items()}, dx.numpy()

    return y.detach().numpy(), numpy_pullback


class FusedSoftmax(torch.nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        shifted = (x - x.amax(self.dim, keepdim=True).detach()).exp()
        return shifted / shifted.sum(self.dim, keepdim=True)


class FusedLinear(torch.nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(out_features, in_features))
        self.b = torch.nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        return x @ self.w.T + self.b
