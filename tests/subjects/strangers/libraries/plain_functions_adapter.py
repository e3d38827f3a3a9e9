"""plain_functions as a subject: functions with a cache, held together by a small class."""

import numpy as np
from variant import variant

from parity.subjects.adapters import NUMPY, ROW, TRANSPOSED, Convention, Library, attributes, loss_functions

lib = variant("plain_functions")


class Held:
    """A pair of functions with the parameters, the gradients and the cache that the library leaves to its caller."""

    def __init__(self, forward, backward, options=None, **params):
        self.functions, self.options, self.params = (forward, backward), options or {}, params
        self.grads = lib.no_grads(params)

    def forward(self, x):
        out, self.cache = self.functions[0](x, *self.params.values(), **self.options)
        return out

    def backward(self, dout):
        dx, *new = self.functions[1](dout, self.cache)
        lib.add_grads(self.grads, dict(zip(self.params, new, strict=True)))
        return dx

    def zero_grad(self):
        self.grads = lib.no_grads(self.params)

    def dw(self):
        return self.grads["w"] if np.ndim(self.grads["w"]) else None  # the int 0 until there is a gradient

    def db(self):
        return self.grads["b"] if np.ndim(self.grads["b"]) else None


def affine(in_features, out_features, dtype):
    w, b = np.zeros((in_features, out_features), dtype), np.zeros((1, out_features), dtype)
    return Held(lib.affine_forward, lib.affine_backward, w=w, b=b)


def conv(in_channels, out_channels, kernel_size, stride, padding, groups, dtype):
    w = np.zeros((out_channels, in_channels // groups, kernel_size, kernel_size), dtype)
    options = {"stride": stride, "pad": padding, "groups": groups}
    return Held(lib.conv_forward, lib.conv_backward, options, w=w, b=np.zeros((1, out_channels), dtype))


def softmax(dim):  # noqa: ARG001 - over the rows alone
    return Held(lib.softmax_forward, lib.softmax_backward)


def one_hot(scores, classes):
    return np.eye(scores.shape[1], dtype=scores.dtype)[classes]


subject = Library(
    "plain_functions",
    {
        "Linear": affine,
        "Conv2d": conv,
        "ReLU": lambda: Held(lib.relu_forward, lib.relu_backward),
        "Tanh": lambda: Held(lib.tanh_forward, lib.tanh_backward),
        "Sigmoid": lambda: Held(lib.sigmoid_forward, lib.sigmoid_backward),
        "Softmax": softmax,
        "MSELoss": loss_functions(
            lambda p, t: lib.mean_squared_error(p, t)[0], lambda p, t: lib.mean_squared_error(p, t)[1]
        ),
        "CrossEntropyLoss": loss_functions(
            lambda p, t: lib.softmax_cross_entropy(p, one_hot(p, t))[0],
            lambda p, t: lib.softmax_cross_entropy(p, one_hot(p, t))[1],
        ),
    },
    Convention(
        arrays=NUMPY.only("float64", "float32"),
        places=attributes(weight=("params.w", "dw"), bias=("params.b", "db")),
        layouts={"Linear.weight": TRANSPOSED, "bias": ROW},
    ),
    only={
        "Linear": {"rank": (2,)},
        "Conv2d": {"kernel_size": int, "stride": int, "padding": int, "rank": (4,)},
        "Softmax": {"rank": (2,), "dim": (1, -1)},
        "CrossEntropyLoss": {"rank": (2,), "targets": ("classes",)},
    },
)
