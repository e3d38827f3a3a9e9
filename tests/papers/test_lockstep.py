"""Lockstep: a correct side passes, a planted fault is found at its step and in its parameter."""

from itertools import pairwise

import pytest
import torch

from parity.papers.experiments import paper_000, paper_001, paper_003
from parity.papers.trainings import lockstep, ours
from parity.papers.trainings.data import material
from parity.verdict import limits

RELU = paper_000.RELU
CROSS = paper_003.SETTINGS["CrossEntropyLoss", "momentum"]


class Faulty(ours.FrameworkStepper):
    """The framework's side, with one gradient scaled by 1 + size from step `begins` on."""

    def __init__(self, setting, dtype, name, begins, size):
        super().__init__(setting, ours.initial(setting, 0), "cpu", dtype)
        self.name, self.begins, self.size, self.taken = name, begins, size, 0

    def step(self, x, t):
        loss = self.criterion(self.model(x), t)
        self.model.zero_grad()
        self.model.backward(self.criterion.backward())
        self.taken += 1
        if self.taken >= self.begins:
            self.model.named_parameters()[self.name].grad.mul_(1 + self.size)
        self.optimizer.step()
        return loss


@pytest.mark.parametrize("setting", [RELU, paper_000.TANH, paper_001.MAIN, CROSS], ids=lambda setting: setting.name)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_correct_side_passes(setting, dtype):
    trace = lockstep.side_by_side(setting, 0, dtype, 12)
    assert trace.divergence is None
    assert len(trace.between) == 12
    assert len(trace.allowed) == (12 if dtype == torch.float32 else 0)


@pytest.mark.parametrize(("dtype", "size"), [(torch.float32, 1e-3), (torch.float64, 1e-6)], ids=str)
@pytest.mark.parametrize("name", ["4.weight", "6.bias"])
def test_a_planted_fault_is_found_at_its_step_and_in_its_parameter(dtype, size, name):
    trace = lockstep.side_by_side(RELU, 0, dtype, 10, Faulty(RELU, dtype, name, 7, size))
    assert (trace.divergence.step, trace.divergence.quantity) == (7, f"gradient of {name}")
    assert f"diverges at step 7, first in the gradient of {name}" in str(trace.divergence)


def test_a_side_that_returns_nan_diverges():
    trace = lockstep.side_by_side(RELU, 0, torch.float32, 4, Faulty(RELU, torch.float32, "0.weight", 2, float("nan")))
    assert (trace.divergence.step, trace.divergence.quantity) == (2, "gradient of 0.weight")


CHAOTIC = paper_001.MAIN.changed(lr=0.3, examples=200)  # rounding grows past 1e-9 within 200 steps


def test_where_torch_strays_from_itself_so_may_the_subject():
    trace = lockstep.side_by_side(
        CHAOTIC, 0, torch.float64, 300, Faulty(CHAOTIC, torch.float64, "0.weight", 1, 2.0**-52)
    )
    assert max(trace.between) > limits.LOCKSTEP_AGREEMENT * 2**53
    assert len(trace.control) == len(trace.between)
    assert all(later >= earlier for earlier, later in pairwise(trace.control))
    assert trace.divergence is None


def test_a_fault_in_a_chaotic_training_is_found_all_the_same():
    trace = lockstep.side_by_side(CHAOTIC, 0, torch.float64, 300, Faulty(CHAOTIC, torch.float64, "0.weight", 100, 1e-6))
    assert len(trace.control) == 300
    assert 100 <= trace.divergence.step < 110


def test_both_sides_see_the_batches_of_the_whole_training():
    setting = RELU.changed(epochs=2, examples=60, batch=25)
    steps = list(lockstep.feed(setting, material(setting, 0), 0))
    assert [batch.epoch for batch in steps] == [0, 0, 0, 1, 1, 1]
    assert [len(batch.x) for batch in steps] == [25, 25, 10] * 2


def test_the_gate_grows_with_what_rounding_does():
    data, start = material(RELU, 0), ours.initial(RELU, 0)
    reach = lockstep.honest(RELU, start, data, 0, 6)
    assert all(later >= earlier >= 1 for a, b in pairwise(reach) for earlier, later in zip(a, b, strict=True))
    assert max(reach[-1]) < 1e4
