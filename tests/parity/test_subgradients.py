"""At a kink the truth is a set: every subgradient passes, nothing else does."""

from dataclasses import replace

import pytest
import torch

from parity.catalogue import pages
from parity.catalogue.page import Case
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


@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
@pytest.mark.parametrize("columns", [False, True], ids=["by rows", "by columns"])
def test_of_a_window_of_equals_the_first_or_the_last_is_the_maximum(columns: bool, last: bool) -> None:
    page = pages()["MaxPool2d"]
    (case,) = (case for case in page.cases if case.name == "kernel-is-image")
    drawn = Trial(Cell(page, case), load("framework")).drawn
    x = torch.ones(case.x)
    x[..., 2, 2] = 0
    trial = Trial(Cell(page, case), load("framework"), replace(drawn, inputs=(x,)))
    got, dy = trial.observe(trial.build()), trial.dy()
    assert dy is not None
    flat = torch.zeros(case.x).flatten(-2)
    flat[..., -1 if last else 0] = dy.flatten(1).view(flat.shape[:2])
    got["dx"] = flat.view(3, 2, 4, 5).transpose(-1, -2) if columns else flat.view(case.x)
    assert not trial.judge(got)[1].fails
    got["dx"] = torch.where(x == 0, dy, 0.0)
    assert trial.judge(got)[1].fails


@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
@pytest.mark.parametrize("columns", [False, True], ids=["by rows", "by columns"])
def test_of_a_window_of_many_nan_the_first_or_the_last_is_the_maximum(columns: bool, last: bool) -> None:
    page = pages()["MaxPool2d"]
    (case,) = (case for case in page.cases if case.name == "kernel-is-image")
    drawn = Trial(Cell(page, case), load("framework")).drawn
    x = torch.full(case.x, torch.nan)
    x[..., 0, 0], x[..., -1, -1] = 1, torch.inf
    trial = Trial(Cell(page, case), load("framework"), replace(drawn, inputs=(x,)))
    got, dy = trial.observe(trial.build()), trial.dy()
    assert dy is not None
    walked = (x.mT if columns else x).flatten(-2)
    at = walked.shape[-1] - 2 if last else 1
    flat = torch.zeros_like(walked)
    flat[..., at] = dy.flatten(1).view(flat.shape[:2])
    got["dx"] = flat.view(3, 2, 4, 5).mT if columns else flat.view(case.x)
    assert not trial.judge(got)[1].fails
    got["dx"] = torch.where(x == 1, dy * 1.5, 0.0)
    assert trial.judge(got)[1].fails


def test_a_window_of_minus_infinities_may_take_its_padding_for_the_maximum() -> None:
    page = pages()["MaxPool2d"]
    case = Case("padded", (1, 1, 4, 4), {"kernel_size": 2, "stride": 2, "padding": 1})
    drawn = Trial(Cell(page, case), load("framework")).drawn
    x = drawn.x.clone()
    x[..., 0, 0] = -torch.inf
    trial = Trial(Cell(page, case), load("framework"), replace(drawn, inputs=(x,)))
    got = trial.observe(trial.build())
    assert got["dx"][0, 0, 0, 0] != 0
    got["dx"] = torch.where(x.isneginf(), 0.0, got["dx"])
    assert not trial.judge(got)[1].fails
    got["dx"] = torch.where(x.isneginf(), 1.5, got["dx"])
    assert trial.judge(got)[1].fails
    got["dx"] = torch.zeros_like(x)
    assert trial.judge(got)[1].fails
