"""A tiny reverse-mode library on NumPy: its gradients are made of its own operations, so they can be differentiated.

It reads which fault is planted in it from FAULT; without one it is right. Each fault is one of second derivatives
alone: the first ones are right in all of them.
"""

from typing import Any

import numpy as np

FAULT = ""


class Value:
    """A NumPy array, and what it was made from: (value, pull), where pull maps dy to the gradient of that value."""

    def __init__(self, data: Any, made_from: Any = ()) -> None:
        self.data, self.made_from = np.asarray(data), list(made_from)

    def __add__(self, other: Any) -> "Value":
        other = value(other, self)
        pulls = [(self, lambda dy: unbroadcast(dy, self)), (other, lambda dy: unbroadcast(dy, other))]
        return Value(self.data + other.data, pulls)

    def __mul__(self, other: Any) -> "Value":
        other = value(other, self)
        pulls = [(self, lambda dy: unbroadcast(dy * other, self)), (other, lambda dy: unbroadcast(dy * self, other))]
        return Value(self.data * other.data, pulls)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> "Value":
        return self * -1.0

    def __sub__(self, other: Any) -> "Value":
        return self + -value(other, self)

    def __rsub__(self, other: Any) -> "Value":
        return -self + other

    def __matmul__(self, other: "Value") -> "Value":
        factor = kept(other) if FAULT == "factor of a product kept" else other
        return Value(self.data @ other.data, [(self, lambda dy: dy @ factor.t()), (other, lambda dy: self.t() @ dy)])

    def t(self) -> "Value":
        return Value(self.data.T, [(self, lambda dy: dy.t())])

    def sum(self, axis: Any = None) -> "Value":
        summed = self.data.sum(axis, keepdims=axis is not None)
        return Value(summed, [(self, lambda dy: broadcast(dy, self.data.shape))])


def value(other: Any, like: Value) -> Value:
    return other if isinstance(other, Value) else Value(np.asarray(other, like.data.dtype))


def kept(given: Value) -> Value:
    """Return what was saved for backward, cut off from what it was made from."""
    return Value(given.data)


def broadcast(given: Value, shape: Any) -> Value:
    return Value(np.broadcast_to(given.data, shape).copy(), [(given, lambda dy: unbroadcast(dy, given))])


def unbroadcast(dy: Value, like: Value) -> Value:
    shape = like.data.shape
    if dy.data.shape == shape:
        return dy
    lined = (1,) * (dy.data.ndim - len(shape)) + shape
    axes = tuple(i for i, n in enumerate(lined) if n == 1 and dy.data.shape[i] != 1) + tuple(
        range(dy.data.ndim - len(shape))
    )
    summed = dy.data.sum(tuple(set(axes)), keepdims=True).reshape(shape)
    return Value(summed, [(dy, lambda g: broadcast(reshape(g, lined), dy.data.shape))])


def reshape(given: Value, shape: Any) -> Value:
    return Value(given.data.reshape(shape), [(given, lambda dy: reshape(dy, given.data.shape))])


def square(given: Value) -> Value:
    factor = 1.0 if FAULT == "factor 2 of a square dropped" else 2.0
    return Value(given.data * given.data, [(given, lambda dy: dy * given * factor)])


def tanh(x: Value) -> Value:
    y = Value(np.tanh(x.data))
    y.made_from = [(x, lambda dy: dy * (1.0 - square(y)))]
    return y


def sigmoid(x: Value) -> Value:
    y = Value(1 / (1 + np.exp(-x.data)))
    y.made_from = [(x, lambda dy: dy * (kept(y * (1.0 - y)) if FAULT == "slope is a number" else y * (1.0 - y)))]
    return y


def silu(x: Value) -> Value:
    """Return x s(x), whose derivative is s + y (1 - s)."""
    s = sigmoid(x)
    y = Value(x.data * s.data)

    def pull(dy: Value) -> Value:
        saved = kept(y) if FAULT == "saved output kept" else y
        return dy * (s + saved * (1.0 - s))

    y.made_from = [(x, pull)]
    return y


def softmax(x: Value, axis: int) -> Value:
    e = np.exp(x.data - x.data.max(axis, keepdims=True))
    y = Value(e / e.sum(axis, keepdims=True))

    def pull(dy: Value) -> Value:
        saved = kept(y) if FAULT == "saved output kept" else y
        return saved * (dy - (dy * saved).sum(axis))

    y.made_from = [(x, pull)]
    return y


def gradients(y: Value, wanted: Any, dy: Value) -> list[Value]:
    """Return the gradients of y for the values wanted, zeros where there is no way."""
    order: list[Value] = []

    def visit(one: Value) -> None:
        if not any(one is other for other in order):
            for made, _ in one.made_from:
                visit(made)
            order.append(one)

    visit(y)
    arrived = {id(y): dy}
    for one in reversed(order):
        if id(one) in arrived:
            for made, pull in one.made_from:
                passed = pull(arrived[id(one)])
                arrived[id(made)] = arrived[id(made)] + passed if id(made) in arrived else passed
    return [arrived.get(id(one), Value(np.zeros_like(one.data))) for one in wanted]
