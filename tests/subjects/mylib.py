"""The library of docs/adapters.md and of the templates of new-adapter: one small class or function of each shape."""

from types import SimpleNamespace

import numpy as np
import torch


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


def array(values):
    return np.array(values)


def tanh(x):
    return torch.tanh(x) if isinstance(x, torch.Tensor) else np.tanh(x)


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


def sigmoid(s):
    return 0.5 * (1 + np.tanh(0.5 * s))


class LSTM:
    """One layer in one direction, of NumPy's arrays: the last states lie in h and c, their gradients in dstates."""

    fault = ""

    def __init__(self, input_size, hidden_size):
        rows = 4 * hidden_size
        self.W, self.U = np.zeros((rows, input_size)), np.zeros((rows, hidden_size))
        self.b, self.d = np.zeros(rows), np.zeros(rows)
        self.zero_grad()

    def zero_grad(self):
        self.dW, self.dU, self.db, self.dd = (np.zeros_like(value) for value in (self.W, self.U, self.b, self.d))

    def forward(self, x, h=None, c=None):
        zeros = np.zeros((x.shape[1], self.U.shape[1]), x.dtype)
        self.h, self.c = zeros if h is None else h[0], zeros if c is None else c[0]
        self.x, self.steps, found = x, [], []
        for x_t in x:
            s = x_t @ self.W.T + self.b + self.h @ self.U.T + self.d
            i, f, g, o = np.split(s, 4, -1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            before = self.h, self.c
            self.c = f * self.c + i * g
            self.h = o * np.tanh(self.c)
            self.steps.append((before, (i, f, g, o), self.c))
            found.append(self.h)
        return np.stack(found)

    def backward(self, dy, dh=None, dc=None):
        dx, dh, dc = np.zeros_like(self.x), 0 if dh is None else dh[0], 0 if dc is None else dc[0]
        for t in reversed(range(len(self.x))):
            (h, c_before), (i, f, g, o), c = self.steps[t]
            dh = (0 if dy is None else dy[t]) + (0 if self.fault == "truncated" and t + 1 < len(self.x) else dh)
            shown = np.tanh(c)
            slope = 1 if self.fault == "no slope of tanh" else 1 - shown**2
            dc = dc + dh * o * slope
            of_f = 0 * dc if self.fault == "no forget gate" else dc * c_before * f * (1 - f)
            ds = np.concatenate((dc * g * i * (1 - i), of_f, dc * i * (1 - g**2), dh * shown * o * (1 - o)), -1)
            self.dW += ds.T @ self.x[t]
            self.dU += ds.T @ (o * np.tanh(c) if self.fault == "wrong state" else h)
            self.db += ds.sum(0)
            self.dd += ds.sum(0)
            dx[t], dh, dc = ds @ self.W, ds @ self.U, dc * f
        self.dstates = dh[None], dc[None]
        return dx
