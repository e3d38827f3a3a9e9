"""A subject each of whose modules does to its process what it should not; Tanh is well-behaved."""

import os
import sys
import time

import torch

from parity.subjects.torch_nn import TorchSubject


class Hostile:
    """A module of torch.nn that misbehaves in forward or backward."""

    def __init__(self, built, in_forward=None, in_backward=None):
        self.built, self.in_forward, self.in_backward = built, in_forward, in_backward
        self.gradients, self.zero_grad = built.gradients, built.zero_grad

    def forward(self, *inputs):
        output = self.built.forward(*inputs)
        return output if self.in_forward is None else self.in_forward(output)

    def backward(self, dy):
        dx = self.built.backward(dy)
        return dx if self.in_backward is None else self.in_backward(dx)


def leave(_):
    print("last words", flush=True)
    os._exit(7)


def end(_):
    sys.exit(3)


def loop(_):
    while True:
        time.sleep(0.01)


def allocate(_):
    held = []
    while True:
        held.append(torch.ones(10_000_000))


def chatter(value):
    for _ in range(30):
        print("x" * 100_000)
    return value


def meddle(value):
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    torch.set_num_threads(2)
    return value


FORWARD = {"Linear": leave, "Sigmoid": end, "Softmax": allocate, "ReLU": chatter, "LeakyReLU": meddle}
FORWARD |= {"Flatten": lambda value: value.tolist(), "MSELoss": lambda value: value.item(), "BCELoss": lambda _: None}
BACKWARD = {"Conv2d": loop, "CrossEntropyLoss": lambda value: value.numpy()}


class Subject(TorchSubject):
    name = "hostile"

    def build(self, module, *rest):
        return Hostile(super().build(module, *rest), FORWARD.get(module), BACKWARD.get(module))


subject = Subject()
