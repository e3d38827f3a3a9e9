"""A subject of one module, made of a forward and a backward function; and honest ones to pair with a cheat."""

from collections.abc import Callable

import torch

from parity.catalogue import pages
from parity.verdict.cell import Cell


class Pair:
    """A subject of one module, made of forward(*inputs, **parameters) and backward(dy, output, *inputs, ...)."""

    explains = False
    name = "cheat"

    def __init__(self, forward: Callable, backward: Callable, **declared: bool) -> None:
        self._forward, self._backward = forward, backward
        vars(self).update(declared)

    def build(self, module, options, parameters, device, dtype):  # noqa: ARG002 - the contract's signature
        return BuiltPair(self._forward, self._backward, parameters)


class BuiltPair:
    def __init__(self, forward, backward, parameters):
        self._forward, self._backward = forward, backward
        self.parameters = {name: value.clone() for name, value in parameters.items()}
        self.grads = {name: torch.zeros_like(value) for name, value in parameters.items()}

    def forward(self, *inputs):
        self.inputs, self.output = inputs, self._forward(*inputs, **self.parameters)
        return self.output

    def backward(self, dy):
        dx, *gradients = self._backward(dy, self.output, *self.inputs, **self.parameters)
        for grad, found in zip(self.grads.values(), gradients, strict=True):
            grad.add_(found)
        return dx

    def gradients(self):
        return self.grads

    def zero_grad(self):
        for grad in self.grads.values():
            grad.zero_()


def cell(module: str, case: int = 0) -> Cell:
    return Cell(pages()[module], pages()[module].cases[case])


def softmax(x):
    y = (x - x.amax(1, keepdim=True)).exp()
    return y / y.sum(1, keepdim=True)


def dsoftmax(dy, y, _x):
    return ((dy - (dy * y).sum(1, keepdim=True)) * y,)


def relu(x):
    return x.clamp_min(0)


def drelu(dy, _y, x):
    return (torch.where(x > 0, dy, 0.0),)


def linear(x, weight, bias):
    return x @ weight.t() + bias


def dlinear(dy, _y, x, weight, bias):  # noqa: ARG001 - a gradient for each is asked for, and bias has its own
    return dy @ weight, dy.t() @ x, dy.sum(0)
