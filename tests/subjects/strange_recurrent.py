"""A stranger's LSTM of NumPy: one layer in one direction; its last states lie in attributes, and backward takes dy."""

from typing import Any

import numpy as np

from parity.subjects import adapters as ad


def sigmoid(s: Any) -> Any:
    return 0.5 * (1 + np.tanh(0.5 * s))


class LSTM:
    fault = ""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        rows = 4 * hidden_size
        self.W, self.U = np.zeros((rows, input_size)), np.zeros((rows, hidden_size))
        self.b, self.d = np.zeros(rows), np.zeros(rows)
        self.zero_grad()

    def zero_grad(self) -> None:
        self.dW, self.dU, self.db, self.dd = (np.zeros_like(value) for value in (self.W, self.U, self.b, self.d))

    def forward(self, x: Any, h: Any = None, c: Any = None) -> Any:
        zeros = np.zeros((x.shape[1], self.U.shape[1]), x.dtype)
        self.h, self.c = zeros if h is None else h[0], zeros if c is None else c[0]
        self.x, self.steps, found = x, [], []
        for x_t in x:
            s = x_t @ self.W.T + self.b + self.h @ self.U.T + self.d
            i, f, g, o = np.split(s, 4, -1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            before = self.h, self.c
            self.c = f * self.c + i * g
            self.h = o * np.tanh(self.c)
            self.steps.append((before, (i, f, g, o), self.c))
            found.append(self.h)
        return np.stack(found)

    def backward(self, dy: Any, dh: Any = 0, dc: Any = 0) -> Any:
        dx = np.zeros_like(self.x)
        for t in reversed(range(len(self.x))):
            (h, c_before), (i, f, g, o), c = self.steps[t]
            dh = dy[t] + (0 if self.fault == "truncated" else dh)
            shown = np.tanh(c)
            slope = 1 if self.fault == "no slope of tanh" else 1 - shown**2
            dc = dc + dh * o * slope
            of_f = 0 * dc if self.fault == "no forget gate" else dc * c_before * f * (1 - f)
            ds = np.concatenate((dc * g * i * (1 - i), of_f, dc * i * (1 - g**2), dh * shown * o * (1 - o)), -1)
            self.dW += ds.T @ self.x[t]
            self.dU += ds.T @ (self.steps[t][2] if self.fault == "wrong state" else h)
            self.db += ds.sum(0)
            self.dd += ds.sum(0)
            dx[t], dh, dc = ds @ self.W, ds @ self.U, dc * f
        self.dstates = dh[None], dc[None]
        return dx


PLACES = ad.attributes(
    weight_ih_l0=("W", "dW"), weight_hh_l0=("U", "dU"), bias_ih_l0=("b", "db"), bias_hh_l0=("d", "dd")
)


def all_of(layer: Any, dys: Any, *given: Any) -> Any:
    """Call backward with every cotangent; return the gradients of the states with dx, where they were given."""
    dy, dh, dc = dys
    dx = layer.backward(np.zeros_like(layer.x[..., :1] @ layer.U[:1, :]) if dy is None else dy, *ends(layer, dh, dc))
    return (dx, *layer.dstates) if len(given) > 1 else dx


def ends(layer: Any, *dends: Any) -> Any:
    return [np.zeros_like(layer.h) if dend is None else dend[0] for dend in dends]


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
