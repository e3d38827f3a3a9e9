"""Functions of every element by itself that bend smoothly, in forms in which no exponential overflows.

Where x goes two ways that nearly cancel, an infinite gradient that comes back is lost: the sigmoid has but one.
"""

from math import pi, sqrt

from torch import Tensor

from framework.tape.joining import where
from framework.tape.variable import Variable

LOW = -40.0  # beside exp(40), 1 is below the rounding of every format


def magnitude(x: Variable) -> tuple[Variable, Tensor]:
    """Return |x|, which passes the gradient at 0 too, and where x is negative."""
    negative = x.tensor < 0
    return where(negative, -x, x), negative


def sigmoid(x: Variable) -> Variable:
    """Return 1 / (1 + e⁻ˣ), and eˣ where x is so low that 1 is nothing beside e⁻ˣ."""
    low = x.tensor < LOW
    return where(low, where(low, x, LOW).exp(), 1 / (1 + (-where(low, LOW, x)).exp()))


def tanh(x: Variable) -> Variable:
    """Return (1 - e⁻²ˣ) / (1 + e⁻²ˣ)."""
    size, negative = magnitude(x)
    e = (size * -2).expm1()  # in (-1, 0]
    y = -e / (e + 2)
    return where(negative, -y, y)


def softplus(x: Variable) -> Variable:
    """Return log(1 + eˣ) = max(x, 0) + log(1 + e^-|x|)."""
    size, negative = magnitude(x)
    return where(negative, 0.0, x) + (-size).exp().log1p()


def bounded_softplus(x: Variable, beta: float, threshold: float) -> Variable:
    """Return softplus(beta x) / beta, and x itself where beta x is above the threshold."""
    above = x.tensor * beta > threshold
    return where(above, x, softplus(where(above, 0.0, x) * beta) / beta)


def log_sigmoid(x: Variable) -> Variable:
    """Return log(1 / (1 + e⁻ˣ))."""
    return -softplus(-x)


def silu(x: Variable) -> Variable:
    """Return x σ(x)."""
    return x * sigmoid(x)


def gelu(x: Variable, approximate: str) -> Variable:
    """Return x Φ(x); Φ by erfc, which does not cancel where x is negative, or by the sigmoid of a cubic."""
    if approximate == "none":
        return x * ((x * -sqrt(0.5)).erfc() * 0.5)
    return x * sigmoid(x * (x * x * 0.044715 + 1) * sqrt(8 / pi))


def mish(x: Variable) -> Variable:
    """Return x tanh(log(1 + eˣ))."""
    return x * tanh(softplus(x))


def softsign(x: Variable) -> Variable:
    """Return x / (1 + |x|)."""
    return x / (x.abs() + 1)


def tanhshrink(x: Variable) -> Variable:
    """Return x - tanh x."""
    return x - tanh(x)


def glu(x: Variable, dim: int) -> Variable:
    """Return a σ(b), a and b the halves of x along dim."""
    axis = dim % x.dim()
    before, half = (slice(None),) * axis, x.shape[axis] // 2
    return x[(*before, slice(half))] * sigmoid(x[(*before, slice(half, None))])
