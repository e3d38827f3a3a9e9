"""A tape in one class: a Tensor over a NumPy array that knows its parents, with .grad and .backward().

Broadcasting operators, and the modules that are built on them; float64 and float32.
"""

import numpy as np


def unbroadcast(grad, shape):
    """Sum a gradient over the axes along which a tensor of this shape was broadcast."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, extent in enumerate(shape):
        if extent == 1 and grad.shape[axis] != 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    def __init__(self, data, parents=()):
        self.data = np.asarray(data)
        self.grad = np.zeros_like(self.data)
        self.parents = parents
        self.push = lambda: None  # adds this tensor's gradient to that of its parents

    def backward(self, dy=None):
        """Go through the graph from here; dy is 1 unless it is given."""
        order, seen = [], set()

        def visit(tensor):
            if id(tensor) not in seen:
                seen.add(id(tensor))
                for parent in tensor.parents:
                    visit(parent)
                order.append(tensor)

        visit(self)
        self.grad = np.ones_like(self.data) if dy is None else np.array(dy)
        for tensor in reversed(order):
            tensor.push()

    def receive(self, grad):
        self.grad = self.grad + unbroadcast(grad, self.data.shape)

    def __add__(self, other):
        other = lift(other, self)
        out = Tensor(self.data + other.data, (self, other))

        def push():
            self.receive(out.grad)
            other.receive(out.grad)

        out.push = push
        return out

    def __mul__(self, other):
        other = lift(other, self)
        out = Tensor(self.data * other.data, (self, other))

        def push():
            self.receive(out.grad * other.data)
            other.receive(out.grad * self.data)

        out.push = push
        return out

    def __pow__(self, n):
        out = Tensor(self.data**n, (self,))
        out.push = lambda: self.receive(out.grad * n * self.data ** (n - 1))
        return out

    def __matmul__(self, other):
        out = Tensor(self.data @ other.data, (self, other))

        def push():
            rows = self.data.reshape(-1, self.data.shape[-1])
            dy_rows = out.grad.reshape(-1, out.grad.shape[-1])
            self.receive(out.grad @ other.data.T)
            other.receive(rows.T @ dy_rows)

        out.push = push
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -lift(other, self)

    def __truediv__(self, other):
        return self * lift(other, self) ** -1

    @property
    def T(self):  # noqa: N802 - as NumPy calls it
        out = Tensor(self.data.T, (self,))
        out.push = lambda: self.receive(out.grad.T)
        return out

    def sum(self, axis=None, keepdims=False):
        out = Tensor(self.data.sum(axis=axis, keepdims=keepdims), (self,))

        def push():
            grad = out.grad if keepdims or axis is None else np.expand_dims(out.grad, axis)
            self.receive(np.broadcast_to(grad, self.data.shape))

        out.push = push
        return out

    def mean(self):
        return self.sum() / self.data.size

    def exp(self):
        out = Tensor(np.exp(self.data), (self,))
        out.push = lambda: self.receive(out.grad * out.data)
        return out

    def log(self):
        out = Tensor(np.log(self.data), (self,))
        out.push = lambda: self.receive(out.grad / self.data)
        return out

    def relu(self):
        out = Tensor(np.maximum(self.data, 0), (self,))
        out.push = lambda: self.receive(out.grad * (self.data > 0))
        return out

    def leaky_relu(self, slope=0.01):
        slopes = np.where(self.data > 0, 1, slope).astype(self.data.dtype)
        out = Tensor(self.data * slopes, (self,))
        out.push = lambda: self.receive(out.grad * slopes)
        return out

    def tanh(self):
        out = Tensor(np.tanh(self.data), (self,))
        out.push = lambda: self.receive(out.grad * (1 - out.data**2))
        return out

    def sigmoid(self):
        e = np.exp(-np.abs(self.data))
        out = Tensor(np.where(self.data >= 0, 1, e) / (1 + e), (self,))
        out.push = lambda: self.receive(out.grad * out.data * (1 - out.data))
        return out

    def softmax(self, axis=-1):
        e = (self - self.data.max(axis=axis, keepdims=True)).exp()
        return e / e.sum(axis=axis, keepdims=True)


def lift(value, like):
    """Return a tensor; a number becomes one of the dtype of the other operand."""
    return value if isinstance(value, Tensor) else Tensor(np.asarray(value, dtype=like.data.dtype))


def linear(x, w, b):
    """Return x w + b for rows of any number of axes; w is (in, out)."""
    return x @ w + b


def mse(p, t):
    difference = p - t
    return (difference * difference).mean()


def cross_entropy(scores, classes):
    """Return the mean loss of scores (N, C) and class indices (N,)."""
    shifted = scores - scores.data.max(axis=1, keepdims=True)
    log_sums = shifted.exp().sum(axis=1).log()
    chosen = np.eye(scores.data.shape[1], dtype=scores.data.dtype)[classes]
    return (log_sums - (shifted * chosen).sum(axis=1)).sum() / len(classes)
