"""Networks of NumPy that keep their layers, or their parameters, each in its own way."""

import numpy as np
from mylib import Dense, ReLU

from parity.subjects.adapters import NUMPY, TRANSPOSED, Convention, Library, attributes

PLAIN = {"weight": ("W", "dW"), "bias": ("b", "db")}


class Stack:
    """It keeps its layers in an attribute."""

    def __init__(self, layers):
        self.stack = layers

    def forward(self, x):
        for layer in self.stack:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.stack):
            dy = layer.backward(dy)
        return dy


class Shown(Stack):
    """It shows them by a method."""

    def children(self):
        return list(self.stack)


class Inside(Stack):
    """They lie in what it holds."""

    def __init__(self, layers):
        super().__init__(layers)
        self.body = Stack(layers)


class Sparse(Stack):
    """It has a list of those that learn."""

    def __init__(self, layers):
        super().__init__(layers)
        self.learning = [layer for layer in layers if isinstance(layer, Dense)]


class Flat(Stack):
    """It keeps every parameter itself, in lists, and so every gradient."""

    def __init__(self, layers):
        super().__init__(layers)
        dense = [layer for layer in layers if isinstance(layer, Dense)]
        self.weights, self.biases = [layer.W for layer in dense], [layer.b for layer in dense]
        self.dweights, self.dbiases = [layer.dW for layer in dense], [layer.db for layer in dense]


class Doubled(Stack):
    """Its gradients are twice too large."""

    def backward(self, dy):
        return super().backward(2 * dy) / 2


WAYS = {
    "an attribute": (Stack, attributes(layers="stack", **PLAIN)),
    "a method": (Shown, attributes(layers="children", **PLAIN)),
    "a path": (Inside, attributes(layers="body.stack", **PLAIN)),
    "those that learn": (
        Sparse,
        attributes(
            weight=("learning.{layer}.W", "learning.{layer}.dW"), bias=("learning.{layer}.b", "learning.{layer}.db")
        ),
    ),
    "itself": (
        Flat,
        attributes(weight=("weights.{layer}", "dweights.{layer}"), bias=("biases.{layer}", "dbiases.{layer}")),
    ),
}


def library(kind, places):
    """Return a library whose only module is the network; its layers are made by the library's own table."""
    own = Convention(arrays=NUMPY, places=attributes(**PLAIN), layouts={"weight": TRANSPOSED})
    network = Convention(arrays=NUMPY, places=places, layouts={"weight": TRANSPOSED})
    linear = lambda in_features, out_features, dtype: cast(Dense(in_features, out_features), dtype)  # noqa: E731
    table = {"Linear": (linear, own), "ReLU": (ReLU, own), "Sequential": (lambda layers: kind(layers), network)}
    return Library("stacks", table, own)


def cast(layer, dtype):
    for name in ("W", "b", "dW", "db"):
        setattr(layer, name, getattr(layer, name).astype(np.dtype(dtype)))
    return layer
