"""Where the truth is a formula of the suite's own, it is what torch.nn computes, of every batch."""

from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import nn

from parity.catalogue.batch_normalisation import BatchNormByFormula
from parity.catalogue.instance_norm2d import InstanceNormByFormula

DRAWN = torch.randn(5, 3, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(3))


def both(formula: nn.Module, kernel: nn.Module, *batches: torch.Tensor) -> None:
    """Give batches to the two, and compare what comes, what goes back, and what is kept."""
    formula, kernel = formula.double(), kernel.double()
    kernel.load_state_dict(deepcopy(formula.state_dict()))
    for batch in batches:
        given = [batch.clone().requires_grad_() for _ in range(2)]
        outputs = [module(x) for module, x in zip((formula, kernel), given, strict=True)]
        for y in outputs:
            (y * torch.arange(float(y.numel())).double().view(y.shape)).sum().backward()
        assert torch.allclose(*outputs, rtol=1e-12, atol=1e-12)
        assert torch.allclose(given[0].grad, given[1].grad, rtol=1e-10, atol=1e-10)
    for own, other in zip(formula.state_dict().values(), kernel.state_dict().values(), strict=True):
        assert torch.allclose(own.double(), other.double(), rtol=1e-12)


@pytest.mark.parametrize(
    "options",
    [{}, {"momentum": None}, {"momentum": 0.7}, {"affine": False}, {"track_running_stats": False}, {"bias": False}],
)
@pytest.mark.parametrize("training", [True, False])
def test_batch_normalisation(options: dict[str, Any], training: bool) -> None:
    modules = BatchNormByFormula(3, **options).train(training), nn.BatchNorm2d(3, **options).train(training)
    both(*modules, DRAWN, DRAWN + 1, DRAWN[:0]) if options.get("track_running_stats", True) else both(*modules, DRAWN)


def test_of_an_empty_batch_statistics_stay() -> None:
    kept = BatchNormByFormula(3).double()
    kept(DRAWN[:0])
    assert kept.running_mean is not None
    assert torch.equal(kept.running_mean, torch.zeros(3).double())


@pytest.mark.parametrize("affine", [True, False])
def test_instance_normalisation(affine: bool) -> None:
    both(InstanceNormByFormula(3, affine=affine), nn.InstanceNorm2d(3, affine=affine), DRAWN)
