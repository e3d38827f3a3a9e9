"""At a kink the truth is a set: every subgradient passes, nothing else does."""

import pytest
import torch

from parity.catalogue import pages
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial, records


@pytest.mark.parametrize("module", ["ReLU", "LeakyReLU"])
@pytest.mark.parametrize(
    ("at_zero", "verdict"), [(0.2, "pass"), (0.5, "pass"), (1.0, "pass"), (1.1, "fail"), (-0.1, "fail")]
)
def test_any_subgradient_passes_at_zero(module: str, at_zero: float, verdict: str) -> None:
    page = pages()[module]
    trial = Trial(Cell(page, page.cases[0], regime="ties"), load("framework"))
    got, (x,), dy = trial.observe(trial.build()), trial.inputs(), trial.dy()
    assert dy is not None
    assert (x == 0).any()
    got["dx"] = torch.where(x == 0, at_zero * dy, got["dx"])
    (dx,) = [record for record in records(trial.judge(got)) if record.quantity == "dx"]
    assert (dx.verdict == "fail") == (verdict == "fail")


def test_elsewhere_the_truth_is_a_point() -> None:
    page = pages()["ReLU"]
    trial = Trial(Cell(page, page.cases[0], regime="ties"), load("framework"))
    got, (x,), dy = trial.observe(trial.build()), trial.inputs(), trial.dy()
    assert dy is not None
    got["dx"] = torch.where(x == 1, dy * 0.5, got["dx"])
    assert trial.judge(got)[1].fails
