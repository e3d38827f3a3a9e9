"""Libraries of strangers: linear layers and convolutions that ask torch on one road alone, and honest ones."""

from types import SimpleNamespace

import torch
from torch.nn import functional

from parity.subjects import load
from parity.subjects.adapters import NUMPY, Convention, Library, loss_layer
from parity.subjects.contract import Unsupported


class OwnLinear:
    """Linear by mm and sums; `asks` says from x and bias where it asks F.linear in place of that."""

    def __init__(self, parameters, asks):
        self.values = {name: value.clone() for name, value in parameters.items()}
        self.grads = {name: torch.zeros_like(value) for name, value in parameters.items()}
        self.asks = asks

    def forward(self, x):
        self.x, weight, bias = x, self.values["weight"], self.values.get("bias")
        if self.asks(x, bias):
            return functional.linear(x, weight, bias)
        y = x @ weight.t()
        return y if bias is None else y + bias

    def backward(self, dy):
        weight = self.values["weight"]
        rows, drows = self.x.reshape(-1, weight.shape[1]), dy.reshape(-1, weight.shape[0])
        self.grads["weight"] += drows.t() @ rows
        if "bias" in self.grads:
            self.grads["bias"] += drows.sum(0)
        return dy @ weight

    def gradients(self):
        return self.grads

    def zero_grad(self):
        for grad in self.grads.values():
            grad.zero_()


def has_everything(_options, _dtype):
    return ""


def linear_library(asks, lacks=has_everything, built=OwnLinear):
    """Return a library of one linear layer."""

    def build(module, options, parameters, _device, dtype):
        if module != "Linear":
            raise Unsupported(f"it has no {module}")
        if reason := lacks(options, dtype):
            raise Unsupported(reason)
        return built(parameters, asks)

    return SimpleNamespace(name="stranger", explains=False, build=build)


LINEAR = {
    "without a bias": lambda _x, bias: bias is None,
    "in float64": lambda x, _bias: x.dtype == torch.float64,
    "in bfloat16": lambda x, _bias: x.dtype == torch.bfloat16,
    "of three axes": lambda x, _bias: x.dim() == 3,
    "of four axes": lambda x, _bias: x.dim() == 4,
    "of a large batch": lambda x, _bias: x.shape[0] > 2**16,
    "of one feature": lambda x, _bias: x.shape[-1] == 1,
    "of an x that is not contiguous": lambda x, _bias: not x.is_contiguous(),
    "of one sample": lambda x, _bias: x.shape[0] == 1,
    "of large numbers": lambda x, _bias: bool(x.abs().max() > 100) if x.numel() else False,
}


def nothing(_x, _bias):
    return False


def everything(_x, _bias):
    return True


class ByTorch:
    """A convolution of the framework whose forward asks torch, with these options."""

    def __init__(self, built, options, parameters, asks):
        self.built, self.parameters, self.asks = built, parameters, asks
        given = ("stride", "padding", "dilation", "groups")
        self.options = {name: options[name] for name in given if name in options}

    def forward(self, x):
        y = self.built.forward(x)
        if not self.asks(self.options, x):
            return y
        return functional.conv2d(x, self.parameters["weight"], self.parameters.get("bias"), **self.options)

    def __getattr__(self, name):
        if name == "built" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.built, name)


def convolution_library(asks, lacks=has_everything):
    """Return a library of one convolution."""

    def build(module, options, parameters, device, dtype):
        if module != "Conv2d":
            raise Unsupported(f"it has no {module}")
        if reason := lacks(options, dtype):
            raise Unsupported(reason)
        return ByTorch(load("framework").build(module, options, parameters, device, dtype), options, parameters, asks)

    return SimpleNamespace(name="stranger", explains=False, build=build)


CONVOLUTIONS = {
    "with groups": lambda options, _x: options.get("groups", 1) != 1,
    "with dilation": lambda options, _x: options.get("dilation", 1) != 1,
    "of a large image": lambda _options, x: x.shape[-1] > 200,
}


class Rebuilt(OwnLinear):
    """Keeps its weights as lists of Python, and makes tensors of them in every call."""

    def __init__(self, parameters, asks):
        super().__init__(parameters, asks)
        self.lists = {name: value.tolist() for name, value in parameters.items()}

    def forward(self, x):
        self.values = {name: torch.tensor(value, dtype=x.dtype) for name, value in self.lists.items()}
        return super().forward(x)


class Cast(OwnLinear):
    """Computes in float64, and starts from weights that NumPy drew and that are then overwritten."""

    def __init__(self, parameters, asks):
        drawn = {name: torch.from_numpy(torch.rand(value.shape).numpy()) for name, value in parameters.items()}
        for name, value in parameters.items():
            torch.nn.init.kaiming_uniform_(drawn[name]) if value.dim() > 1 else torch.nn.init.zeros_(drawn[name])
            drawn[name] = drawn[name].to(value.dtype).copy_(value)
        super().__init__(drawn, asks)

    def forward(self, x):
        self.x, bias = x, self.values.get("bias")
        y = x.double() @ self.values["weight"].double().t()
        return (y if bias is None else y + bias.double()).to(x.dtype)


class InAModule(torch.nn.Module):
    """A torch.nn.Module as a mere container of parameters."""

    def __init__(self, parameters, asks):
        super().__init__()
        self.own = OwnLinear({name: torch.nn.Parameter(value.clone()) for name, value in parameters.items()}, asks)

    def forward(self, x):
        with torch.no_grad():
            return self.own.forward(x)

    def backward(self, dy):
        with torch.no_grad():
            return self.own.backward(dy)

    def gradients(self):
        return self.own.grads

    def zero_grad(self):
        self.own.zero_grad()


HONEST_LINEAR = {
    "weights in lists": Rebuilt,
    "casts, and weights drawn before": Cast,
    "a torch.nn.Module as a container": InAModule,
}


class NumberLoss:
    """A loss that is a number of Python."""

    def forward(self, p, t):
        self.difference = p - t
        return (self.difference**2).mean().item()

    def backward(self):
        return 2 * self.difference / self.difference.numel()


def as_tensor(loss, p, t):
    return torch.tensor(loss.forward(p, t), dtype=p.dtype)


class PickedLoss:
    """Cross entropy in a loop: it reads every target as a number of Python."""

    def forward(self, p, t):
        shifted = p - p.amax(1, keepdim=True)
        self.logarithms = shifted - shifted.exp().sum(1, keepdim=True).log()
        self.targets = [int(target) for target in t]
        return -sum(self.logarithms[row, target] for row, target in enumerate(self.targets)) / len(self.targets)

    def backward(self):
        chosen = functional.one_hot(torch.tensor(self.targets), self.logarithms.shape[1])
        return (self.logarithms.exp() - chosen) / len(self.targets)


class ReLUInLoops:
    """Asks of every element whether it is positive."""

    def forward(self, x):
        self.kept = torch.zeros_like(x).flatten()
        y = torch.zeros_like(x).flatten()
        for at, value in enumerate(x.flatten()):
            if value > 0:
                y[at], self.kept[at] = value, 1
        self.kept = self.kept.view(x.shape)
        return y.view(x.shape)

    def backward(self, dy):
        return dy * self.kept


class NumpyTanh:
    def forward(self, x):
        import numpy

        self.y = numpy.tanh(x)
        return self.y

    def backward(self, dy):
        return dy * (1 - self.y**2)


class Conv:
    """A convolution by unfold and fold, with padding by F.pad."""

    def __init__(self, in_channels, out_channels, kernel_size, padding=0):
        self.w, self.b = torch.zeros(out_channels, in_channels, kernel_size, kernel_size), torch.zeros(out_channels)
        torch.nn.init.xavier_normal_(self.w)
        self.dw, self.db, self.k, self.p = torch.zeros_like(self.w), torch.zeros_like(self.b), kernel_size, padding

    def forward(self, x):
        padded = functional.pad(x, (self.p,) * 4)
        self.size = padded.shape[2:]
        self.columns = functional.unfold(padded, self.k)
        self.grid = [extent - self.k + 1 for extent in self.size]
        y = self.w.flatten(1) @ self.columns
        return y.unflatten(2, self.grid) + self.b[:, None, None]

    def backward(self, dy):
        rows = dy.flatten(2)
        self.dw += (rows @ self.columns.transpose(1, 2)).sum(0).view(self.w.shape)
        self.db += rows.sum((0, 2))
        dx = functional.fold(self.w.flatten(1).t() @ rows, self.size, self.k)
        return functional.pad(dx, (-self.p,) * 4)

    def param(self):
        return [(self.w, self.dw), (self.b, self.db)]


mean_squares = loss_layer(NumberLoss)
LIBRARY = Library(
    "stranger",
    {
        "MSELoss": type(mean_squares)(NumberLoss, as_tensor, mean_squares.gradient),
        "CrossEntropyLoss": loss_layer(PickedLoss),
        "ReLU": ReLUInLoops,
        "Tanh": (NumpyTanh, Convention(arrays=NUMPY)),
        "Conv2d": Conv,
    },
    only={
        "ReLU": {"rank": (1,)},
        "Conv2d": {"kernel_size": int, "padding": int, "rank": (4,)},
        "CrossEntropyLoss": {"targets": ("classes",), "rank": (2,)},
    },
)
