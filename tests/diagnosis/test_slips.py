"""Slips in loops, in heads and gates, and two at once: each is named first."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue import pages
from parity.catalogue.page import Case
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


def squashed(value: Tensor, function: Slope, slope: Slope) -> Tensor:
    """Return a function of a value, with a slope in terms of what it gives."""
    y = function(value).detach()
    return y + slope(y) * (value - value.detach())


def lstm(given: Given) -> Tensor:
    """dweight_hh of one layer: the slope of the output gate lacks y, that of tanh at c is (1 - y)²."""
    x, h, c = given.inputs[0], given.inputs[1][0], given.inputs[2][0]
    p = given.parameters
    weight, ys = p["weight_hh_l0"].detach().clone().requires_grad_(), []
    for x_t in x:
        a, b, g, o = (x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ weight.T + p["bias_hh_l0"]).chunk(4, 1)
        c = b.sigmoid() * c + a.sigmoid() * g.tanh()
        h = squashed(o, torch.sigmoid, lambda y: 1 - y) * squashed(c, torch.tanh, lambda y: (1 - y) ** 2)
        ys.append(h)
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(
            [torch.stack(ys), h, c], [weight], [given.dys[0], *(d[0] for d in given.dys[1:])]
        )
    return gradient


def heads(given: Given, split: bool = True, width: int = 3) -> Tensor:
    """Return attention of two heads of three features, queries (L, N, 6): without an exchange, of another scale."""
    p = given.parameters
    weights, biases = p["in_proj_weight"].chunk(3), p["in_proj_bias"].chunk(3)
    parts = []
    for x, weight, bias in zip(given.inputs, weights, biases, strict=False):
        y = x.transpose(0, 1) @ weight.T + bias
        shape = (len(y), -1, 2, 3) if split else (len(y), 2, -1, 3)
        parts.append(y.reshape(shape).transpose(1, 2) if split else y.reshape(shape))
    q, k, v = parts
    y = (q @ k.mT / math.sqrt(width)).softmax(-1) @ v
    y = (y.transpose(1, 2) if split else y).reshape(len(y), -1, 6)
    return (y @ p["out_proj.weight"].T + p["out_proj.bias"]).transpose(0, 1)


def back_by_the_other(given: Given) -> Tensor:
    """dquery where features become heads by a reshape alone, of the cotangent too, and heads features as is right."""
    p, query = given.parameters, given.inputs[0]
    weights, biases = p["in_proj_weight"].chunk(3), p["in_proj_bias"].chunk(3)
    q, k, v = (
        (x.transpose(0, 1) @ weight.T + bias).reshape(x.shape[1], 2, -1, 3)
        for x, weight, bias in zip(given.inputs, weights, biases, strict=False)
    )
    attended = (q @ k.mT / math.sqrt(3)).softmax(-1)
    of_shown = 0.0 if given.dys[1] is None else given.dys[1].unsqueeze(1) / 2
    dy = (given.dy.transpose(0, 1) @ p["out_proj.weight"]).reshape(q.shape)
    back = dy @ v.mT + of_shown
    dq = attended * (back - (attended * back).sum(-1, keepdim=True)) @ k / math.sqrt(3)
    return (dq.transpose(1, 2).flatten(2) @ weights[0]).transpose(0, 1).reshape(query.shape)


def begun_earlier(given: Given) -> Tensor:
    """Return a transposed convolution whose output padding stands before all that it reaches."""
    o, (weight, bias) = given.options, (given.parameters[name] for name in ("weight", "bias"))
    whole = functional.conv_transpose2d(given.x, weight, None, o.get("stride", 1), dilation=o.get("dilation", 1))
    more, cut = o["output_padding"], o.get("padding", 0)
    y = functional.pad(whole, (more, 0, more, 0)) + bias[:, None, None]
    return y[:, :, cut : y.shape[2] - cut, cut : y.shape[3] - cut]


def by_variance(given: Given) -> Tensor:
    x, eps = given.x, given.options.get("eps") or torch.finfo(given.x.dtype).eps
    return x / (x.var(-1, correction=0, keepdim=True) + eps).sqrt() * given.parameters["weight"]


def mish(given: Given) -> Tensor:
    """dx whose slope of tanh is taken at x."""
    t = functional.softplus(given.x).tanh()
    return given.dy * (t + given.x * torch.sigmoid(given.x) * (1 - given.x.tanh() ** 2))


def in_whole_numbers(given: Given) -> Tensor:
    """dx of a Hardswish, divided by //."""
    x = given.x
    return given.dy * torch.where(x <= -3, 0.0, torch.where(x < 3, (2 * x + 3) // 6, 1.0))


def jacobian(given: Given) -> Tensor:
    y = given.x.softmax(given.options["dim"])
    return y * given.dy - y * y * given.dy.sum(given.options["dim"], keepdim=True)


SCALED = "the scores are divided by the root of the whole width"
BOTH = "the slope of the gate o is taken as 1 - y, y being its value; and the slope of tanh at c is taken as (1 - y)²"
WRITTEN = [
    ("LSTM", "dweight_hh_l0", lstm, f"two things are otherwise: {BOTH}"),
    ("MultiheadAttention", "output", lambda g: heads(g, split=False), "by a reshape alone"),
    ("MultiheadAttention", "output", lambda g: heads(g, width=6), SCALED),
    ("MultiheadAttention", "output", lambda g: heads(g, False, 6), "two things are otherwise: heads are split"),
    ("MultiheadAttention", "dquery", back_by_the_other, "heads are split by a reshape alone, on the way back too"),
    ("ConvTranspose2d", "output", begun_earlier, "the output padding stands at the start"),
    ("RMSNorm", "output", by_variance, "by the root of the variance, not of the mean of the squares"),
    ("Mish", "dx", mish, "is taken at x in place of"),
    ("Hardswish", "dx", in_whole_numbers, "is rounded down to a whole number"),
    ("Softmax", "dx", jacobian, "the Jacobian has y_i (δ - y_i) in place of y_i (δ - y_j)"),
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


WANTED: dict[ByHand, Callable[[Case], bool]] = {
    turned_round: lambda case: bool(case.options.get("is_causal")) and len(case.others) == 2,
    begun_earlier: lambda case: (
        {type(value) for value in case.options.values()} == {int}
        and bool(case.options.get("output_padding") and case.options.get("padding"))
    ),
}


@pytest.mark.parametrize(("module", "quantity", "wrong", "words"), WRITTEN)
def test_the_cause_is_named_first(module: str, quantity: str, wrong: ByHand, words: str) -> None:
    page = pages()[module]
    case = next(case for case in page.cases if WANTED.get(wrong, lambda _: True)(case))
    found = explained(Cell(page, case), quantity, wrong)
    assert found.verdict == "fail"
    told = found.diagnosis.split(" or ")[0]
    assert words in told, found.diagnosis
