"""Schedules beside their formulas and beside torch's schedulers."""

from math import exp

import pytest
import torch
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)

from framework.training import (
    Constant,
    CosineDecay,
    ExponentialDecay,
    LinearRamp,
    MilestoneDecay,
    PolynomialDecay,
    StepDecay,
    TimeDecay,
)

BESIDE = {
    "constant": (Constant(0.3), lambda sgd: LambdaLR(sgd, lambda _: 1.0)),
    "time": (TimeDecay(0.3, 0.05), lambda sgd: LambdaLR(sgd, lambda epoch: 1 / (1 + 0.05 * epoch))),
    "exponential": (ExponentialDecay(0.3, 0.05), lambda sgd: ExponentialLR(sgd, exp(-0.05))),
    "step": (StepDecay(0.3, 0.5, 7), lambda sgd: StepLR(sgd, 7, 0.5)),
    "milestones": (MilestoneDecay(0.3, 0.5, (4, 11, 12)), lambda sgd: MultiStepLR(sgd, [4, 11, 12], 0.5)),
    "cosine": (CosineDecay(0.3, 17, 0.01), lambda sgd: CosineAnnealingLR(sgd, 17, 0.01)),
    "polynomial": (PolynomialDecay(0.3, 20, 2.0), lambda sgd: PolynomialLR(sgd, 20, 2.0)),
    "ramp": (LinearRamp(0.3, 8, 0.25), lambda sgd: LinearLR(sgd, 0.25, total_iters=8)),
}


@pytest.mark.parametrize("name", BESIDE)
def test_it_does_not_change_while_a_training_reads_it(name):
    schedule, _ = BESIDE[name]
    with pytest.raises(AttributeError, match="cannot assign to field 'lr'"):
        schedule.lr = 1.0


@pytest.mark.parametrize("name", BESIDE)
def test_it_is_torch_s(name):
    schedule, made = BESIDE[name]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.3)
    scheduler = made(optimizer)
    for epoch in range(30):
        assert schedule(epoch) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12, abs=1e-15)
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize(
    "made",
    [
        lambda: Constant(-1.0),
        lambda: TimeDecay(0.1, -1.0),
        lambda: ExponentialDecay(0.1, float("nan")),
        lambda: StepDecay(0.1, 0.5, 0),
        lambda: MilestoneDecay(0.1, 0.5, (3, -1)),
        lambda: CosineDecay(0.1, 0),
        lambda: PolynomialDecay(0.1, 5, -1.0),
        lambda: LinearRamp(0.1, 5, -0.5),
    ],
)
def test_a_bad_number_is_refused(made):
    with pytest.raises(ValueError, match="must be"):
        made()
