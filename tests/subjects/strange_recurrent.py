"""The LSTM of mylib as a stranger's, with a fault or without: its last states lie in attributes."""

from typing import Any

from parity.subjects import adapters as ad
from tests.subjects.mylib_lstm import LSTM

PLACES = ad.attributes(
    weight_ih_l0=("W", "dW"), weight_hh_l0=("U", "dU"), bias_ih_l0=("b", "db"), bias_hh_l0=("d", "dd")
)


def all_of(layer: Any, dys: Any, *given: Any) -> Any:
    """Call backward with every cotangent; return the gradients of the states with dx, where they were given."""
    dx = layer.backward(*dys)
    return (dx, *layer.dstates) if len(given) > 1 else dx


def subject_of(fault: str = "", alone: bool = False) -> ad.Library:
    """Return the library with a fault; alone: as one whose backward takes dy alone, and forward x alone."""
    changed = type("LSTM", (LSTM,), {"fault": fault})

    def forward(layer: Any, x: Any, h0: Any = None, c0: Any = None) -> Any:
        return layer.forward(x, h0, c0), layer.h[None], layer.c[None]

    def of_x(layer: Any, x: Any) -> Any:
        return forward(layer, x)

    back = ad.output_alone(lambda layer, dy, _x: layer.backward(dy))
    ways = ad.Convention(
        forward=of_x if alone else forward,
        backward=back if alone else all_of,
        places=PLACES,
        arrays=ad.NUMPY.only("float64", "float32"),
    )
    return ad.Library("strange", {"LSTM": lambda input_size, hidden_size: changed(input_size, hidden_size)}, ways)


subject = subject_of()
