"""`framework` as a library of which one layer is another: its modules are called by the adapter's terms."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

import framework
from parity.subjects.contract import Unsupported
from parity.subjects.framework import BuiltModule, FrameworkSubject


class Changed(FrameworkSubject):
    """The framework, in which `module` is called by a class of the tests; one of None lacks it."""

    optimisers = ()

    def __init__(self, module: str, of: Callable[[framework.Module], BuiltModule] | None) -> None:
        self.module, self.of, self.name = module, of, "changed"

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltModule:
        if module == self.module and self.of is None:
            raise Unsupported(f"{self.name} has no {module}")
        built = super().build(module, options, parameters, device, dtype)
        return built if module != self.module or self.of is None else self.of(built.module)
