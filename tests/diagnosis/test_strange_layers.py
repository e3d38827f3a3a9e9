"""Layers as they are written by hand, each with one thing wrong: its cause is named first."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue import pages
from parity.catalogue.page import Case
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from tests.diagnosis.test_explanations import Fault, Subject

PADDED = Case("padded", (2, 3, 4, 5), {"kernel_size": 2, "stride": 1, "padding": 1})
Parameters = Mapping[str, Tensor]
Written = Callable[..., Any]  # of parameters, options and inputs: the output, or several


class Layer:
    """A layer that gives what one function does, and the gradients of another."""

    def __init__(self, value: Written, slope: Written, options: Mapping[str, Any], parameters: Parameters) -> None:
        self.value, self.slope, self.options = value, slope, options
        self.leaves = {name: one.clone().requires_grad_() for name, one in parameters.items()}
        self.zero_grad()

    def forward(self, *inputs: Tensor | None) -> Any:
        self.given = [None if one is None else one.detach().clone().requires_grad_() for one in inputs]
        with torch.no_grad():
            return self.value(self.leaves, self.options, *self.given)

    def backward(self, *dys: Any) -> Any:
        with torch.enable_grad():
            y = self.slope(self.leaves, self.options, *self.given)
        ys = y if isinstance(y, tuple) else (y,)
        used = [(one, dy) for one, dy in zip(ys, dys, strict=True) if dy is not None]
        of_inputs = [one for one in self.given if one is not None]
        wanted = [*of_inputs, *self.leaves.values()]
        found = torch.autograd.grad([y for y, _ in used], wanted, [dy for _, dy in used], materialize_grads=True)
        for name, grad in zip(self.leaves, found[len(of_inputs) :], strict=True):
            self.kept[name] = self.kept[name] + grad
        return found[0] if len(of_inputs) == 1 else found[: len(of_inputs)]

    def gradients(self) -> dict[str, Tensor]:
        return dict(self.kept)

    def zero_grad(self) -> None:
        self.kept = {name: torch.zeros_like(one) for name, one in self.leaves.items()}


class Hand:
    """A library of one layer."""

    name, explains = "hand", False

    def __init__(self, value: Written, slope: Written | None = None) -> None:
        self.value, self.slope = value, slope or value

    def build(self, _: str, options: Mapping[str, Any], parameters: Parameters, *__: Any) -> Layer:
        return Layer(self.value, self.slope, options, parameters)


def conv(p: Parameters, _: Any, x: Tensor) -> Tensor:
    return functional.conv1d(x, p["weight"], p["bias"])


def turned(p: Parameters, _: Any, x: Tensor) -> Tensor:
    return functional.conv1d(x, p["weight"].flip(2), p["bias"])


def strided(p: Parameters, o: Any, x: Tensor) -> Tensor:
    return functional.conv2d(x, p["weight"], p["bias"], o["stride"])


def half_strided(p: Parameters, o: Any, x: Tensor) -> Tensor:
    """The windows of a weight's gradient start at every column."""
    rows, width = functional.conv2d(x, p["weight"], p["bias"], (o["stride"], 1)), strided(p, o, x).shape[3]
    return rows[:, :, :, :width]


def normalised(x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    off = x - x.mean(axes, keepdim=True)
    return off / (off.square().mean(axes, keepdim=True) + eps).sqrt()


def by_channel(p: Parameters, z: Tensor) -> Tensor:
    return p["weight"].view(1, -1, 1, 1) * z + p["bias"].view(1, -1, 1, 1)


def dealt(p: Parameters, o: Any, x: Tensor) -> Tensor:
    groups = x.reshape(len(x), -1, o["num_groups"], *x.shape[2:])
    return by_channel(p, normalised(groups, (1, 3, 4), o.get("eps", 1e-5)).reshape(x.shape))


def of_rows(p: Parameters, o: Any, x: Tensor) -> Tensor:
    return by_channel(p, normalised(x, (0, 2), o.get("eps", 1e-5)))


def gated(_: Any, o: Any, x: Tensor) -> Tensor:
    a, b = x.chunk(2, o.get("dim", -1))
    return torch.sigmoid(a) * b


def pooled(_: Any, o: Any, x: Tensor) -> Tensor:
    return functional.max_pool2d(x, o["kernel_size"], o.get("stride"), o.get("padding", 0))


def askew(_: Any, o: Any, x: Tensor) -> Tensor:
    """The pixel at the transposed place of the maximum in each window."""
    k = o["kernel_size"]
    s = o.get("stride") or k
    _, at = functional.max_pool2d(x, k, s, return_indices=True)
    top, left = s * torch.arange(at.shape[2])[:, None], s * torch.arange(at.shape[3])[None]
    other = (top + at % x.shape[3] - left) * x.shape[3] + left + at // x.shape[3] - top
    return x.flatten(2).gather(2, other.flatten(2)).view(at.shape)


def zero_padded(_: Any, o: Any, x: Tensor) -> Tensor:
    return functional.max_pool2d(functional.pad(x, [o["padding"]] * 4), o["kernel_size"], o.get("stride"))


def attended(q: Tensor, k: Tensor, v: Tensor, diagonal: int | None = None) -> Tensor:
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    hidden = torch.ones_like(scores, dtype=torch.bool).triu(diagonal or 0)
    return (scores if diagonal is None else scores.masked_fill(hidden, -torch.inf)).softmax(-1) @ v


def unscaled_key(k: Tensor) -> Tensor:
    return k.detach() + math.sqrt(k.shape[-1]) * (k - k.detach())


def long_memory(p: Parameters, _: Any, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
    """An LSTM that begins with c of zeros."""
    lstm = torch.nn.LSTM(x.shape[2], h.shape[2]).to(x.dtype)
    y, (h_n, c_n) = torch.func.functional_call(lstm, dict(p), (x, (h, 0 * c)))
    return y, h_n, c_n


def gates(p: Parameters, x: Tensor, h: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    of_x = x @ p["weight_ih_l0"].T + p["bias_ih_l0"]
    return of_x.chunk(3, -1), (h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).chunk(3, -1)


def other_way(p: Parameters, _: Any, x: Tensor, h0: Tensor) -> tuple[Tensor, Tensor]:
    """A GRU whose update gate counts what is new."""
    h, found = h0[0], []
    for x_t in x:
        (a, b, c), (d, e, f) = gates(p, x_t, h)
        z, n = torch.sigmoid(b + e), torch.tanh(c + torch.sigmoid(a + d) * f)
        h = z * n + (1 - z) * h
        found.append(h)
    return torch.stack(found), h[None]


def bias_apart(p: Parameters, _: Any, x: Tensor, h0: Tensor) -> tuple[Tensor, Tensor]:
    """A GRU that adds the bias of h to n itself."""
    h, found, bias = h0[0], [], p["bias_hh_l0"].chunk(3)[2]
    for x_t in x:
        (a, b, c), (d, e, f) = gates(p, x_t, h)
        z, n = torch.sigmoid(b + e), torch.tanh(c + bias + torch.sigmoid(a + d) * (f - bias))
        h = (1 - z) * n + z * h
        found.append(h)
    return torch.stack(found), h[None]


BORDERED = Case("bordered", x=(2, 3, 6, 5), options={"kernel_size": 2, "stride": 1, "padding": 1})


def named(module: str, wanted: Callable[[Case], bool]) -> Case:
    return next(case for case in (*pages()[module].cases, BORDERED) if wanted(case) and not case.large)


def plain(_: Case) -> bool:
    return True


CAUSAL = named("ScaledDotProductAttention", lambda case: case.options.get("is_causal") and len(case.others) == 2)
STRIDED = {"in_channels", "out_channels", "kernel_size", "stride"}
WRITTEN = [
    ("Conv1d", plain, "dx", Hand(conv, turned), "the kernel of weight is flipped"),
    (
        "Conv2d",
        lambda case: case.options.keys() == STRIDED and case.options["stride"] == 2,
        "dweight",
        Hand(strided, half_strided),
        "the option stride is ignored along the columns",
    ),
    ("GroupNorm", plain, "output", Hand(dealt), "dealt to the groups in turn"),
    ("GroupNorm", plain, "dx", Hand(dealt), "dealt to the groups in turn"),
    ("BatchNorm2d", plain, "output", Hand(of_rows), "over samples and rows, not columns"),
    ("GLU", plain, "output", Hand(gated), "the halves of x are exchanged"),
    ("GLU", plain, "dx", Hand(gated), "the halves of x are exchanged"),
    ("MaxPool2d", plain, "dx", Hand(pooled, askew), "the transposed place in each window"),
    (
        "MaxPool2d",
        lambda case: case is BORDERED,
        "output",
        Hand(zero_padded),
        "zeros that take part in the maximum",
    ),
    (
        "ScaledDotProductAttention",
        lambda case: case is CAUSAL,
        "output",
        Hand(lambda _, __, q, k, v: attended(q, k, v, 2)),
        "a query sees the key after its own",
    ),
    (
        "ScaledDotProductAttention",
        plain,
        "dkey",
        Hand(lambda _, __, *qkv: attended(*qkv), lambda _, __, q, k, v: attended(q, unscaled_key(k), v)),
        "is left out of it",
    ),
    ("LSTM", plain, "output", Hand(long_memory), "c0 is not looked at"),
    ("GRU", plain, "output", Hand(other_way), "z and 1 - z are exchanged"),
    ("GRU", plain, "output", Hand(bias_apart), "bias_hh of n is added after the product with r"),
    ("GRU", plain, "dweight_hh_l0", Hand(bias_apart), "bias_hh of n is added after the product with r"),
]


@pytest.mark.parametrize(("module", "wanted", "quantity", "hand", "words"), WRITTEN)
def test_the_cause_is_named(module: str, wanted: Callable[[Case], bool], quantity: str, hand: Hand, words: str) -> None:
    trial = Trial(Cell(pages()[module], named(module, wanted)), hand)
    judged, _ = CHECKS["values"].judged(trial)
    (found,) = (record for record in explain(trial, judged) if record.quantity == quantity)
    assert found.verdict == "fail"
    assert words in found.diagnosis, found.diagnosis


def slope_of_elu(_: Tensor, seen: Mapping[str, Tensor]) -> Tensor:
    x, dy = seen["x"], seen["dy"]
    return dy * torch.where(x > 0, torch.ones_like(x), functional.elu(x, 1.5) + 1)


def slope_alone_below(value: Tensor, seen: Mapping[str, Tensor]) -> Tensor:
    return torch.where(seen["x"] > 0, value, value / seen["dy"])


def few_digits(_: Tensor, seen: Mapping[str, Tensor]) -> Tensor:
    x = seen["x"]
    return 0.5 * x * (1 + torch.tanh(0.79788 * (x + 0.044715 * x**3)))


@pytest.mark.parametrize(
    ("module", "quantity", "regime", "fault", "words"),
    [
        ("ELU", "dx", "normal", slope_of_elu, "alpha is left out of the derivative"),
        ("SELU", "dx", "normal", lambda value, _: value / 1.0507009873554805, "the factor scale, 1.0507, is missing"),
        ("LeakyReLU", "dx", "normal", slope_alone_below, "the cotangent's factor is missing where x < 0"),
        ("Softplus", "dx", "normal", lambda value, _: value * 2, "multiplied by the option beta"),
        ("Dropout", "dx", "normal", lambda value, _: value / 2, "multiplied by 1 - p"),
        (
            "Hardsigmoid",
            "output",
            "normal",
            lambda _, seen: (0.2 * seen["x"] + 0.5).clamp(0, 1),
            "another hard sigmoid",
        ),
        ("GELU", "output", "normal", few_digits, "sqrt(2 / pi) is taken as 0.79788"),
        ("LogSigmoid", "output", "huge", lambda _, seen: torch.sigmoid(seen["x"]).log(), "log of 0"),
        (
            "Softplus",
            "output",
            "huge",
            lambda _, seen: (1 + (2 * seen["x"]).exp()).log() / 2,
            "it is log(1 + exp(x))",
        ),
    ],
)
def test_the_cause_is_named_of_one_quantity(module: str, quantity: str, regime: str, fault: Fault, words: str) -> None:
    page = pages()[module]
    trial = Trial(Cell(page, page.cases[0], regime=regime), Subject(quantity, fault))
    judged, _ = CHECKS["values"].judged(trial)
    (found,) = (record for record in explain(trial, judged) if record.quantity == quantity)
    assert found.verdict == "fail"
    assert words in found.diagnosis, found.diagnosis


def test_what_is_wrong_at_infinity_alone_speaks_of_an_exponential_only_where_there_is_one() -> None:
    trial = Trial(Cell(pages()["MaxPool2d"], PADDED, regime="not-finite"), load("framework"))
    got = trial.observe(trial.build())
    got["dx"] = torch.where(trial.drawn.x.isneginf(), torch.nan, got["dx"])
    said = {record.quantity: record for record in explain(trial, trial.judge(got))}
    assert said["dx"].verdict == "fail"
    assert "exp" not in said["dx"].diagnosis
