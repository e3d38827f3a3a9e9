"""The fast path of the tape as a subject: every layer one operator, which calls the layer's own pair of functions."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from framework import tape
from parity.subjects.contract import Unsupported
from parity.subjects.framework import BuiltModule, FrameworkSubject, construct


class FusedTapeSubject(FrameworkSubject):
    """Builds any layer or loss that framework exports, on the tape, if it has one input and one output."""

    name = "tape_fused"
    optimisers = ()

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltModule:
        built = construct(module, options).to(device, dtype)
        built.load_state_dict(built.state_dict() | dict(parameters))
        try:
            return BuiltModule(tape.AsLayer(tape.on_tape(built)))
        except TypeError as error:
            raise Unsupported(str(error)) from error


subject = FusedTapeSubject()
