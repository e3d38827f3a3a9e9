"""An adapter of a library whose backward raises: within NumPy, and in a line of its own."""

import numpy as np

from parity.subjects.adapters import NUMPY, Convention, Library


class Sigmoid:
    def forward(self, x: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-x))

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return np.asarray(dy).reshape(7, -1, 11, 13)


class Tanh:
    def forward(self, x: np.ndarray) -> np.ndarray:
        return np.tanh(x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        raise KeyError(f"cache of {dy.ndim} axes")


subject = Library("stumbling", {"Sigmoid": Sigmoid, "Tanh": Tanh}, convention=Convention(arrays=NUMPY))
