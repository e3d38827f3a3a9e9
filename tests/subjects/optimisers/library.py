"""A small library in NumPy: Adam and SGD on (value, gradient) pairs, RMSprop as a function of one array."""

import numpy as np


class Adam:
    """Kingma & Ba's Adam. With `power=False` the bias is corrected by 1 - beta in every step: a known fault."""

    def __init__(self, pairs, lr, betas, eps, power=True):
        self.pairs, self.lr, self.betas, self.eps, self.power = pairs, lr, betas, eps, power
        self.t = 0
        self.means = [np.zeros_like(value) for value, _ in pairs]
        self.squares = [np.zeros_like(value) for value, _ in pairs]

    def step(self):
        self.t += 1
        one, two = (1 - beta ** (self.t if self.power else 1) for beta in self.betas)
        for (value, grad), m, v in zip(self.pairs, self.means, self.squares, strict=True):
            m[...] = self.betas[0] * m + (1 - self.betas[0]) * grad
            v[...] = self.betas[1] * v + (1 - self.betas[1]) * grad * grad
            value -= self.lr * (m / one) / (np.sqrt(v / two) + self.eps)

    def state_dict(self):
        return {"t": self.t, "means": self.means, "squares": self.squares}

    def load_state_dict(self, state):
        self.t, self.means, self.squares = state["t"], state["means"], state["squares"]


class SGD:
    """With `alias=True` the velocity is at first the gradient's own array: a known fault."""

    def __init__(self, groups, alias=False):
        self.groups, self.alias = groups, alias
        self.velocities = {}

    def step(self):
        for number, (pairs, options) in enumerate(self.groups):
            for position, (value, grad) in enumerate(pairs):
                key = number, position
                if options.get("momentum"):
                    if key in self.velocities:
                        self.velocities[key][...] = options["momentum"] * self.velocities[key] + grad
                    else:
                        self.velocities[key] = grad if self.alias else grad.copy()
                    grad = self.velocities[key]
                value -= options["lr"] * grad


class RMSprop:
    """A function of a value and its gradient that returns the new value."""

    def __init__(self, lr, alpha, eps):
        self.lr, self.alpha, self.eps, self.squares = lr, alpha, eps, {}

    def new(self, name, value, grad):
        before = self.squares.get(name, np.zeros_like(value))
        self.squares[name] = self.alpha * before + (1 - self.alpha) * grad**2
        return value - self.lr * grad / (np.sqrt(self.squares[name]) + self.eps)
