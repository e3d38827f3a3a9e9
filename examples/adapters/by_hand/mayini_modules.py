"""MAYINI: tensors whose operations carry their own backward; modules and functions of mayini.nn."""

from mayini import Tensor, nn
from mayini.nn import activations

from parity.subjects.adapters import Arrays, Autodiff, from_numpy, of_x, taped


def given(t):
    return Tensor(t.numpy(), requires_grad=t.is_floating_point())


def taken(value):
    return from_numpy(value.data if isinstance(value, Tensor) else value)


def conv2d(p, x, kernel_size, stride=1, padding=0):
    channels = p["weight"].data.shape[1::-1]
    module = nn.Conv2D(*channels, kernel_size, stride, padding, bias="bias" in p)
    module.weight, module.bias = p["weight"], p.get("bias")
    return module(x)


def batch_norm(p, x, eps=1e-5):
    module = nn.BatchNorm1d(x.data.shape[1], eps)
    module.gamma, module.beta = p["weight"], p["bias"]
    return module(x)


def linear(p, x):
    module = nn.Linear(*p["weight"].data.shape[::-1], bias="bias" in p)
    module.weight, module.bias = p["weight"].transpose(), p.get("bias")
    return module(x)


FUNCTIONS = {
    "Linear": linear,
    "Conv2d": conv2d,
    "MaxPool2d": of_x(lambda x, kernel_size, stride=None, padding=0: nn.MaxPool2D(kernel_size, stride, padding)(x)),
    "AvgPool2d": of_x(lambda x, kernel_size, stride=None, padding=0: nn.AvgPool2D(kernel_size, stride, padding)(x)),
    "BatchNorm1d": batch_norm,
    "ReLU": of_x(activations.relu),
    "Sigmoid": of_x(activations.sigmoid),
    "Tanh": of_x(activations.tanh),
    "Softmax": of_x(activations.softmax),
    "GELU": of_x(lambda x, approximate: activations.gelu(x)),  # noqa: ARG005 - it has the one of tanh
    "LeakyReLU": of_x(activations.leaky_relu),
    "MSELoss": of_x(lambda p, t, reduction="mean": nn.MSELoss(reduction)(p, t)),
    "L1Loss": of_x(lambda p, t, reduction="mean": nn.MAELoss(reduction)(p, t)),
    "BCELoss": of_x(lambda p, t, reduction="mean": nn.BCELoss(reduction)(p, t)),
    "HuberLoss": of_x(lambda p, t, delta=1.0, reduction="mean": nn.HuberLoss(delta, reduction)(p, t)),
    "CrossEntropyLoss": of_x(lambda p, t, reduction="mean": nn.CrossEntropyLoss(reduction)(p, t)),
}
VJP = taped(lambda y, dy: y.backward(dy.data))
ONE = {"kernel_size": int, "stride": int, "padding": int, "rank": (4,)}
ONLY = {
    "Conv2d": ONE,
    "MaxPool2d": {**ONE, "stride": int | type(None)},
    "AvgPool2d": {**ONE, "stride": int | type(None)},
}
ONLY |= {
    "BatchNorm1d": {"rank": (2,)},
    "GELU": {"approximate": ("tanh",)},
    "CrossEntropyLoss": {"rank": (2,), "targets": ("classes", "probabilities", "weights")},
}
subject = Autodiff("mayini", FUNCTIONS, VJP, Arrays(given, taken, ("float64", "float32"), ("cpu",)), ONLY)
