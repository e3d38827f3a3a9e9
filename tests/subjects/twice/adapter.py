"""The tiny reverse-mode library as a subject that offers second derivatives."""

from typing import Any

import reverse

from parity.subjects.adapters import NUMPY, Autodiff, of_x


def gradient(function: Any, parameters: Any, x: Any, dy: Any) -> Any:
    """Return the gradients by name and dx, as the library's own values."""
    found = reverse.gradients(function(parameters, x), [*parameters.values(), x], dy)
    return dict(zip(parameters, found, strict=False)), found[-1]


def vjp(function: Any, parameters: Any, x: Any) -> Any:
    """Return the output and its pullback, as jax.vjp does."""
    leaves, given = {name: reverse.Value(array) for name, array in parameters.items()}, reverse.Value(x)
    y = function(leaves, given)

    def pullback(dy: Any) -> Any:
        found = reverse.gradients(y, [*leaves.values(), given], reverse.Value(dy))
        return {name: one.data for name, one in zip(leaves, found, strict=False)}, found[-1].data

    return y.data, pullback


def mse(p: Any, t: Any) -> Any:
    off = p - reverse.Value(t)
    return (off * off).sum() * (1 / off.data.size)


subject = Autodiff(
    "reverse",
    {
        "Linear": lambda p, x: x @ p["weight"].t() + p["bias"],
        "Tanh": of_x(reverse.tanh),
        "Sigmoid": of_x(reverse.sigmoid),
        "SiLU": of_x(reverse.silu),
        "Softmax": of_x(lambda x, dim: reverse.softmax(x, dim)),
        "MSELoss": of_x(mse),
    },
    vjp=vjp,
    arrays=NUMPY.only("float64", "float32"),
    only={"Linear": {"bias": (True,), "rank": (2,)}},
    gradient=gradient,
)
