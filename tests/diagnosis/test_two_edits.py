"""A number that is wrong, a factor too many, and two slips in one formula are named in gradients written by hand."""

import math

import pytest
import torch
from torch import Tensor

from parity.catalogue import pages
from parity.diagnosis.edited.otherwise import one_or_two
from parity.diagnosis.symptom import Symptom
from parity.verdict.cell import Cell
from parity.verdict.trial import Seen, Trial
from tests.diagnosis.by_hand import ByHand, Given, Library


def layer_norm(of_mean: float = 1.0, of_variance: float = 1.0, over_variance: bool = False) -> ByHand:
    """dx whose terms count other than once."""

    def dx(given: Given) -> Tensor:
        x, g = given.x, given.dy * given.parameters["weight"]
        off = x - x.mean(-1, keepdim=True)
        deviation = (off.square().mean(-1, keepdim=True) + given.options.get("eps", 1e-5)).sqrt()
        z = off / deviation
        whole = g - of_mean * g.mean(-1, keepdim=True) - of_variance * z * (g * z).mean(-1, keepdim=True)
        return whole / (deviation * deviation if over_variance else deviation)

    return dx


def gelu(scale: float) -> ByHand:
    return lambda given: 0.5 * given.x * (1 + torch.erf(given.x * scale))


def kept_from_zero(given: Given) -> Tensor:
    """Return a softmax whose sum is kept from 0 by adding 1."""
    axis = given.options.get("dim", -1)
    powers = (given.x - given.x.amax(axis, keepdim=True)).exp()
    return powers / (1 + powers.sum(axis, keepdim=True))


def over_samples(given: Given) -> Tensor:
    """dx of a log-softmax, whose sum is a mean of the wrong sign."""
    axis = given.options.get("dim", -1)
    return given.dy + torch.softmax(given.x, axis) * given.dy.mean(axis, keepdim=True)


CASES = [
    ("LayerNorm", "dx", layer_norm(-1, 2), "two things are otherwise: a sign is wrong"),
    ("LayerNorm", "dx", layer_norm(0, -1), "two things are otherwise: the term sum(dy · weight) is missing"),
    ("LayerNorm", "dx", layer_norm(1, 0, over_variance=True), "does not belong there"),
    ("LayerNorm", "dx", layer_norm(1, 1.37), "is 1.37 times what it should be"),
    ("GELU", "output", gelu(1 / math.sqrt(3)), "0.707107 is taken as 0.5774 in x · 0.707107"),
    ("Softmax", "output", kept_from_zero, "1 is added to sum(exp(x - amax(x)))"),
    ("LogSoftmax", "dx", over_samples, "and the sign is wrong"),
]


def symptom_of(module: str, quantity: str, wrong: ByHand) -> Symptom:
    page = pages()[module]
    trial = Trial(Cell(page, page.cases[0]), Library(quantity, wrong))
    return Symptom.of(Seen(trial, quantity, trial.observe(trial.build())[quantity]))


@pytest.mark.parametrize(("module", "quantity", "wrong", "words"), CASES)
def test_it_is_named_by_the_steps_of_torch(module: str, quantity: str, wrong: ByHand, words: str) -> None:
    said = [one.words for one in one_or_two(symptom_of(module, quantity, wrong))]
    assert any(words in one for one in said), said


@pytest.mark.parametrize("module", ["LayerNorm", "GELU", "SiLU", "Softplus"])
def test_noise_is_no_two_edits_and_no_number(module: str) -> None:
    def noise(given: Given) -> Tensor:
        return torch.randn(given.x.shape, generator=torch.Generator().manual_seed(0))

    assert not list(one_or_two(symptom_of(module, "dx", noise)))


def test_a_share_of_the_whole_is_not_told_of_a_step() -> None:
    symptom = symptom_of("SiLU", "dx", lambda given: 1.25 * torch.ones_like(given.x))
    scaled = Symptom(symptom.trial, "dx", 1.25 * symptom.truth, symptom.truth)
    assert not list(one_or_two(scaled))
