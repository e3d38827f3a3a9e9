"""A library of one layer, in numpy, with the fault that FAULT names; it is copied to a file, where FAULT is set."""

import os
import signal

import numpy as np
import torch

from parity.subjects.contract import Unsupported

FAULT = ""
CALLS = []

if FAULT == "grad mode off":
    torch.set_grad_enabled(False)
if FAULT == "other default dtype":
    torch.set_default_dtype(torch.float64)


def read(x):
    """Return x as an array; the fault takes the memory for the numbers, whatever the strides are."""
    flat = torch.as_strided(x, x.shape, torch.empty(x.shape).stride()) if FAULT == "memory read in order" else x
    return flat.numpy().copy()


class Built:
    def __init__(self, parameters):
        self.parameters = {name: value.numpy().copy() for name, value in parameters.items()}
        self.grads = {name: np.zeros_like(value) for name, value in self.parameters.items()}

    def forward(self, x):
        if FAULT == "exception in forward" and len(x) > 1:
            raise IndexError("batch of more than one")
        CALLS.append(x.shape)
        self.x = read(x)
        if FAULT == "input changed":
            x.mul_(2)
        y = self.x @ self.parameters["weight"].T
        y = torch.from_numpy(y + self.parameters["bias"] if "bias" in self.parameters else y)
        return y.long() if FAULT == "integers" else y

    def backward(self, dy):
        if FAULT == "exception in backward":
            raise KeyError("dy")
        if FAULT == "segmentation fault":
            os.kill(os.getpid(), signal.SIGSEGV)
        if FAULT == "end of the process":
            os._exit(0)
        dy = dy.numpy().copy()
        late = FAULT == "late" and len(CALLS) > 2
        sign = -1 if FAULT in ("sign", "grad mode off", "other default dtype") or late else 1
        keep = 0 if FAULT == "overwritten" else 1
        self.grads["weight"] = keep * self.grads["weight"] + sign * dy.T @ self.x
        if "bias" in self.grads:
            self.grads["bias"] = keep * self.grads["bias"] + dy.sum(0)
        return torch.from_numpy(dy @ self.parameters["weight"])

    def gradients(self):
        shown = {name: torch.from_numpy(grad.copy()) for name, grad in self.grads.items()}
        if FAULT == "transposed shape":
            shown["weight"] = shown["weight"].T[None]
        if FAULT == "none given":
            shown.pop("bias", None)
        return shown

    def zero_grad(self):
        for grad in self.grads.values():
            grad *= 1 if FAULT == "not cleared" else 0


class Numpy:
    name = "numpy"
    explains = False

    def build(self, module, _options, parameters, _device, dtype):
        if module != "Linear" or dtype not in (torch.float32, torch.float64):
            raise Unsupported(f"no {module} in {dtype}")
        return Built(parameters)


subject = Numpy()
