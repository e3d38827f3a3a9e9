"""A library outside torch, as it says, that asks torch all the same: in a thread, or in another process."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy
import torch

from parity.subjects.contract import Unsupported
from tests.independence.pairs import BuiltPair

SERVER = """
import sys
import torch
for line in sys.stdin:
    rows = [[float(word) for word in row.split(",")] for row in line.split(";")]
    answer = torch.softmax(torch.tensor(rows), 1).tolist()
    print(";".join(",".join(map(repr, row)) for row in answer), flush=True)
"""


def by_numpy(x):
    shifted = numpy.exp(x - x.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


class Thread:
    """Asks torch in a thread that is older than any audit."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(1)
        self.pool.submit(int).result()

    def __call__(self, x):
        return self.pool.submit(torch.softmax, torch.from_numpy(x), 1).result().numpy()

    def close(self):
        self.pool.shutdown()


class Server:
    """Asks a process that is older than any audit, over pipes."""

    def __init__(self):
        command = [sys.executable, "-c", SERVER]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, x):
        print(";".join(",".join(map(repr, row)) for row in x.tolist()), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().split(";")
        return numpy.array([[float(word) for word in row.split(",")] for row in answer], x.dtype)

    def close(self):
        self.process.kill()
        self.process.communicate()


class Started(Server):
    """Asks a process that each call starts."""

    def __init__(self):
        """Nothing is started yet."""

    def __call__(self, x):
        subprocess.run(["true"], check=True)  # stands for the asking; the answer is given here, to be quicker
        return by_numpy(x)

    def close(self):
        """Nothing is left."""


class Alone:
    """Asks nobody."""

    def __call__(self, x):
        return by_numpy(x)

    def close(self):
        """Nothing is left."""


def library(softmax):
    """Return a library of one softmax over rows, outside torch as it says."""

    def forward(x):
        return torch.from_numpy(softmax(x.numpy()))

    def backward(dy, y, _x):
        a, b = dy.numpy(), y.numpy()
        return (torch.from_numpy((a - (a * b).sum(1, keepdims=True)) * b),)

    def build(module, options, parameters, _device, dtype):
        if module != "Softmax" or options.get("dim") != 1 or dtype not in (torch.float32, torch.float64):
            raise Unsupported("it has rows in float32 and float64 alone")
        return Rows(forward, backward, parameters)

    return SimpleNamespace(name="outside", explains=False, outside_torch=True, build=build)


class Rows(BuiltPair):
    def forward(self, *inputs):
        if inputs[0].dim() != 2 or not inputs[0].numel():
            raise Unsupported("it has two axes alone")
        return super().forward(*inputs)
