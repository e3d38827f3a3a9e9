"""Subjects with a known fault or a known slowness, made from torch.nn itself. Named by an environment variable."""

import os
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from parity.subjects import torch_nn
from parity.subjects.contract import Unsupported


class Altered(torch_nn.BuiltReference):
    """torch.nn, but slow, wrong, or right only on small inputs."""

    kind = "slow"

    def forward(self, *inputs: Tensor) -> Tensor:
        if self.kind == "slow":
            for _ in range(5):
                super().forward(*inputs)
        return super().forward(*inputs)

    def backward(self, dy: Tensor | None) -> Tensor:
        dx = super().backward(dy)
        wrong = self.kind == "wrong" or (self.kind == "wrong-at-size" and dx.numel() > 25_000)
        return dx * 1.01 if wrong else dx


class AlteredSubject(torch_nn.TorchSubject):
    """Builds altered modules; lacks everything if told so."""

    name = os.environ.get("ALTERED", "slow")

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> Altered:
        if self.name == "empty":
            raise Unsupported("it has nothing")
        built = Altered(super().build(module, options, parameters, device, dtype).module)
        built.kind = self.name
        return built


subject = AlteredSubject()
