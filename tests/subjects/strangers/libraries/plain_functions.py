"""A network in plain functions: forward returns (out, cache), backward takes (dout, cache) and returns a tuple.

No classes. Weights are (in, out), biases (1, out); a gradient is the int 0 until something is added to it. Its lacks:
rows of (N, D) alone, square kernels, one stride and padding for both sides, no dilation, one-hot targets.
"""

import numpy as np


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0, keepdims=True)


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    x = cache
    return (np.where(x > 0, dout, 0),)


def tanh_forward(x):
    y = np.tanh(x)
    return y, y


def tanh_backward(dout, cache):
    y = cache
    return (dout * (1 - y * y),)


def sigmoid_forward(x):
    e = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1 / (1 + e), e / (1 + e))
    return y, y


def sigmoid_backward(dout, cache):
    y = cache
    dx = dout * y
    dx *= 1 - y
    return (dx,)


def softmax_forward(x):
    """Return the softmax of every row."""
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    y = e / np.sum(e, axis=1, keepdims=True)
    return y, y


def softmax_backward(dout, cache):
    y = cache
    return (y * (dout - np.sum(dout * y, axis=1, keepdims=True)),)


def correlate(x, w, stride):
    """Return the correlation of images (N, C, H, W) with kernels (O, C, k, k), without padding."""
    k = w.shape[2]
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,ocij->nohw", windows, w, optimize=True)


def conv_forward(x, w, b, stride=1, pad=0, groups=1):
    """Return the convolution of images (N, C, H, W) with kernels (O, C / groups, k, k), and the cache."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    parts = zip(np.split(padded, groups, axis=1), np.split(w, groups), strict=True)
    out = np.concatenate([correlate(x_part, w_part, stride) for x_part, w_part in parts], axis=1)
    return out + b.reshape(1, -1, 1, 1), (padded, w, stride, pad, groups)


def spread(dout, stride, extra):
    """Return dout with stride - 1 zeros between its pixels, and `extra` rows and columns of zeros at its end."""
    n, o, p, q = dout.shape
    out = np.zeros((n, o, (p - 1) * stride + 1 + extra[0], (q - 1) * stride + 1 + extra[1]), dtype=dout.dtype)
    out[:, :, : (p - 1) * stride + 1 : stride, : (q - 1) * stride + 1 : stride] = dout
    return out


def conv_backward(dout, cache):
    padded, w, stride, pad, groups = cache
    k, (h, width) = w.shape[2], padded.shape[2:]
    extra = (h - k) % stride, (width - k) % stride  # what the stride leaves over
    whole = spread(dout, stride, extra)
    dxs, dws = [], []
    parts = zip(np.split(padded, groups, 1), np.split(whole, groups, 1), np.split(w, groups), strict=True)
    for x_part, dout_part, w_part in parts:
        wide = np.pad(dout_part, ((0, 0), (0, 0), (k - 1, k - 1), (k - 1, k - 1)))
        turned = w_part[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        dxs.append(correlate(wide, turned, 1))
        dws.append(kernel_gradient(x_part, dout_part, k))
    dx = np.concatenate(dxs, axis=1)
    dx = dx[:, :, pad : h - pad, pad : width - pad]
    return dx, np.concatenate(dws), dout.sum(axis=(0, 2, 3)).reshape(1, -1)


def kernel_gradient(x, dout, k):
    """Return the gradient of kernels (O, C, k, k): every pixel of dout times the window that it came from."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
    return np.einsum("nchwij,nohw->ocij", windows, dout, optimize=True)


def softmax_cross_entropy(scores, onehot):
    """Return the mean loss of scores (N, C) and one-hot targets (N, C), and its gradient."""
    n = scores.shape[0]
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_probs = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    loss = -np.sum(onehot * log_probs) / n
    dscores = (np.exp(log_probs) - onehot) / n
    return loss, dscores


def mean_squared_error(p, t):
    difference = p - t
    return np.mean(difference * difference), 2 * difference / difference.size


def no_grads(params):
    return dict.fromkeys(params, 0)


def add_grads(grads, new):
    for name in new:
        grads[name] = grads[name] + new[name]
