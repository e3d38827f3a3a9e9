"""A small library for neural networks in plain NumPy, its backward passes written by hand.

    net = Sequential([Conv2d(1, 4, 3), BatchNorm2d(4), ReLU(), MaxPool2d(2), Flatten(), Linear(36, 2)])
    loss, adam = CrossEntropyLoss(), Adam(net.param(), lr=0.01)
    loss.forward(net.forward(x), t)
    net.backward(loss.backward())
    adam.step()
    net.zero_grad()

A layer keeps what its backward needs. `param()` gives (value, gradient) pairs; gradients add up until `zero_grad()`.
Images are (N, C, H, W), sequences (L, N, D). Layers with parameters take float64 or, by `dtype`, float32.

    python examples/numpy_library.py        # trains two small networks, in a few seconds
"""

import numpy as np


def extents(name, *values, least=1):
    """Return values that must be whole numbers, none below the least."""
    if not all(isinstance(value, int) and value >= least for value in values):
        raise ValueError(f"{name} must be whole numbers from {least}, were {values}")
    return values


def pair(name, value, least=1):
    """Return what holds for height and width: a number for both, or one for each."""
    both = value if isinstance(value, tuple) else (value, value)
    if len(both) != 2:
        raise ValueError(f"{name} must be a number or a pair, was {value}")
    return extents(name, *both, least=least)


class Layer:
    training = True
    kept = None  # what the last forward keeps for backward
    axes = None  # the numbers of axes that x may have

    def param(self):
        return []

    def zero_grad(self):
        for _, grad in self.param():
            grad[...] = 0

    def train(self, mode=True):
        self.training = mode

    def eval(self):
        self.train(False)

    def keep(self, y, *kept):
        """Keep what backward needs, and return y."""
        self.kept, self.shape = kept, y.shape
        return y

    def check(self, x):
        """Raise an error unless x is an array of floats, of the parameters' dtype, and has the right number of axes."""
        name = type(self).__name__
        dtypes = [value.dtype for value, _ in self.param()[:1]] or [np.float32, np.float64]
        if not isinstance(x, np.ndarray) or x.dtype not in dtypes:
            raise TypeError(f"{name}: x must be an array of {' or '.join(np.dtype(one).name for one in dtypes)}")
        if self.axes and x.ndim not in self.axes:
            raise ValueError(f"{name}: x must have {' or '.join(map(str, self.axes))} axes, has shape {x.shape}")

    def check_back(self, dy):
        """Raise an error if there was no forward, or if dy has not the shape of its y."""
        if self.kept is None:
            raise RuntimeError(f"{type(self).__name__}: backward must follow a forward")
        if dy.shape != self.shape:
            raise ValueError(f"{type(self).__name__}: dy must have shape {self.shape}, has {dy.shape}")


class Linear(Layer):
    """y = x W + b, of x (..., inputs) and W (inputs, outputs)."""

    def __init__(self, inputs, outputs, dtype=np.float64):
        extents("inputs and outputs", inputs, outputs)
        bound = 1 / np.sqrt(inputs)
        self.W = np.random.uniform(-bound, bound, (inputs, outputs)).astype(dtype)
        self.b = np.zeros(outputs, dtype)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def param(self):
        return [(self.W, self.dW), (self.b, self.db)]

    def forward(self, x):
        self.check(x)
        return self.keep(x @ self.W + self.b, x)

    def backward(self, dy):
        self.check_back(dy)
        (x,) = self.kept
        rows = dy.reshape(-1, len(self.b))
        self.dW += x.reshape(-1, len(self.W)).T @ rows
        self.db += rows.sum(0)
        return dy @ self.W.T


class ReLU(Layer):
    def forward(self, x):
        self.check(x)
        return self.keep(np.maximum(x, 0), x)

    def backward(self, dy):
        self.check_back(dy)
        (x,) = self.kept
        return np.where(x > 0, dy, 0)


def sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)


class Sigmoid(Layer):
    def forward(self, x):
        self.check(x)
        return self.keep(sigmoid(x), x)

    def backward(self, dy):
        self.check_back(dy)
        small = np.exp(-np.abs(self.kept[0]))
        return dy * small / (1 + small) ** 2


class Tanh(Layer):
    def forward(self, x):
        self.check(x)
        y = np.tanh(x)
        return self.keep(y, y)

    def backward(self, dy):
        self.check_back(dy)
        (y,) = self.kept
        return dy * (1 - y) * (1 + y)


class LogSoftmax(Layer):
    def __init__(self, dim=-1):
        if not isinstance(dim, int):
            raise TypeError(f"dim must be a whole number, was {dim!r}")
        self.dim = dim

    def forward(self, x):
        self.check(x)
        shifted = x - x.max(self.dim, keepdims=True)
        y = shifted - np.log(np.exp(shifted).sum(self.dim, keepdims=True))
        return self.keep(y, y)

    def backward(self, dy):
        self.check_back(dy)
        (y,) = self.kept
        return dy - np.exp(y) * dy.sum(self.dim, keepdims=True)


class Softmax(LogSoftmax):
    def forward(self, x):
        self.check(x)
        powers = np.exp(x - x.max(self.dim, keepdims=True))
        y = powers / powers.sum(self.dim, keepdims=True)
        return self.keep(y, y)

    def backward(self, dy):
        self.check_back(dy)
        (y,) = self.kept
        return y * (dy - (y * dy).sum(self.dim, keepdims=True))


class Flatten(Layer):
    def forward(self, x):
        self.check(x)
        return self.keep(x.reshape(len(x), int(np.prod(x.shape[1:]))), x.shape)

    def backward(self, dy):
        self.check_back(dy)
        (shape,) = self.kept
        return dy.reshape(shape)


class Windows(Layer):
    """What convolution and pooling share: the windows of a padded image."""

    axes = (4,)

    def __init__(self, kernel_size, stride, padding):
        self.kernel, self.stride = pair("kernel_size", kernel_size), pair("stride", stride)
        self.padding = pair("padding", padding, least=0)

    def windows(self, x, filling=0):
        """Return the windows (N, C, rows, columns, kernel rows, kernel columns) and the shape of the padded image."""
        (p, q), (s, t) = self.padding, self.stride
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)), constant_values=filling)
        if any(extent < kernel for extent, kernel in zip(padded.shape[2:], self.kernel, strict=True)):
            raise ValueError(f"x must be no smaller than the kernel {self.kernel}, has shape {x.shape}")
        return np.lib.stride_tricks.sliding_window_view(padded, self.kernel, (2, 3))[:, :, ::s, ::t], padded.shape

    def image(self, dwindows, shape):
        """Return the gradient of x: each element's is the sum over the windows that hold it."""
        (p, q), (s, t) = self.padding, self.stride
        rows, columns = dwindows.shape[2:4]
        dpadded = np.zeros(shape, dwindows.dtype)
        for i, j in np.ndindex(self.kernel):
            dpadded[:, :, i : i + s * rows : s, j : j + t * columns : t] += dwindows[..., i, j]
        return dpadded[:, :, p : shape[2] - p, q : shape[3] - q]


class Conv2d(Windows):
    """A matrix product of kernels and windows (im2col); W is (outputs, inputs, rows, columns)."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dtype=np.float64):
        super().__init__(kernel_size, stride, padding)
        shape = (*extents("out_channels and in_channels", out_channels, in_channels), *self.kernel)
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        self.W = np.random.uniform(-bound, bound, shape).astype(dtype)
        self.b = np.zeros(out_channels, dtype)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def param(self):
        return [(self.W, self.dW), (self.b, self.db)]

    def forward(self, x):
        self.check(x)
        if x.shape[1] != self.W.shape[1]:
            raise ValueError(f"Conv2d: x must have {self.W.shape[1]} channels, has shape {x.shape}")
        windows, padded = self.windows(x)
        n, _, rows, columns = windows.shape[:4]
        kernels = self.W.reshape(len(self.W), -1)
        matrix = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * rows * columns, kernels.shape[1])
        y = matrix @ kernels.T + self.b
        return self.keep(y.reshape(n, rows, columns, len(kernels)).transpose(0, 3, 1, 2), matrix, padded)

    def backward(self, dy):
        self.check_back(dy)
        matrix, padded = self.kept
        n, outputs, rows, columns = dy.shape
        of_rows = dy.transpose(0, 2, 3, 1).reshape(-1, outputs)
        self.dW += (of_rows.T @ matrix).reshape(self.W.shape)
        self.db += of_rows.sum(0)
        dwindows = (of_rows @ self.W.reshape(outputs, -1)).reshape(n, rows, columns, *self.W.shape[1:])
        return self.image(dwindows.transpose(0, 3, 1, 2, 4, 5), padded)


class MaxPool2d(Windows):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__(kernel_size, kernel_size if stride is None else stride, padding)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel, strict=True)):
            raise ValueError(f"padding must be at most half of the kernel {self.kernel}, was {self.padding}")

    def forward(self, x):
        self.check(x)
        windows, padded = self.windows(x, -np.inf)
        flat = windows.reshape(*windows.shape[:4], self.kernel[0] * self.kernel[1])
        largest = flat.argmax(-1)[..., None]
        return self.keep(np.take_along_axis(flat, largest, -1)[..., 0], largest, padded)

    def backward(self, dy):
        self.check_back(dy)
        largest, padded = self.kept
        dflat = np.zeros((*dy.shape, self.kernel[0] * self.kernel[1]), dy.dtype)
        np.put_along_axis(dflat, largest, dy[..., None], -1)
        return self.image(dflat.reshape(*dy.shape, *self.kernel), padded)


class BatchNorm(Layer):
    """y = (x - mean) / sqrt(var + eps) * gamma + beta, of the batch in training, of what ran in evaluation."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, dtype=np.float64):
        extents("num_features", num_features)
        if not all(isinstance(number, float) and 0 <= number <= 1 for number in (eps, momentum)):
            raise ValueError(f"eps and momentum must be numbers from 0 to 1, were {eps} and {momentum}")
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = np.ones(num_features, dtype), np.zeros(num_features, dtype)
        self.dgamma, self.dbeta = np.zeros_like(self.gamma), np.zeros_like(self.beta)
        self.running_mean, self.running_var = np.zeros_like(self.beta), np.ones_like(self.gamma)

    def param(self):
        return [(self.gamma, self.dgamma), (self.beta, self.dbeta)]

    def statistics(self, x):
        """Return mean and variance; in training those of the batch, which the running ones then follow."""
        if not self.training or not len(x):
            return self.running_mean, self.running_var
        over, count = (0, *range(2, x.ndim)), x.size // x.shape[1]
        if count < 2:
            raise ValueError(f"BatchNorm: a channel must have more than one value in training, x has shape {x.shape}")
        mean, var = x.mean(over), x.var(over)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * count / (count - 1)
        return mean, var

    def forward(self, x):
        self.check(x)
        if x.shape[1] != len(self.gamma):
            raise ValueError(f"BatchNorm: x must have {len(self.gamma)} channels, has shape {x.shape}")
        aside = (-1, *[1] * (x.ndim - 2))  # a channel's number, beside (N, C, ...)
        mean, var = self.statistics(x)
        inverse = (1 / np.sqrt(var + self.eps)).reshape(aside)
        normal = (x - mean.reshape(aside)) * inverse
        y = normal * self.gamma.reshape(aside) + self.beta.reshape(aside)
        return self.keep(y, normal, inverse, self.training and len(x) > 0)

    def backward(self, dy):
        self.check_back(dy)
        normal, inverse, training = self.kept
        over = (0, *range(2, dy.ndim))
        self.dgamma += (dy * normal).sum(over)
        self.dbeta += dy.sum(over)
        dnormal = dy * self.gamma.reshape(inverse.shape)
        if training:
            along = normal * (dnormal * normal).mean(over, keepdims=True)
            dnormal = dnormal - dnormal.mean(over, keepdims=True) - along
        return dnormal * inverse


class BatchNorm1d(BatchNorm):
    axes = (2, 3)


class BatchNorm2d(BatchNorm):
    axes = (4,)


class LSTM(Layer):
    """One layer along sequences (L, N, inputs); gates in the order input, forget, cell, output.

    forward(x, h, c) returns the outputs (L, N, units) and the last states h and c (N, units); the first are zeros if
    they are not given. backward(dy, dh, dc) returns dx and the gradients of the first states.
    """

    axes = (3,)

    def __init__(self, inputs, units, dtype=np.float64):
        extents("inputs and units", inputs, units)
        bound = 1 / np.sqrt(units)
        self.W, self.U = (np.random.uniform(-bound, bound, (4 * units, n)).astype(dtype) for n in (inputs, units))
        self.b, self.d = np.zeros(4 * units, dtype), np.zeros(4 * units, dtype)
        self.dW, self.dU, self.db, self.dd = (np.zeros_like(value) for value in (self.W, self.U, self.b, self.d))

    def param(self):
        return [(self.W, self.dW), (self.U, self.dU), (self.b, self.db), (self.d, self.dd)]

    def state(self, x, given):
        shape = (x.shape[1], self.U.shape[1])
        if given is not None and (given.shape != shape or given.dtype != x.dtype):
            raise ValueError(f"LSTM: a state must be of {x.dtype} and of shape {shape}, is of {given.shape}")
        return np.zeros(shape, x.dtype) if given is None else given

    def forward(self, x, h=None, c=None):
        self.check(x)
        if x.shape[2] != self.W.shape[1] or not len(x):
            raise ValueError(f"LSTM: x must be of {self.W.shape[1]} features and not empty, has shape {x.shape}")
        h, c = self.state(x, h), self.state(x, c)
        steps, y = [], np.empty((*x.shape[:2], self.U.shape[1]), x.dtype)
        for t, driven in enumerate(x @ self.W.T + self.b):
            i, f, g, o = np.split(driven + h @ self.U.T + self.d, 4, -1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            before, c = (h, c), f * c + i * g
            h = o * np.tanh(c)
            steps.append((before, (i, f, g, o), np.tanh(c)))
            y[t] = h
        return self.keep(y, x, steps), h, c

    def backward(self, dy, dh=None, dc=None):
        self.check_back(dy)
        x, steps = self.kept
        dx = np.empty_like(x)
        dh, dc = (np.zeros(dy.shape[1:], dy.dtype) if given is None else given for given in (dh, dc))
        for t in reversed(range(len(x))):
            (h, c), (i, f, g, o), shown = steps[t]
            dh = dh + dy[t]
            dc = dc + dh * o * (1 - shown) * (1 + shown)
            gates = dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g) * (1 + g), dh * shown * o * (1 - o)
            ds = np.concatenate(gates, -1)
            self.dW += ds.T @ x[t]
            self.dU += ds.T @ h
            self.db += ds.sum(0)
            self.dd += ds.sum(0)
            dx[t], dh, dc = ds @ self.W, ds @ self.U, dc * f
        return dx, dh, dc


class Sequential(Layer):
    def __init__(self, layers):
        self.layers = layers

    def param(self):
        return [pair for layer in self.layers for pair in layer.param()]

    def train(self, mode=True):
        super().train(mode)
        for layer in self.layers:
            layer.train(mode)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy


class MSELoss:
    """The mean of (p - t) squared."""

    difference = None

    def forward(self, p, t):
        if not isinstance(p, np.ndarray) or p.dtype.kind != "f" or (p.shape, p.dtype) != (t.shape, t.dtype):
            raise ValueError("MSELoss: p and t must be arrays of floats, of one shape and dtype")
        self.difference = p - t
        return (self.difference * self.difference).mean()

    def backward(self):
        if self.difference is None:
            raise RuntimeError("MSELoss: backward must follow a forward")
        return 2 * self.difference / self.difference.size


class CrossEntropyLoss:
    """The mean of -log softmax(p) at the classes t, of logits p (N, C) and t (N,)."""

    log_q = None

    def forward(self, p, t):
        if not isinstance(p, np.ndarray) or p.dtype.kind != "f" or p.ndim != 2 or t.shape != p.shape[:1]:
            raise ValueError("CrossEntropyLoss: p must be an array of floats (N, C), and t one of classes (N,)")
        if len(t) and not 0 <= t.min() <= t.max() < p.shape[1]:
            raise ValueError(f"CrossEntropyLoss: classes must be from 0 to {p.shape[1] - 1}")
        self.log_q, self.t = LogSoftmax(1).forward(p), t
        return -self.log_q[np.arange(len(t)), t].mean()

    def backward(self):
        if self.log_q is None:
            raise RuntimeError("CrossEntropyLoss: backward must follow a forward")
        dp = np.exp(self.log_q)
        dp[np.arange(len(self.t)), self.t] -= 1
        return dp / len(self.t)


class SGD:
    def __init__(self, pairs, lr=0.01, momentum=0.0):
        self.pairs, self.lr, self.momentum = list(pairs), lr, momentum
        self.velocity = [np.zeros_like(value) for value, _ in self.pairs]

    def step(self):
        for (value, grad), velocity in zip(self.pairs, self.velocity, strict=True):
            velocity *= self.momentum
            velocity += grad
            value -= self.lr * velocity


class Adam:
    def __init__(self, pairs, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        self.pairs, self.lr, self.betas, self.eps, self.t = list(pairs), lr, betas, eps, 0
        self.m = [np.zeros_like(value) for value, _ in self.pairs]
        self.v = [np.zeros_like(value) for value, _ in self.pairs]

    def step(self):
        self.t += 1
        one, two = self.betas
        for (value, grad), m, v in zip(self.pairs, self.m, self.v, strict=True):
            m += (1 - one) * (grad - m)
            v += (1 - two) * (grad * grad - v)
            m_hat, v_hat = m / (1 - one**self.t), v / (1 - two**self.t)
            value -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def images(count):
    """Return noisy images of 8 x 8 with one stripe, and whether it stands."""
    x, t = 0.5 * np.random.randn(count, 1, 8, 8), np.random.randint(0, 2, count)
    for image, stands, at in zip(x, t, np.random.randint(0, 8, count), strict=True):
        image[0, ..., at] += 2 * stands
        image[0, at] += 2 * (1 - stands)
    return x, t


def train_images(steps=60):
    """Return how many of 200 new images are told right, after training on others."""
    net = Sequential([Conv2d(1, 4, 3), BatchNorm2d(4), ReLU(), MaxPool2d(2), Flatten(), Linear(36, 2)])
    loss, adam = CrossEntropyLoss(), Adam(net.param(), lr=0.01)
    for _ in range(steps):
        x, t = images(32)
        loss.forward(net.forward(x), t)
        net.backward(loss.backward())
        adam.step()
        net.zero_grad()
    net.eval()
    x, t = images(200)
    return int((net.forward(x).argmax(1) == t).sum())


def train_sequences(steps=200):
    """Return the first and the last loss of an LSTM that learns to add up the numbers of a sequence."""
    lstm, last, loss = LSTM(1, 12), Linear(12, 1), MSELoss()
    adam, losses = Adam(lstm.param() + last.param(), lr=0.02), []
    for _ in range(steps):
        x = np.random.uniform(-0.5, 0.5, (6, 32, 1))
        y, h, _ = lstm.forward(x)
        losses.append(loss.forward(last.forward(h), x.sum(0)))
        lstm.backward(np.zeros_like(y), last.backward(loss.backward()))
        adam.step()
        lstm.zero_grad()
        last.zero_grad()
    return losses[0], losses[-1]


if __name__ == "__main__":
    np.random.seed(0)
    print(f"images: {train_images()} of 200 new ones are right")
    print("sequences: the loss went from {:.3f} to {:.4f}".format(*train_sequences()))
