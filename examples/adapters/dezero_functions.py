"""dezero: its functions, differentiated by Variable.backward."""

import numpy

numpy.int = int  # it was written for NumPy below 1.24
from dezero import Variable, functions  # noqa: E402 - after the name that it misses

from parity.subjects.adapters import NUMPY, Autodiff, Unsupported, of_x  # noqa: E402 - as above


def vjp(function, parameters, x):
    leaves, x = {name: Variable(value) for name, value in parameters.items()}, Variable(x)
    y = function(leaves, x)

    def pullback(dy):
        for leaf in (x, *leaves.values()):
            leaf.cleargrad()
        y.grad = Variable(dy)
        y.backward()
        return {name: leaf.grad.data for name, leaf in leaves.items()}, x.grad.data

    return y.data, pullback


def conv2d(p, x, stride=1, padding=0):
    if isinstance(padding, str):
        raise Unsupported("the Conv2d of dezero takes padding in numbers")
    return functions.conv2d(x, p["weight"], p.get("bias"), stride, padding)


FUNCTIONS = {
    "Linear": lambda p, x: functions.linear(x, p["weight"].T, p.get("bias")),
    "Conv2d": conv2d,
    "LeakyReLU": of_x(lambda x, negative_slope=0.01: functions.leaky_relu(x, negative_slope)),
    "Softmax": of_x(lambda x, dim: functions.softmax(x, dim)),
    "CrossEntropyLoss": of_x(lambda p, t: functions.softmax_cross_entropy(p, t)),
    "BCELoss": of_x(lambda p, t: functions.binary_cross_entropy(p.reshape(-1), t.reshape(-1))),  # it divides by len(p)
} | {name: of_x(getattr(functions, name.lower())) for name in ("ReLU", "Tanh", "Sigmoid")}
ONLY = {"Linear": {"rank": (2,)}, "Conv2d": {"rank": (4,)}, "CrossEntropyLoss": {"rank": (2,), "targets": ("classes",)}}
subject = Autodiff("dezero", FUNCTIONS, vjp, NUMPY.only("float64", "float32"), ONLY)
