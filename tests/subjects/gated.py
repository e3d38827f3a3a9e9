"""A library of right numbers whose conventions are its own; its adapter does not name every layer.

Its Tanh hides nan, and its Dense is off by less than a rounding, so that no sum of integers is exact. GELU is in the
table, and of a dtype that it does not have.
"""

from typing import Any

import numpy as np

from parity.subjects.adapters import NUMPY, TRANSPOSED, Convention, Library, Unsupported, attributes


class Layer:
    """What layers have in common: it stands for no layer."""

    def forward(self, x: Any) -> Any:
        raise NotImplementedError

    def backward(self, dy: Any) -> Any:
        raise NotImplementedError


class Tanh(Layer):
    def forward(self, x: Any) -> Any:
        self.y = np.nan_to_num(np.tanh(x))
        return self.y

    def backward(self, dy: Any) -> Any:
        if dy.shape != self.y.shape:
            raise ValueError("dy must have the shape of the output")
        return dy * (1 - self.y**2)


class Dense(Layer):
    def __init__(self, inputs: int, outputs: int) -> None:
        self.W, self.b = np.zeros((inputs, outputs)), np.zeros(outputs)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x: Any) -> Any:
        self.x = x
        return (x @ self.W + self.b) * x.dtype.type(1 + 1e-7)

    def backward(self, dy: Any) -> Any:
        self.dW += self.x.T @ dy
        self.db += dy.sum(0)
        return dy @ self.W.T


class GELU(Layer):
    def __init__(self) -> None:
        raise Unsupported("it has no error function")

    def forward(self, x: Any) -> Any:
        return x

    def backward(self, dy: Any) -> Any:
        return dy


class Swish2(Layer):
    """In no table: nothing asks whether it is right."""

    def forward(self, x: Any) -> Any:
        return x / (1 + np.exp(-2 * x))

    def backward(self, dy: Any) -> Any:
        return 2 * dy


class _Hidden(Swish2):
    pass


class Container(Layer):
    """Stands for no layer either: backward is left to others."""

    def forward(self, x: Any) -> Any:
        return x


subject = Library(
    "gated",
    {
        "Tanh": Tanh,
        "Linear": lambda in_features, out_features: Dense(in_features, out_features),
        "GELU": GELU,
    },
    Convention(
        arrays=NUMPY,
        places=attributes(weight=("W", "dW"), bias=("b", "db")),
        layouts={"weight": TRANSPOSED},
    ),
    only={"Linear": {"rank": (2,)}},
)
