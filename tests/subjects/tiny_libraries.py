"""Two small libraries of strangers, one of NumPy's arrays and one of torch's tensors, and right adapters for them."""

from pathlib import Path

TINYNP = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dy):
        rows, d = self.x.reshape(-1, len(self.W)), dy.reshape(-1, self.b.size)
        self.dW += rows.T @ d
        self.db += d.sum(0)
        return dy @ self.W.T
    def zero_grad(self):
        self.dW[...], self.db[...] = 0, 0

class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def backward(self, dy):
        return dy * (self.x > 0)

def mse(p, t):
    return ((p - t) ** 2).mean()

def dmse(p, t):
    return 2 * (p - t) / p.size
"""
TINYNP_ADAPTER = """
import tinynp
from parity.subjects.adapters import NUMPY, TRANSPOSED, Convention, Library, attributes, loss_functions

subject = Library(
    "tinynp",
    {
        "Linear": lambda in_features, out_features: tinynp.Dense(in_features, out_features),
        "ReLU": tinynp.Relu,
        "MSELoss": loss_functions(tinynp.mse, tinynp.dmse),
    },
    Convention(
        forward=lambda layer, x: layer.forward(x),
        backward=lambda layer, dy, x: layer.backward(dy),
        arrays=NUMPY,
        places=attributes(weight=("W", "dW"), bias=("b", "db")),
        layouts={"weight": TRANSPOSED},
        clear="zero_grad",
    ),
    only={"Linear": {"rank": (2,)}},
)
"""
TINYTORCH = """
import torch

class Parameter:
    def __init__(self, *shape):
        self.data, self.grad = torch.zeros(*shape), torch.zeros(*shape)

class Dense:
    def __init__(self, n_in, n_out):
        self.w, self.b = Parameter(n_out, n_in), Parameter(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.w.data.T + self.b.data
    def backward(self, dy):
        rows, d = self.x.reshape(-1, self.w.data.shape[1]), dy.reshape(-1, len(self.b.data))
        self.w.grad += d.T @ rows
        self.b.grad += d.sum(0)
        return dy @ self.w.data
    def parameters(self):
        return [self.w, self.b]
    def param(self):
        return [[one.data, one.grad] for one in self.parameters()]

class Loss:
    def __call__(self, p, t):
        self.d = p - t
        return (self.d ** 2).mean()
    def backward(self):
        return 2 * self.d / self.d.numel()
"""
TINYTORCH_ADAPTER = """
import tinytorch
from parity.subjects.adapters import Convention, Library, loss_layer, objects

subject = Library(
    "tinytorch",
    {
        "Linear": lambda in_features, out_features: tinytorch.Dense(in_features, out_features),
        "MSELoss": loss_layer(tinytorch.Loss),
    },
    Convention(places=objects("parameters", value="data", grad="grad")),
)
"""


def write(folder: Path) -> None:
    """Write the libraries into a folder."""
    for name, source in (("tinynp", TINYNP), ("tinytorch", TINYTORCH)):
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
