"""Slips in loops: over moments, over pixels of a kernel, and in what a loop keeps. Each is named first."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue import pages
from parity.verdict.cell import Cell
from tests.diagnosis.by_hand import ByHand, Given, by_channel
from tests.diagnosis.test_by_hand import explained

Slope = Callable[[Tensor], Tensor]


def rnn(quantity: str, assigned: bool = False, before: bool = False, slope: Slope = lambda y: 1 - y * y) -> ByHand:
    """Return a gradient of one layer, backwards through time."""

    def gradient(given: Given) -> Tensor:
        x, h = given.inputs[0], given.inputs[1][0]
        dy, dh_n = given.dys
        p, tape = given.parameters, []
        for x_t in x:
            after = (x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).tanh()
            tape.append((h, after))
            h = after
        found = {f"d{name}": torch.zeros_like(value) for name, value in p.items()} | {"dx": torch.zeros_like(x)}
        dh = dh_n[0]
        for t in reversed(range(len(x))):
            kept, y = tape[t]
            ds = (dh + dy[t]) * slope(y)
            parts = {
                "dweight_ih_l0": ds.T @ x[t - 1 if before else t],
                "dweight_hh_l0": ds.T @ kept,
                "dbias_ih_l0": ds.sum(0),
                "dbias_hh_l0": ds.sum(0),
            }
            for name, part in parts.items():
                found[name] = part if assigned else found[name] + part
            found["dx"][t] = ds @ p["weight_ih_l0"]
            dh = ds @ p["weight_hh_l0"]
        return found[quantity]

    return gradient


def last_tap(given: Given) -> Tensor:
    """dx of a transposed convolution that is assigned in a loop over the kernel."""
    weight = given.parameters["weight"]
    kept = torch.zeros_like(weight)
    kept[:, :, -1, -1] = weight[:, :, -1, -1]
    return functional.conv2d(given.dy, kept)


def without_last_row(given: Given) -> Tensor:
    kept = given.parameters["weight"].clone()
    kept[:, :, -1] = 0
    return functional.conv2d(given.dy, kept)


def patches_of_pixels(given: Given) -> Tensor:
    """Return a convolution whose patches are laid out (row, column, channel), the kernel (channel, row, column)."""
    weight, bias, x = given.parameters["weight"], given.parameters["bias"], given.x
    rows, columns = (extent - k + 1 for extent, k in zip(x.shape[2:], weight.shape[2:], strict=True))
    patches = functional.unfold(x, weight.shape[2:]).view(len(x), x.shape[1], -1, rows * columns)
    product = weight.flatten(1) @ patches.transpose(1, 2).flatten(1, 2)
    return product.view(len(x), -1, rows, columns) + bias[:, None, None]


def written_over(quantity: str) -> ByHand:
    """Return a gradient of an instance norm whose x normalised has become y in place."""

    def gradient(given: Given) -> Tensor:
        x, weight, bias = given.x, *(by_channel(given.parameters[name], given.x) for name in ("weight", "bias"))
        off = x - x.mean((2, 3), keepdim=True)
        deviation = (off.square().mean((2, 3), keepdim=True) + given.options.get("eps", 1e-5)).sqrt()
        kept, g = off / deviation * weight + bias, given.dy * weight
        if quantity == "dweight":
            return (given.dy * kept).sum((0, 2, 3))
        return (g - g.mean((2, 3), keepdim=True) - kept * (g * kept).mean((2, 3), keepdim=True)) / deviation

    return gradient


def turned_round(given: Given) -> Tensor:
    """Return attention in which a query sees the keys from its own on."""
    q, k, v = given.inputs[:3]
    scores = q @ k.mT * (given.options.get("scale") or 1 / math.sqrt(q.shape[-1]))
    seen = torch.ones(scores.shape[-2:], dtype=torch.bool).triu()
    return scores.masked_fill(~seen, -math.inf).softmax(-1) @ v


WRITTEN = [
    (
        "RNN",
        "dweight_ih_l0",
        rnn("dweight_ih_l0", assigned=True),
        "of the parameters the first moment alone is counted",
    ),
    ("RNN", "dbias_hh_l0", rnn("dbias_hh_l0", assigned=True), "of the parameters the first moment alone is counted"),
    ("RNN", "dweight_ih_l0", rnn("dweight_ih_l0", before=True), "weight_ih meets the x of the moment before"),
    ("RNN", "dx", rnn("dx", slope=lambda y: (1 - y) ** 2), "the slope of tanh is taken as (1 - y)²"),
    (
        "RNN",
        "dweight_hh_l0",
        rnn("dweight_hh_l0", slope=lambda y: y * (1 - y)),
        "the slope of tanh is taken as y (1 - y)",
    ),
    ("ConvTranspose2d", "dx", last_tap, "the last pixel alone counts: what the others give is written over"),
    ("ConvTranspose2d", "dx", without_last_row, "the last row of the kernel of weight is left out"),
    ("Conv2d", "output", patches_of_pixels, "weight is read in the order of its axes (0, 2, 3, 1)"),
    ("InstanceNorm2d", "dx", written_over("dx"), "y stands where x normalised belongs"),
    ("InstanceNorm2d", "dweight", written_over("dweight"), "y stands where x normalised belongs"),
    ("ScaledDotProductAttention", "output", turned_round, "the causal mask is turned round"),
]


@pytest.mark.parametrize(("module", "quantity", "wrong", "words"), WRITTEN)
def test_the_cause_is_named_first(module: str, quantity: str, wrong: ByHand, words: str) -> None:
    page = pages()[module]
    case = next(
        case
        for case in page.cases
        if module != "ScaledDotProductAttention" or (case.options.get("is_causal") and len(case.others) == 2)
    )
    found = explained(Cell(page, case), quantity, wrong)
    assert found.verdict == "fail"
    told = found.diagnosis.split(" or ")[0]
    assert words in told, found.diagnosis
