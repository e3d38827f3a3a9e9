"""A small NumPy library whose convention is one backward for each forward, and what differs from it in one thing."""

import numpy as np

from parity.subjects.adapters import NUMPY, Convention, Library, attributes


class Layer:
    """x -> x W^T + b; backward pops what forward pushed."""

    def __init__(self, inputs, outputs):
        self.W, self.dW = np.zeros((outputs, inputs)), np.zeros((outputs, inputs))
        self.b, self.db = np.zeros(outputs), np.zeros(outputs)
        self.kept = []

    def forward(self, x):
        self.kept = [x]
        return x @ self.W.T + self.b

    def backward(self, dy):
        x = self.kept.pop()
        rows, drows = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])
        self.dW += drows.T @ rows
        self.db += drows.sum(0)
        return dy @ self.W


class Silent(Layer):
    """It raises nothing the second time, but gives zeros: fast, and no work."""

    def backward(self, dy):
        return super().backward(dy) if self.kept else 0 * dy @ self.W


class Replaced(Layer):
    """It keeps what forward left, and by its convention each backward replaces the gradients."""

    def backward(self, dy):
        self.dW[...], self.db[...], again = 0, 0, self.kept[0]
        dx = super().backward(dy)
        self.kept = [again]
        return dx


class Broken(Layer):
    """Its backward never runs."""

    def backward(self, dy):
        raise RuntimeError(f"no backward of {dy.shape}")


def library(kind, accumulates=True):
    """Return the library as a subject."""
    places = attributes(weight=("W", "dW"), bias=("b", "db"))
    convention = Convention(arrays=NUMPY.only("float64", "float32"), places=places, accumulates=accumulates)
    return Library(
        "one_backward", {"Linear": lambda in_features, out_features: kind(in_features, out_features)}, convention
    )
