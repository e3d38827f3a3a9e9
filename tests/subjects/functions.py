"""Functions as a stranger has them: of every convention that a pair may have, right and with one thing wrong."""

import numpy as np
import torch

from parity.subjects.adapters import NUMPY, TRANSPOSED, Convention, Library, Modules, of_function, of_pair


class Mish(torch.autograd.Function):
    slip = 1.0

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.tanh(torch.nn.functional.softplus(x))

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        t = torch.tanh(torch.nn.functional.softplus(x))
        return dy * (t + Mish.slip * x * torch.sigmoid(x) * (1 - t * t))


class Affine(torch.autograd.Function):
    """Without a context in forward; its bias may be left out, and its weight has another name than torch's."""

    @staticmethod
    def forward(x, w, bias=None):
        return x @ w.T if bias is None else x @ w.T + bias

    @staticmethod
    def setup_context(ctx, inputs, _output):
        ctx.save_for_backward(*inputs[:2])
        ctx.biased = inputs[2:] not in ((), (None,))

    @staticmethod
    def backward(ctx, dy):
        x, w = ctx.saved_tensors
        rows, drows = x.reshape(-1, w.shape[1]), dy.reshape(-1, w.shape[0])
        return dy @ w, drows.T @ rows, drows.sum(0) if ctx.biased else None


class Masked(torch.autograd.Function):
    """It drops nothing in evaluation, and is told the mode."""

    @staticmethod
    def forward(ctx, x, p, training):
        ctx.factor = (torch.rand_like(x) >= p).to(x.dtype) / (1 - p or 1) if training and p else torch.ones_like(x)
        return x * ctx.factor

    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.factor, None, None


class Softmax(torch.autograd.Function):
    """Over the last axis alone."""

    @staticmethod
    def forward(ctx, x, dim):
        del dim
        y = (x - x.amax(-1, keepdim=True)).exp()
        ctx.y = y / y.sum(-1, keepdim=True)
        return ctx.y.clone()

    @staticmethod
    def backward(ctx, dy):
        return ctx.y * (dy - (dy * ctx.y).sum(-1, keepdim=True)), None


def applied():
    """Return the table of the functions of torch."""
    return {
        "Mish": Mish,
        "Linear": of_function(Affine.apply, weight="w"),
        "Dropout": of_function(Masked),
        "Softmax": Softmax,
    }


def affine(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dy, cache, slip=1.0):
    x, w = cache
    rows, drows = x.reshape(-1, len(w)), dy.reshape(-1, w.shape[1])
    return dy @ w.T, slip * (rows.T @ drows), drows.sum(0)


def leaky(x, *, slope=0.2):  # another default than torch's
    return np.where(x > 0, x, slope * x)


def leaky_backward(dy, x, *, slope):
    return np.where(x > 0, dy, slope * dy)


def looked_up(numbers, weight):
    return weight[numbers]


def looked_up_backward(dy, numbers, weight):
    dweight = np.zeros_like(weight)
    np.add.at(dweight, numbers, dy)
    return None, dweight  # integers have no gradient


def sigmoid(ctx, x):
    ctx.save_for_backward(1 / (1 + np.exp(-x)))
    return ctx.saved_tensors[0]


def sigmoid_backward(ctx, dy):
    (y,) = ctx.saved_tensors
    return dy * y * (1 - y)


def mse(p, t):
    return float(((p - t) ** 2).mean())


def mse_backward(dy, p, t):
    return dy * 2 * (p - t) / p.size, None


def bilinear(a, b, weight):
    return np.einsum("...i,oij,...j->...o", a, weight, b)


def bilinear_backward(dy, a, b, weight):
    da = np.einsum("...o,oij,...j->...i", dy, weight, b)
    db = np.einsum("...o,oij,...i->...j", dy, weight, a)
    rows = [value.reshape(-1, value.shape[-1]) for value in (dy, a, b)]
    return da, db, np.einsum("no,ni,nj->oij", *rows)


def pairs(slip=1.0):
    """Return the table of the pairs of NumPy's functions; in one of them a gradient is off by a factor."""
    return {
        "Linear": of_pair(affine, lambda dy, cache: affine_backward(dy, cache, slip), weight="w", bias="b"),
        "LeakyReLU": of_pair(leaky, leaky_backward, negative_slope="slope"),
        "Embedding": of_pair(looked_up, looked_up_backward),
        "Sigmoid": of_pair(sigmoid, sigmoid_backward),
        "MSELoss": of_pair(mse, mse_backward),
        "Bilinear": of_pair(bilinear, bilinear_backward),
        "Tanh": of_pair(np.tanh, lambda dy, y: dy * (1 - y * y)),
        "ReLU": of_pair(lambda x: np.maximum(x, 0), lambda dy, *inputs: dy * (inputs[0] > 0)),
    }


def library(slip=1.0):
    """Return the pairs as a subject."""
    convention = Convention(arrays=NUMPY.only("float64", "float32"), layouts={"Linear.weight": TRANSPOSED})
    return Library("pairs", pairs(slip), convention)


subject = Modules("applied", applied(), only={"Softmax": {"dim": (-1,)}})


def walk(x, h0, w, u, b, c):
    """An RNN of one layer whose outputs are a pair, beside what it leaves to backward."""
    found, h = [], h0[0]
    for x_t in x:
        h = np.tanh(x_t @ w.T + b + h @ u.T + c)
        found.append(h)
    return (np.stack(found), h[None]), (x, h0, w, u, found)


def walked_back(dy, dh_n, kept):
    x, h0, w, u, found = kept
    dx, dw, du, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(u), np.zeros(len(u))
    dh = np.zeros_like(h0[0]) if dh_n is None else dh_n[0]
    for t in reversed(range(len(x))):
        da = (dh + (0 if dy is None else dy[t])) * (1 - found[t] ** 2)
        dx[t], dh = da @ w, da @ u
        dw, du, db = dw + da.T @ x[t], du + da.T @ (found[t - 1] if t else h0[0]), db + da.sum(0)
    return dx, dh[None], dw, du, db, db
