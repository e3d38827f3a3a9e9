"""Modules on torch tensors without autograd: float32, param() gives [[value, gradient], ...], a network's is nested.

Its lacks: square kernels alone, no groups, a bias always; the first layer of a network gives no gradient of its input.
"""

from itertools import product
from math import sqrt

import torch


class Module:
    def param(self):
        return []

    def zero_grad(self):
        for _, grad in self.param():
            grad.zero_()


class Linear(Module):
    def __init__(self, inputs, outputs):
        self.w = torch.empty(outputs, inputs).uniform_(-1 / sqrt(inputs), 1 / sqrt(inputs))
        self.b = torch.zeros(outputs)
        self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)
        self.x = None

    def forward(self, x):
        self.x = x
        return x.matmul(self.w.t()) + self.b

    def backward(self, dy):
        rows, dy_rows = self.x.reshape(-1, self.w.shape[1]), dy.reshape(-1, self.w.shape[0])
        self.dw += dy_rows.t().mm(rows)
        self.db += dy_rows.sum(0)
        return dy.matmul(self.w)

    def param(self):
        return [[self.w, self.dw], [self.b, self.db]]


class ReLU(Module):
    def forward(self, x):
        self.x = x
        return x.clamp(min=0)

    def backward(self, dy):
        return dy * (self.x > 0)


class LeakyReLU(Module):
    def __init__(self, slope=0.01):
        self.slope = slope

    def forward(self, x):
        self.x = x
        return torch.where(x > 0, x, self.slope * x)

    def backward(self, dy):
        return torch.where(self.x > 0, dy, self.slope * dy)


class Tanh(Module):
    def forward(self, x):
        self.y = x.tanh()
        return self.y

    def backward(self, dy):
        return dy * (1 - self.y.pow(2))


class Sigmoid(Module):
    def forward(self, x):
        self.y = x.sigmoid()
        return self.y

    def backward(self, dy):
        return dy * self.y * (1 - self.y)


class Conv2d(Module):
    def __init__(self, inputs, outputs, k, stride=1, padding=0, dilation=1):
        self.k, self.stride, self.padding, self.dilation = k, stride, padding, dilation
        self.w = torch.empty(outputs, inputs, k, k).uniform_(-1 / k, 1 / k)
        self.b = torch.zeros(outputs)
        self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)

    def taps(self, image, rows, columns):
        """Yield every place of the kernel, and the pixels of the image that it meets."""
        s, d = self.stride, self.dilation
        for i, j in product(range(self.k), range(self.k)):
            yield i, j, image[:, :, i * d :: s, j * d :: s][:, :, :rows, :columns]

    def forward(self, x):
        n, c, h, w = x.shape
        p, reach = self.padding, self.dilation * (self.k - 1) + 1
        self.x = torch.zeros(n, c, h + 2 * p, w + 2 * p)
        self.x[:, :, p : p + h, p : p + w] = x
        rows, columns = ((side + 2 * p - reach) // self.stride + 1 for side in (h, w))
        y = torch.zeros(n, len(self.b), rows, columns) + self.b[:, None, None]
        for i, j, pixels in self.taps(self.x, rows, columns):
            y += torch.einsum("oc,nchw->nohw", self.w[:, :, i, j], pixels)
        return y

    def backward(self, dy):
        p, dx = self.padding, torch.zeros_like(self.x)
        for i, j, pixels in self.taps(self.x, *dy.shape[2:]):
            self.dw[:, :, i, j] += torch.einsum("nohw,nchw->oc", dy, pixels)
        for i, j, pixels in self.taps(dx, *dy.shape[2:]):
            pixels += torch.einsum("oc,nohw->nchw", self.w[:, :, i, j], dy)
        self.db += dy.sum((0, 2, 3))
        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]

    def param(self):
        return [[self.w, self.dw], [self.b, self.db]]


class ConvTranspose2d(Module):
    def __init__(self, inputs, outputs, k, stride=1, padding=0, output_padding=0):
        self.k, self.stride, self.padding, self.output_padding = k, stride, padding, output_padding
        self.w = torch.empty(inputs, outputs, k, k).uniform_(-1 / k, 1 / k)
        self.b = torch.zeros(outputs)
        self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)

    def taps(self, canvas, rows, columns):
        for i, j in product(range(self.k), range(self.k)):
            yield i, j, canvas[:, :, i :: self.stride, j :: self.stride][:, :, :rows, :columns]

    def forward(self, x):
        self.x, p = x, self.padding
        height, width = ((side - 1) * self.stride + self.k + self.output_padding for side in x.shape[2:])
        canvas = torch.zeros(len(x), len(self.b), height, width)
        for i, j, pixels in self.taps(canvas, *x.shape[2:]):
            pixels += torch.einsum("co,nchw->nohw", self.w[:, :, i, j], x)
        return canvas[:, :, p : height - p, p : width - p] + self.b[:, None, None]

    def backward(self, dy):
        p, (n, o, h, w) = self.padding, dy.shape
        canvas, dx = torch.zeros(n, o, h + 2 * p, w + 2 * p), torch.zeros_like(self.x)
        canvas[:, :, p : p + h, p : p + w] = dy
        for i, j, pixels in self.taps(canvas, *self.x.shape[2:]):
            self.dw[:, :, i, j] += torch.einsum("nchw,nohw->co", self.x, pixels)
            dx += torch.einsum("co,nohw->nchw", self.w[:, :, i, j], pixels)
        self.db += dy.sum((0, 2, 3))
        return dx

    def param(self):
        return [[self.w, self.dw], [self.b, self.db]]


class NearestUpsampling(Module):
    def __init__(self, scale):
        self.scale = scale

    def forward(self, x):
        return x.repeat_interleave(self.scale, 2).repeat_interleave(self.scale, 3)

    def backward(self, dy):
        n, c, h, w = dy.shape
        s = self.scale
        return dy.reshape(n, c, h // s, s, w // s, s).sum((3, 5))


class Sequential(Module):
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        """Give every layer its gradient; the images themselves need none, so that the first layer's is dropped."""
        for layer in reversed(self.layers):
            dy = layer.backward(dy)

    def param(self):
        return [layer.param() for layer in self.layers]

    def zero_grad(self):
        for layer in self.layers:
            layer.zero_grad()


class LossMSE:
    def forward(self, p, t):
        self.p, self.t = p, t
        return (p - t).pow(2).mean()

    def backward(self):
        return 2 * (self.p - self.t) / self.p.numel()


class LossBCE:
    """Logarithms are cut at -100, as torch.nn does."""

    def forward(self, p, t):
        self.p, self.t = p, t
        logs = t * p.log().clamp(min=-100) + (1 - t) * (1 - p).log().clamp(min=-100)
        return -logs.mean()

    def backward(self):
        p, t = self.p, self.t
        return (p - t) / (p * (1 - p)).clamp(min=1e-12) / p.numel()
