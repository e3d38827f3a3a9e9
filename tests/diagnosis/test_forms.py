"""Slips in formulas that torch does not compute by, in what is done to a right value, in where windows are put."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue.constants import built_in
from parity.catalogue.page import Case
from tests.diagnosis.by_hand import ByHand, Given, by_channel
from tests.diagnosis.test_by_hand import told_first
from tests.diagnosis.test_reordered import with_options


def without_beta(given: Given) -> Tensor:
    beta = given.options["beta"]
    y = functional.softplus(given.x, beta)
    return given.dy * (1 - torch.exp(-y))


def second_sign(given: Given) -> Tensor:
    p, t = given.inputs
    return (-t / p - (1 - t) / (1 - p)) / p.numel() * given.dy


def one_outside(given: Given) -> Tensor:
    return torch.where(given.x > 0, given.x, given.options["alpha"] * given.x.exp() - 1)


def along_the_other(given: Given) -> Tensor:
    """dinput1 of a cosine, whose projection is along the second vector."""
    a, b, target = given.inputs
    of_a, of_b = (value.norm(dim=1, keepdim=True) for value in (a, b))
    c = (a * b).sum(1, keepdim=True) / (of_a * of_b)
    passes = torch.where(target.unsqueeze(1) > 0, -1.0, (c > 0).to(c))
    return passes * (b / (of_a * of_b) - c * b / of_a**2) / len(a) * given.dy


def weighs_all(given: Given) -> Tensor:
    x, t = given.inputs
    return (x.sigmoid() - t) * built_in(given.options, x.dtype)["pos_weight"] / x.numel() * given.dy


def decayed(given: Given) -> Tensor:
    return given.dy.T @ given.x + 0.1 * given.parameters["weight"]


def cut_off(given: Given) -> Tensor:
    return (given.dy @ given.parameters["weight"]).clamp(-0.5, 0.5)


def summed_before(given: Given) -> Tensor:
    x, dy = (value.sum(0, keepdim=True) for value in (given.x, given.dy))
    return dy.T @ x


def of_a_place(given: Given) -> Tensor:
    """dweight of a table, to whose place of the number padding_idx nothing is given back."""
    x, dweight = given.x.flatten(), torch.zeros_like(given.parameters["weight"])
    dy = given.dy.flatten(0, given.x.dim() - 1).clone()
    dy[given.options["padding_idx"]] = 0
    return dweight.index_add(0, x, dy)


def of_the_active(given: Given) -> Tensor:
    one, other, target = given.inputs
    active = -target * (one - other) + given.options.get("margin", 0.0) > 0
    return torch.where(active, -target, 0).to(one) / active.sum() * given.dy


def updated_in_evaluation(given: Given) -> Tensor:
    x, kept, m = given.x, given.buffers, given.options.get("momentum", 0.1)
    mean = (1 - m) * kept["running_mean"] + m * x.mean([0, *range(2, x.dim())])
    z = (x - by_channel(mean, x)) / (by_channel(kept["running_var"], x) + given.options.get("eps", 1e-5)).sqrt()
    return z * by_channel(given.parameters["weight"], x) + by_channel(given.parameters["bias"], x)


def without_the_sum(given: Given) -> Tensor:
    return given.dy * (1 - given.x.softmax(given.options["dim"]))


def of_smooth_l1(given: Given) -> Tensor:
    x, t = given.inputs
    return (x - t).clamp(-1, 1) / x.numel() * given.dy


def without_the_sign(given: Given) -> Tensor:
    x, t = given.inputs
    d = given.options["delta"]
    return torch.where((x - t).abs() < d, x - t, d) / x.numel() * given.dy


def mean_after(given: Given) -> Tensor:
    """dx of a group norm whose x normalised is x / deviation - mean."""
    shape, eps = (len(given.x), given.options["num_groups"], -1), given.options.get("eps", 1e-5)
    x = given.x.reshape(shape)
    g = (given.dy * by_channel(given.parameters["weight"], given.x)).reshape(shape)
    mean, deviation = x.mean(-1, keepdim=True), (x.var(-1, correction=0, keepdim=True) + eps).sqrt()
    z = x / deviation - mean
    return ((g - g.mean(-1, keepdim=True) - z * (g * z).mean(-1, keepdim=True)) / deviation).reshape(given.x.shape)


def over_channels(given: Given) -> Tensor:
    """The output of a layer norm whose statistics are those of axis 1."""
    x = given.x
    z = (x - x.mean(1, keepdim=True)) / (x.var(1, correction=0, keepdim=True) + given.options.get("eps", 1e-5)).sqrt()
    return z * given.parameters["weight"] + given.parameters["bias"]


def of_two_axes(**wanted: object) -> Callable[[Case], bool]:
    return lambda case: with_options(**wanted)(case) and len(case.x) == 2


WRITTEN: list[tuple[str, str, ByHand, Callable[[Case], bool], str]] = [
    (
        "Softplus",
        "dx",
        without_beta,
        lambda case: case.options.get("beta") == 0.5,
        "the factor 0.5 is missing in y · 0.5",
    ),
    ("BCELoss", "dx", second_sign, with_options(), "1 - t has the wrong sign"),
    ("ELU", "output", one_outside, lambda case: case.options.get("alpha") == 1.5, "brackets are wrong: it is exp(x) ·"),
    ("CosineEmbeddingLoss", "dinput1", along_the_other, of_two_axes(), "input2 stands where input1 belongs in"),
    ("BCEWithLogitsLoss", "dx", weighs_all, lambda case: {*case.options} == {"pos_weight"}, "multiplies all of it"),
    ("Linear", "dweight", decayed, of_two_axes(), "0.1 · weight is added, as by a decay of weights"),
    ("Linear", "dx", cut_off, of_two_axes(), "it is cut off at 0.5, as by a clipping of gradients"),
    ("Linear", "dweight", summed_before, of_two_axes(), "x and the cotangent are each summed over the samples"),
    (
        "Embedding",
        "dweight",
        of_a_place,
        lambda case: case.options.get("padding_idx") == 0,
        "padding_idx is taken for a place in x",
    ),
    ("MarginRankingLoss", "dinput1", of_the_active, with_options(), "divided by the number of losses that are not 0"),
    (
        "BatchNorm2d",
        "output",
        updated_in_evaluation,
        lambda case: not case.training,
        "the mean is that which is kept, after an update with this batch, as in training",
    ),
    ("LogSoftmax", "dx", without_the_sum, lambda case: len(case.x) == 2, "a sum is left out: dy stands in place of"),
    ("L1Loss", "dx", of_smooth_l1, with_options(), "it is the gradient of smooth L1"),
    ("HuberLoss", "dx", without_the_sign, lambda case: {*case.options} == {"delta"}, "the sign of x - t is taken as 1"),
    ("GroupNorm", "dx", mean_after, with_options(), "the mean is taken off after the division by the deviation"),
    (
        "LayerNorm",
        "output",
        over_channels,
        lambda case: len(case.x) == 3 and not isinstance(case.options["normalized_shape"], tuple) and not case.large,
        "statistics are taken over channels alone, not over the last axis alone",
    ),
]


@pytest.mark.parametrize(("module", "quantity", "wrong", "wanted", "words"), WRITTEN)
def test_the_cause_is_named_first(
    module: str, quantity: str, wrong: ByHand, wanted: Callable[[Case], bool], words: str
) -> None:
    assert words in told_first(module, quantity, wrong, wanted)
