"""`framework` as libraries that have less of it, with the faults of convolutions that such libraries have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from parity.subjects import load
from parity.subjects.contract import Built, Unsupported

PAIRS = ("kernel_size", "stride", "padding", "dilation", "output_padding")


def pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


class At(NamedTuple):
    """Where a module is called: options with all extents as pairs, and the shape of its input."""

    k: tuple[int, int]
    s: tuple[int, int]
    p: tuple[int, int]
    d: tuple[int, int]
    out_p: tuple[int, int]
    groups: int
    out: int
    x: tuple[int, ...]

    @classmethod
    def of(cls, options: Mapping[str, Any], x: Tensor) -> "At":
        full = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, **options}
        full["padding"] = 0 if isinstance(full["padding"], str) else full["padding"]
        extents = [pair(full[name]) for name in PAIRS]
        shape = tuple(x.shape) if x.dim() == 4 else (1, *x.shape)
        return cls(*extents, options.get("groups", 1), options["out_channels"], shape)

    @property
    def remainder(self) -> bool:
        """Whether the stride leaves a remainder on some side."""
        sides = zip(self.x[2:], self.k, self.s, self.p, self.d, strict=True)
        return any((extent + 2 * p - d * (k - 1) - 1) % s for extent, k, s, p, d in sides)


class Fault(NamedTuple):
    """A quantity of a module that is twice what it should be, where `wrong` says so."""

    module: str
    quantity: str
    wrong: Callable[[At], bool]


CONV, TRANSPOSED = "Conv2d", "ConvTranspose2d"
FAULTS = {
    "dX of stride with padding": Fault(CONV, "dx", lambda at: max(at.s) > 1 and max(at.p) > 0),
    "dW of stride with padding": Fault(CONV, "dweight", lambda at: max(at.s) > 1 and max(at.p) > 0),
    "output of stride with padding": Fault(CONV, "output", lambda at: max(at.s) > 1 and max(at.p) > 0),
    "dX of dilation": Fault(CONV, "dx", lambda at: max(at.d) > 1),
    "dW of dilation with stride": Fault(CONV, "dweight", lambda at: max(at.d) > 1 and max(at.s) > 1),
    "dX of kernel 3 at stride 2": Fault(CONV, "dx", lambda at: at.k == (3, 3) and at.s == (2, 2)),
    "dX of kernel 1 at stride 2": Fault(CONV, "dx", lambda at: at.k == (1, 1) and at.s == (2, 2)),
    "dW of kernel 2 at stride 2": Fault(CONV, "dweight", lambda at: at.k == (2, 2) and at.s == (2, 2)),
    "dX where the stride leaves a remainder": Fault(CONV, "dx", lambda at: at.remainder),
    "dW of even kernels": Fault(CONV, "dweight", lambda at: at.k[0] % 2 == 0),
    "dX of more padding than kernel": Fault(CONV, "dx", lambda at: at.p[0] > at.k[0] - 1),
    "dX right for square images": Fault(CONV, "dx", lambda at: at.x[2] != at.x[3]),
    "dX right for H >= W": Fault(CONV, "dx", lambda at: at.x[2] < at.x[3]),
    "dX right for H != W": Fault(CONV, "dx", lambda at: at.x[2] == at.x[3] and at.x[2] < 32),
    "dW right for one output channel": Fault(CONV, "dweight", lambda at: at.out > 1),
    "dW wrong for one output channel": Fault(CONV, "dweight", lambda at: at.out == 1 and at.x[1] > 1),
    "output right up to 8 channels": Fault(CONV, "output", lambda at: at.x[1] > 8),
    "dX right up to 8 output channels": Fault(CONV, "dx", lambda at: at.out > 8),
    "dW where channels are as many as outputs": Fault(CONV, "dweight", lambda at: at.out == at.x[1]),
    "output of any output padding": Fault(TRANSPOSED, "output", lambda at: max(at.out_p) > 0),
    "dX of output padding with padding": Fault(TRANSPOSED, "dx", lambda at: max(at.out_p) > 0 and max(at.p) > 0),
    "dW of stride, transposed": Fault(TRANSPOSED, "dweight", lambda at: max(at.s) > 1),
    "dX of kernel 1 at stride 2, transposed": Fault(TRANSPOSED, "dx", lambda at: at.k == (1, 1) and at.s == (2, 2)),
    "output beyond 65,536 samples": Fault(CONV, "output", lambda at: at.x[0] > 2**16),
    "dX beyond 65,536 pixels": Fault(CONV, "dx", lambda at: at.x[2] * at.x[3] > 2**16),
}


def integers(options: Mapping[str, Any], _: torch.dtype) -> str:
    """A library of integers, without groups, with a bias always."""
    if any(isinstance(options.get(name), tuple) for name in PAIRS):
        return "it has square kernels and integers alone"
    if options.get("groups", 1) != 1:
        return "it has no groups"
    return "" if options.get("bias", True) else "it always has a bias"


def never_a_bias(options: Mapping[str, Any], _: torch.dtype) -> str:
    return "it never has a bias" if options.get("bias", True) else ""


def single_precision(options: Mapping[str, Any], dtype: torch.dtype) -> str:
    if dtype != torch.float32:
        return "it has float32 alone"
    return "it has no dilation" if options.get("dilation", 1) != 1 else ""


LIBRARIES = {"integers": integers, "never a bias": never_a_bias, "float32 without dilation": single_precision}


class Spoiled:
    """A module with a fault: everything else is as built."""

    def __init__(self, built: Built, options: Mapping[str, Any], fault: Fault) -> None:
        self.built, self.options, self.fault = built, options, fault
        self.wrong = False

    def spoiled(self, quantity: str, value: Tensor) -> Tensor:
        return value * 2 if self.wrong and self.fault.quantity == quantity else value

    def forward(self, *inputs: Tensor) -> Tensor:
        self.wrong = self.fault.wrong(At.of(self.options, inputs[0]))
        return self.spoiled("output", self.built.forward(*inputs))

    def backward(self, dy: Tensor | None) -> Tensor:
        return self.spoiled("dx", self.built.backward(dy))

    def gradients(self) -> dict[str, Tensor]:
        return {name: self.spoiled(f"d{name}", value) for name, value in self.built.gradients().items()}

    def zero_grad(self) -> None:
        self.built.zero_grad()


@dataclass
class Restricted:
    """The subject: what `lacks` gives a reason against is unsupported."""

    lacks: Callable[[Mapping[str, Any], torch.dtype], str]
    fault: Fault | None = None
    name: str = "restricted"
    explains: bool = False

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> Built:
        if module not in (CONV, TRANSPOSED):
            raise Unsupported(f"it has no {module}")
        reason = self.lacks(options, dtype)
        if reason:
            raise Unsupported(reason)
        built = load("framework").build(module, options, parameters, device, dtype)
        return built if self.fault is None or self.fault.module != module else Spoiled(built, options, self.fault)
