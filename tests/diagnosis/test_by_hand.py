"""Of gradients that are written by hand in the ways in which people get them wrong, the cause is named first."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue import pages
from parity.catalogue.page import Case
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from reports.record import Parity
from tests.diagnosis import by_hand
from tests.diagnosis.by_hand import ByHand, Given, Library


def plain(_: Case) -> bool:
    return True


def option(**wanted: Any) -> Callable[[Case], bool]:
    return lambda case: all(case.options.get(name) == value for name, value in wanted.items())


def masked(case: Case) -> bool:
    return "attn_mask" in case.others and not case.drawn and not case.options and len(case.others["attn_mask"]) == 2


def wider(case: Case) -> bool:
    return bool(case.options.get("is_causal")) and "scale" not in case.options and len(case.others) == 2


def of_rank_three(case: Case) -> bool:
    return len(case.x) == 3 and case.options["normalized_shape"] == case.x[-1]


def smoothing(case: Case) -> bool:
    return case.options == {"label_smoothing": 0.125} and case.target == "classes"


def of_two_axes(case: Case) -> bool:
    return len(case.x) == 2 and case.options.keys() <= {"reduction"} and case.options.get("reduction", "mean") == "mean"


def leaky(given: Given) -> Tensor:
    return given.dy * torch.where(given.x > 0, 1.0, given.options.get("negative_slope", 0.01) * given.x)


def pooled_from_zero(given: Given) -> Tensor:
    return functional.max_pool2d(given.x, given.options["kernel_size"], given.options.get("stride")).clamp_min(0)


def by_kept_mean(given: Given) -> Tensor:
    """The output of a batch norm that takes off the mean which it keeps, when it has been updated."""
    x, built = given.x, pages()["BatchNorm2d"].reference(**given.options)
    before, var = given.buffers["running_mean"], x.var((0, 2, 3), correction=0, keepdim=True)
    kept = before + built.momentum * (x.mean((0, 2, 3)) - before)
    z = (x - by_hand.by_channel(kept, x)) / (var + built.eps).sqrt()
    return z * by_hand.by_channel(given.parameters["weight"], x) + by_hand.by_channel(given.parameters["bias"], x)


def share_lost(given: Given) -> Tensor:
    """dx of a cross-entropy whose right class has 1 - e, without its share of e."""
    x, target = given.inputs
    e = given.options["label_smoothing"]
    t = torch.full_like(x, e / x.shape[1]).scatter(1, target.unsqueeze(1), 1 - e)
    return (t.sum(1, keepdim=True) * x.softmax(1) - t) / target.numel() * given.dy


def weighted(case: Case) -> bool:
    return case.options.keys() == {"weight"} and len(case.x) == 2 and case.target == "classes"


def unweighted(given: Given) -> Tensor:
    x, target = given.inputs
    weight = torch.tensor([0.5, 2.0, 1.0, 0.25, 3.0])
    return -torch.zeros_like(x).scatter(1, target.unsqueeze(1), 1.0) / weight[target].sum() * given.dy


def with_states(case: Case) -> bool:
    return "h0" in case.others and case.options.keys() <= {"input_size", "hidden_size", "nonlinearity"}


def rnn_carried(given: Given) -> Tensor:
    """dweight_hh of an RNN of tanh; what goes to the moment before lacks the derivative."""
    p, h, found = given.parameters, given.inputs[1][0], []
    for x_t in given.inputs[0]:
        h = (x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).tanh()
        found.append(h)
    dy, dh_n = given.dys
    dh = torch.zeros_like(h) if dh_n is None else dh_n[0]
    dweight = torch.zeros_like(p["weight_hh_l0"])
    for t in reversed(range(len(found))):
        dh = dh if dy is None else dh + dy[t]
        dweight += (dh * (1 - found[t] ** 2)).T @ (found[t - 1] if t else given.inputs[1][0])
        dh = dh @ p["weight_hh_l0"]
    return dweight


def lstm_with_bias(given: Given) -> Tensor:
    """The output of an LSTM whose forget gate opens with a bias of 1."""
    p, (x, (h,), (c,)), found = given.parameters, given.inputs, []
    for x_t in x:
        gates = x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]
        i, f, g, o = gates.chunk(4, 1)
        c = (f + 1).sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        found.append(h)
    return torch.stack(found)


def cross_entropy_of_all(given: Given) -> Tensor:
    """dx of a mean cross-entropy, of classes or of probabilities, that is a sum."""
    x, target = given.inputs
    wanted = target if target.shape == x.shape else functional.one_hot(target, x.shape[1])
    return (x.softmax(1) * wanted.sum(1, keepdim=True) - wanted) * given.dy


def alpha_within(given: Given) -> Tensor:
    return torch.where(given.x > 0, given.x, torch.expm1(given.options["alpha"] * given.x))


WRITTEN: list[tuple[str, Callable[[Case], bool], str, ByHand, str]] = [
    ("BatchNorm2d", plain, "dx", lambda g: by_hand.batch_norm(g, unbiased=True), "the variance is divided by n - 1"),
    (
        "BatchNorm2d",
        plain,
        "dx",
        lambda g: by_hand.batch_norm(g, of_mean=len(g.x)),
        "the mean is multiplied by the batch size",
    ),
    ("GroupNorm", plain, "dx", by_hand.group_norm, "weight multiplies dx as a whole"),
    ("BatchNorm2d", plain, "dweight", by_hand.weight_twice, "it is multiplied by weight"),
    ("LayerNorm", of_rank_three, "dx", by_hand.layer_norm, "the mean is taken as a constant"),
    (
        "BatchNorm2d",
        lambda case: not case.training,
        "dx",
        by_hand.batch_norm,
        "in evaluation the terms of mean and variance of",
    ),
    ("Conv2d", plain, "dx", by_hand.written_over, "the last pixel of the kernel gives stands alone"),
    ("MaxPool2d", option(stride=1), "dx", by_hand.windows_written_over, "what the last window gives stands alone"),
    (
        "AvgPool2d",
        option(kernel_size=2),
        "dx",
        by_hand.over_outputs,
        "in place of the number of pixels of the kernel",
    ),
    (
        "ScaledDotProductAttention",
        masked,
        "output",
        lambda g: by_hand.attention(g, multiplied=True),
        "has a score of 0",
    ),
    (
        "ScaledDotProductAttention",
        masked,
        "output",
        lambda g: by_hand.attention(g, inverted=True),
        "means the opposite",
    ),
    (
        "ScaledDotProductAttention",
        wider,
        "output",
        lambda g: by_hand.attention(g, corner=True),
        "the last query sees all keys",
    ),
    (
        "ScaledDotProductAttention",
        plain,
        "output",
        lambda g: by_hand.attention(g, by_length=True),
        "divided by the root of the number of keys",
    ),
    ("Conv2d", plain, "dweight", by_hand.not_turned_back, "reshaped, and not transposed back"),
    ("MaxPool2d", option(stride=1), "output", pooled_from_zero, "the maximum begins at 0"),
    ("BatchNorm2d", plain, "output", by_kept_mean, "the mean is that which is kept, after its update"),
    ("GroupNorm", plain, "output", by_hand.grouped_over_samples, "the same group of channels in all samples"),
    ("LayerNorm", plain, "dbias", lambda g: g.dy.sum(0) * g.parameters["weight"], "it is multiplied by weight"),
    ("ELU", option(alpha=1.5), "output", alpha_within, "alpha stands within the exponential"),
    ("ScaledDotProductAttention", plain, "dquery", by_hand.over_queries, "runs over the queries"),
    ("ScaledDotProductAttention", plain, "dvalue", by_hand.scaled_value, "it is multiplied by the scale"),
    (
        "LSTM",
        plain,
        "dweight_hh_l0",
        lambda g: by_hand.lstm(g, keeps_f=False),
        "the forget gate is missing in what c hands back",
    ),
    ("LSTM", plain, "dweight_hh_l0", lambda g: by_hand.lstm(g, after=True), "by the c after the moment"),
    ("GRU", plain, "dbias_hh_l0", lambda g: by_hand.gru(g, with_r=False), "r is missing in what n hands back"),
    (
        "GRU",
        plain,
        "dbias_hh_l0",
        lambda g: by_hand.gru(g, sign=-1.0),
        "the derivative by the gate z has the wrong sign",
    ),
    ("CrossEntropyLoss", smoothing, "dx", by_hand.smoothed, "spread over the other classes alone"),
    ("CrossEntropyLoss", smoothing, "dx", share_lost, "the share of the right one is lost"),
    ("NLLLoss", weighted, "dx", unweighted, "the weight of a sample's class is missing in its gradient"),
    ("RNN", with_states, "dweight_hh_l0", rnn_carried, "is not multiplied by the derivative of the nonlinearity"),
    ("LSTM", plain, "output", lstm_with_bias, "1 is added to the sum of the forget gate"),
    ("CrossEntropyLoss", of_two_axes, "dx", cross_entropy_of_all, "it is not divided by the number of losses"),
    ("NLLLoss", of_two_axes, "dx", by_hand.in_every_row, "dx[:, t] in place of dx[range(n), t]"),
    (
        "CrossEntropyLoss",
        option(ignore_index=2),
        "dx",
        by_hand.ignored_too,
        "a target that is to be ignored has a gradient",
    ),
    (
        "CosineEmbeddingLoss",
        plain,
        "dinput1",
        lambda g: by_hand.cosine(g, of_norm=False),
        "the derivative of the norm of input1",
    ),
    (
        "CosineEmbeddingLoss",
        plain,
        "dinput1",
        lambda g: by_hand.cosine(g, of_norm=True),
        "the norm of input1 is not squared",
    ),
    ("GELU", option(approximate="tanh"), "dx", by_hand.gelu, "the factor 3 of the derivative of x^3"),
    ("LogSoftmax", plain, "dx", by_hand.of_softmax, "it is that of the softmax, not of its logarithm"),
    ("NearestUpsampling", option(scale_factor=2), "dx", by_hand.tiled, "the image is repeated as a whole"),
    (
        "ConvTranspose2d",
        plain,
        "dbias",
        lambda g: g.dy[:, :, 1:-1, 1:-1].sum((0, 2, 3)),
        "the outermost pixels of the cotangent are left out",
    ),
    ("Hardtanh", plain, "dx", lambda g: g.dy * (g.x < g.options.get("max_val", 1.0)), "dy is handed on where nothing"),
    ("LeakyReLU", plain, "dx", leaky, "where x < 0, the factor x is one too many"),
    ("KLDivLoss", plain, "dx", lambda g: -g.inputs[1] / g.x.exp() / g.x.numel() * g.dy, "the factor exp(x) is missing"),
]


@pytest.mark.parametrize(("module", "wanted", "quantity", "wrong", "words"), WRITTEN)
def test_the_cause_is_named_first(
    module: str, wanted: Callable[[Case], bool], quantity: str, wrong: ByHand, words: str
) -> None:
    assert words in told_first(module, quantity, wrong, lambda case: wanted(case) and not case.large)


def told_first(module: str, quantity: str, wrong: ByHand, wanted: Callable[[Case], bool]) -> str:
    """Return what is said first of a quantity that is wrong by hand, in the first case that is wanted."""
    case = next(case for case in pages()[module].cases if wanted(case))
    found = explained(Cell(pages()[module], case), quantity, wrong)
    assert found.verdict == "fail"
    return found.diagnosis.split(" or ")[0]


def explained(cell: Cell, quantity: str, wrong: ByHand) -> Parity:
    trial = Trial(cell, Library(quantity, wrong))
    judged, error = CHECKS["values"].judged(trial)
    assert error is None
    (found,) = (record for record in explain(trial, judged) if record.quantity == quantity)
    return found


def test_a_loss_of_few_slopes_is_not_said_to_round_its_input() -> None:
    def unstopped(given: Given) -> Tensor:
        x, target = given.inputs
        return torch.where(target > 0, 1.0, -1.0) / x.numel() * given.dy

    page = pages()["HingeEmbeddingLoss"]
    found = explained(Cell(page, page.cases[0]), "dx", unstopped)
    assert found.verdict == "fail"
    assert "rounded" not in found.diagnosis, found.diagnosis
