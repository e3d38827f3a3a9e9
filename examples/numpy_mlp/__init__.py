"""A multilayer perceptron in plain NumPy, its backward pass written by hand.

Layers keep what backward needs; `param()` gives [value, gradient] pairs; gradients add up until `zero_grad()`.
"""

import numpy as np


class Layer:
    x = None

    def given(self):
        if self.x is None:
            raise RuntimeError("backward must follow a forward")
        return self.x

    def param(self):
        return []

    def zero_grad(self):
        for _, grad in self.param():
            grad[...] = 0


class Linear(Layer):
    def __init__(self, inputs, outputs, dtype=np.float64):
        if not all(isinstance(extent, int) and extent > 0 for extent in (inputs, outputs)):
            raise ValueError(f"inputs and outputs must be positive integers, were {inputs} and {outputs}")
        bound = 1 / np.sqrt(inputs)
        self.weight = np.random.uniform(-bound, bound, (inputs, outputs)).astype(dtype)
        self.bias = np.zeros(outputs, dtype)
        self.dweight, self.dbias = np.zeros_like(self.weight), np.zeros_like(self.bias)

    def forward(self, x):
        if x.dtype != self.weight.dtype:
            raise TypeError(f"x must be of {self.weight.dtype} as the weight is, was {x.dtype}")
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, dy):
        x, dy_rows = self.given().reshape(-1, len(self.weight)), dy.reshape(-1, dy.shape[-1])
        self.dweight += x.T @ dy_rows
        self.dbias += dy_rows.sum(0)
        return dy @ self.weight.T

    def param(self):
        return [(self.weight, self.dweight), (self.bias, self.dbias)]


class Activation(Layer):
    def forward(self, x):
        if x.dtype.kind != "f":
            raise TypeError(f"x must be of floating-point numbers, was {x.dtype}")
        self.x = x
        return self.function(x)

    def backward(self, dy):
        if dy.shape != self.given().shape:
            raise ValueError(f"dy must have the shape of x, {self.x.shape}, had {dy.shape}")
        return self.derivative(dy)


class ReLU(Activation):
    def function(self, x):
        return np.where(x < 0, np.zeros_like(x), x)  # nan stays nan

    def derivative(self, dy):
        return np.where(self.x <= 0, np.zeros_like(dy), dy)


class Tanh(Activation):
    def function(self, x):
        self.y = np.tanh(x)
        return self.y

    def derivative(self, dy):
        return dy * (1 - self.y) * (1 + self.y)


class Sigmoid(Activation):
    def function(self, x):
        small = np.exp(-np.abs(x))
        self.y = np.where(x >= 0, 1, small) / (1 + small)
        self.one_less_y = np.where(x >= 0, small, 1) / (1 + small)
        return self.y

    def derivative(self, dy):
        return dy * self.y * self.one_less_y


class Sequential(Layer):
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

    def param(self):
        return [pair for layer in self.layers for pair in layer.param()]


class MSE:
    difference = None

    def forward(self, p, t):
        if p.shape != t.shape or p.dtype.kind != "f":
            raise ValueError(
                f"p and t must be of one shape and of floating-point numbers, were {p.shape} and {t.shape}"
            )
        self.difference = p - t
        return (self.difference * self.difference).mean()

    def backward(self):
        if self.difference is None:
            raise RuntimeError("backward must follow a forward")
        return 2 * self.difference / self.difference.size


class SoftmaxCrossEntropy:
    """Of logits p (N, C) and classes t (N,)."""

    log_q = None

    def forward(self, p, t):
        fits = p.dtype.kind == "f" and p.ndim == 2 and t.shape == p.shape[:1]
        if not fits or (t.size and not 0 <= t.min() <= t.max() < p.shape[1]):
            raise ValueError(f"p must be (N, C) logits and t (N,) classes below C, were {p.shape} and {t.shape}")
        shifted = p - p.max(1, keepdims=True)
        log_sum = np.log(np.exp(shifted).sum(1, keepdims=True))
        self.log_q, self.t = shifted - log_sum, t
        return -self.log_q[np.arange(len(t)), t].mean()

    def backward(self):
        if self.log_q is None:
            raise RuntimeError("backward must follow a forward")
        dp = np.exp(self.log_q)
        dp[np.arange(len(self.t)), self.t] -= 1
        return dp / len(self.t)
