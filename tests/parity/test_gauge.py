"""The gauge accuses no right implementation of modules that no page knows: torch's own kernels, and more exact ones."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from parity.catalogue.page import Case, Page
from parity.subjects.torch_nn import BuiltReference
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.regimes import REGIMES
from parity.verdict.trial import Trial

ROWS, IMAGE = (5, 6), (3, 4, 5, 6)
MODULES: dict[str, tuple[Callable[..., nn.Module], tuple[int, ...]]] = {
    name: (getattr(nn, name), ROWS)
    for name in "GELU SiLU ELU SELU CELU Softplus LogSigmoid Mish Softsign Tanhshrink Hardswish Hardsigmoid".split()
}
MODULES |= {
    "GELU by tanh": (lambda: nn.GELU("tanh"), ROWS),
    "LogSoftmax": (lambda: nn.LogSoftmax(1), ROWS),
    "LayerNorm": (lambda: nn.LayerNorm(6), ROWS),
    "RMSNorm": (lambda: nn.RMSNorm(6, eps=1e-6), ROWS),  # its default eps is that of the dtype
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), IMAGE),
    "InstanceNorm2d": (lambda: nn.InstanceNorm2d(4), IMAGE),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), IMAGE),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), IMAGE),
}


class Wide(BuiltReference):
    """A module computed in float64, rounded once."""

    def __init__(self, module: nn.Module, dtype: torch.dtype) -> None:
        super().__init__(module.double())
        self.dtype = dtype

    def forward(self, *inputs: Tensor) -> Tensor:
        return super().forward(*(value.double() for value in inputs)).to(self.dtype)

    def backward(self, dy: Tensor | None) -> Tensor:
        return super().backward(None if dy is None else dy.double()).to(self.dtype)

    def gradients(self) -> dict[str, Tensor]:
        return {name: value.to(self.dtype) for name, value in super().gradients().items()}


class Torch:
    """The reference of a page as a subject, in the dtype that is asked for or in float64."""

    explains = False

    def __init__(self, page: Page, wide: bool) -> None:
        self.page, self.wide, self.name = page, wide, "wide" if wide else "torch"

    def build(
        self,
        module: str,  # noqa: ARG002 - the adapter contract
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltReference:
        made = self.page.reference(**options).to(device, dtype)
        if parameters:
            made.load_state_dict(parameters)
        return Wide(made, dtype) if self.wide else BuiltReference(made)


def accused(name: str, wide: bool) -> list[str]:
    make, x = MODULES[name]
    page = Page(name, make, (Case("plain", x=x, widely=True),))
    subject = Torch(page, wide)
    regimes = [regime for regime in REGIMES if regime != "not-finite"]  # of inf torch has other views in other dtypes
    trials = [
        Trial(Cell(page, page.cases[0], dtype=d, regime=regime), subject) for d, regime in product(DTYPES, regimes)
    ]
    judged = [one for trial in trials for one in trial.judge(trial.observe(trial.build()))]
    return [
        f"{one.record.dtype} {one.record.regime} {one.record.quantity}: {one.record.detail}"
        for one in judged
        if one.fails
    ]


@pytest.mark.parametrize("name", MODULES)
def test_torchs_own_kernel_is_not_accused(name: str) -> None:
    assert accused(name, wide=False) == []


@pytest.mark.parametrize("name", MODULES)
def test_what_is_nearer_to_the_truth_than_torch_is_not_accused(name: str) -> None:
    assert accused(name, wide=True) == []
