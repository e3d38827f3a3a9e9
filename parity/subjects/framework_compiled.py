"""The framework compiled as a subject: a forward, a backward and a whole step are a piece of code each."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

import framework
from parity.subjects.contract import Unsupported
from parity.subjects.framework import BuiltModule, FrameworkSubject


class CompiledSubject(FrameworkSubject):
    """Builds what framework can compile; what was compiled once serves every module of the same options."""

    name = "framework_compiled"
    of_papers = False
    optimisers = ()

    def __init__(self) -> None:
        self.made: dict[str, framework.Compiled] = {}
        self.steps: dict[str, framework.CompiledStep] = {}

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltModule:
        built = super().build(module, options, parameters, device, dtype).module
        asked = f"{module} {dict(options)!r}"
        try:
            compiled = framework.Compiled(built, self.made.get(asked))
        except TypeError as error:
            raise Unsupported(str(error)) from error
        self.made.setdefault(asked, compiled)
        return BuiltModule(compiled)

    def training_step(self, network: BuiltModule, criterion: BuiltModule, lr: float) -> framework.CompiledStep:
        """Return the whole step: gradients in one piece of code, then the update; on a CUDA device, one graph."""
        asked, optimiser = f"{network.module!r} {criterion.module!r}", framework.SGD(network.param(), lr)
        graph = all(value.is_cuda for value, _ in network.param())
        step = framework.CompiledStep(network.module, criterion.module, optimiser, self.steps.get(asked), graph=graph)
        self.steps.setdefault(asked, step)
        return step


subject = CompiledSubject()
