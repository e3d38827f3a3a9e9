"""Functions of every element by itself that are pieced together. At a kink, and at nan, the slope is torch's.

Where a piece is not chosen, what it is computed from is put aside too: zero times an infinite slope is nan.
"""

from framework.tape.joining import where
from framework.tape.variable import Variable


def relu(x: Variable) -> Variable:
    """Return max(x, 0)."""
    return where(x.tensor <= 0, 0.0, x)


def leaky_relu(x: Variable, negative_slope: float) -> Variable:
    """Return x where it is positive, else negative_slope x."""
    return where(x.tensor > 0, x, x * negative_slope)


def prelu(x: Variable, weight: Variable) -> Variable:
    """Return x where it is positive, else weight x: one weight for all, or one a channel."""
    positive = x.tensor > 0
    slope = weight if weight.shape.numel() == 1 else weight.reshape(-1, *[1] * (x.dim() - 2))
    return where(positive, x, where(positive, 0.0, x) * slope).reshape(x.shape)


def exp_less_one(x: Variable) -> Variable:
    """Return eˣ - 1 for x <= 0, by two forms: near 0 the value keeps its digits, far out the slope does."""
    far = x.tensor < -1
    return where(far, where(far, x, -1.0).exp() - 1, where(far, 0.0, x).expm1())


def elu(x: Variable, alpha: float) -> Variable:
    """Return x where it is positive, else alpha (eˣ - 1)."""
    positive = x.tensor > 0
    return where(positive, x, exp_less_one(where(positive, 0.0, x)) * alpha)


def celu(x: Variable, alpha: float) -> Variable:
    """Return x where it is positive, else alpha (e^(x / alpha) - 1)."""
    positive = x.tensor > 0
    return where(positive, x, exp_less_one(where(positive, 0.0, x) / alpha) * alpha)


def selu(x: Variable) -> Variable:
    """Return λ x where it is positive, else λ α (eˣ - 1)."""
    return elu(x, 1.6732632423543772848170429916717) * 1.0507009873554804934193349852946


def hardtanh(x: Variable, low: float, high: float) -> Variable:
    """Return x held between two bounds; neither passes a gradient."""
    return where(x.tensor <= low, low, where(x.tensor >= high, high, x))


def hardsigmoid(x: Variable) -> Variable:
    """Return (x + 3) / 6 held between 0 and 1."""
    return where(x.tensor.abs() < 3, (x + 3) / 6, x.tensor.clamp(-3, 3).add(3) / 6)


def hardswish(x: Variable) -> Variable:
    """Return x times its hard sigmoid."""
    low, high = x.tensor <= -3, x.tensor >= 3
    middle = where(low | high, 0.0, x)
    return where(low, x.tensor * 0, where(high, x, middle * ((middle + 3) / 6)))


def softshrink(x: Variable, lambd: float) -> Variable:
    """Return x moved towards 0 by lambd, and 0 for what lies nearer."""
    return where(x.tensor.abs() > lambd, x, x.tensor) - x.tensor.clamp(-lambd, lambd)
