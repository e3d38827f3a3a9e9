"""Layers on NumPy: float64 alone, images as (N, H, W, C), parameters and gradients in dictionaries, a bias always.

Its lacks: rows of (N, D) alone for dense layers, square kernels, no dilation, no groups, class indices as targets.
"""

import numpy as np


def windows(x, k, stride):
    """Return every k x k window of the images x (N, H, W, C) as a row: (N, P, Q, k k C)."""
    n, h, w, c = x.shape
    p, q = (h - k) // stride + 1, (w - k) // stride + 1
    cols = np.empty((n, p, q, k, k, c))
    for i in range(k):
        for j in range(k):
            cols[:, :, :, i, j] = x[:, i : i + stride * p : stride, j : j + stride * q : stride]
    return cols.reshape(n, p, q, k * k * c)


def images(cols, shape, k, stride):
    """Add every row back to where its window came from."""
    n, p, q = cols.shape[:3]
    cols = cols.reshape(n, p, q, k, k, shape[3])
    x = np.zeros(shape)
    for i in range(k):
        for j in range(k):
            x[:, i : i + stride * p : stride, j : j + stride * q : stride] += cols[:, :, :, i, j]
    return x


class NumpyLayer:
    def __init__(self):
        self.params, self.grads = {}, {}

    def add(self, name, value):
        self.params[name] = value
        self.grads[name] = np.zeros_like(value)

    def zero_grad(self):
        for grad in self.grads.values():
            grad[...] = 0.0


class Dense(NumpyLayer):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.add("W", np.random.randn(n_in, n_out) / np.sqrt(n_in))
        self.add("b", np.zeros(n_out))

    def forward(self, x):
        self.x = x
        y = x @ self.params["W"]
        y += self.params["b"]
        return y

    def backward(self, dy):
        self.grads["W"] += self.x.T @ dy
        self.grads["b"] += dy.sum(axis=0)
        return dy @ self.params["W"].T


class Conv2D(NumpyLayer):
    def __init__(self, c_in, c_out, k, stride=1, pad=0):
        super().__init__()
        self.k, self.stride, self.pad = k, stride, pad
        self.add("W", np.random.randn(k, k, c_in, c_out) / np.sqrt(k * k * c_in))
        self.add("b", np.zeros(c_out))

    def forward(self, x):
        p = self.pad
        padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        self.shape = padded.shape
        self.cols = windows(padded, self.k, self.stride)
        return self.cols @ self.flat() + self.params["b"]

    def flat(self):
        w = self.params["W"]
        return w.reshape(-1, w.shape[3])

    def backward(self, dy):
        rows, dy_rows = self.cols.reshape(-1, self.cols.shape[-1]), dy.reshape(-1, dy.shape[-1])
        self.grads["W"] += (rows.T @ dy_rows).reshape(self.params["W"].shape)
        self.grads["b"] += dy_rows.sum(axis=0)
        dx = images(dy @ self.flat().T, self.shape, self.k, self.stride)
        p, (h, w) = self.pad, self.shape[1:3]
        return dx[:, p : h - p, p : w - p]


class ReLU(NumpyLayer):
    def forward(self, x):
        self.positive = x > 0
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * self.positive


class LeakyReLU(NumpyLayer):
    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        self.slopes = np.where(x > 0, 1.0, self.slope)
        return x * self.slopes

    def backward(self, dy):
        return dy * self.slopes


class Sigmoid(NumpyLayer):
    def forward(self, x):
        self.x = x
        e = np.exp(-np.abs(x))
        self.y = np.where(x >= 0, 1.0, e) / (1.0 + e)
        return self.y.copy()

    def backward(self, dy):
        return dy * self.y * (1.0 - self.y)


class Tanh(NumpyLayer):
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y.copy()

    def backward(self, dy):
        return dy * (1.0 - self.y**2)


class Softmax(NumpyLayer):
    """Over the last axis."""

    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y.copy()

    def backward(self, dy):
        return self.y * (dy - (dy * self.y).sum(axis=-1, keepdims=True))


class Flatten(NumpyLayer):
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(x.shape[0], int(np.prod(x.shape[1:])))

    def backward(self, dy):
        return dy.reshape(self.shape)


class MSE:
    """The mean squared error as a float."""

    def forward(self, p, t):
        self.difference = p - t
        return float(np.mean(self.difference**2))

    def backward(self):
        return 2.0 * self.difference / self.difference.size


class CrossEntropy:
    """Of scores (N, C) and class indices (N,), averaged over the samples, as a float."""

    def forward(self, p, t):
        self.t = t
        shifted = p - p.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.p = np.exp(log_p)
        return float(-log_p[np.arange(len(t)), t].mean())

    def backward(self):
        n = len(self.t)
        dp = self.p.copy()
        dp[np.arange(n), self.t] -= 1.0
        return dp / n
