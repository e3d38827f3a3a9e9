"""autograd (HIPS): NumPy functions, differentiated by make_vjp; convolution is its scipy.signal.convolve."""

from autograd import make_vjp
from autograd import numpy as np
from autograd.scipy.signal import convolve
from autograd.scipy.special import expit

from parity.subjects.adapters import NUMPY, Autodiff, of_x


def conv2d(p, x):
    y = convolve(x, p["weight"][:, :, ::-1, ::-1], axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
    return y + p["bias"][:, None, None] if "bias" in p else y


def vjp(function, parameters, x):
    pullback, y = make_vjp(function, (0, 1))(parameters, x)
    return y, pullback


FUNCTIONS = {
    "Linear": lambda p, x: np.dot(x, p["weight"].T) + p.get("bias", 0),
    "Conv2d": conv2d,
    "ReLU": of_x(lambda x: np.maximum(x, 0)),
    "Tanh": of_x(lambda x: np.tanh(x)),
    "Sigmoid": of_x(lambda x: expit(x)),
    "MSELoss": of_x(lambda p, t: np.mean((p - t) ** 2)),
}
subject = Autodiff("autograd", FUNCTIONS, vjp, NUMPY.only("float64", "float32"), {"Conv2d": {"rank": (4,)}})
