"""A library that has one value of an option, or keeps its state elsewhere, is judged by what it has."""

from typing import Any

import numpy as np
import pytest
import torch

from parity.catalogue import pages, written
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.run.first_try import in_dtype
from parity.run.planning import plan
from parity.subjects import adapters as ad
from parity.subjects.contract import Unsupported
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial

STATE = ad.Layout(lambda h: h.squeeze(0), lambda h: h[None])  # torch's states have an axis of layers and directions
OF_RNN = {"weight_ih_l0": "W", "weight_hh_l0": "U", "bias_ih_l0": "b", "bias_hh_l0": "c"}


class Walk:
    """A recurrent layer of NumPy, of tanh alone."""

    def __init__(self, inputs: int, units: int) -> None:
        self.W, self.U = np.zeros((units, inputs)), np.zeros((units, units))
        self.b, self.c = np.zeros(units), np.zeros(units)

    def forward(self, x: Any) -> Any:
        self.x, self.h = x, [np.zeros((x.shape[1], len(self.b)), x.dtype)]
        for x_t in x:
            self.h.append(np.tanh(x_t @ self.W.T + self.b + self.h[-1] @ self.U.T + self.c))
        return np.stack(self.h[1:]), self.h[-1]

    def backward(self, dys: Any) -> Any:
        dy, dh = dys
        for name in "WUbc":
            setattr(self, f"d{name}", np.zeros_like(getattr(self, name)))
        dx = np.zeros_like(self.x)
        for t in reversed(range(len(dx))):
            dz = (dy[t] + dh) * (1 - self.h[t + 1] ** 2)
            self.dW += dz.T @ self.x[t]
            self.dU += dz.T @ self.h[t]
            self.db += dz.sum(0)
            self.dc += dz.sum(0)
            dx[t], dh = dz @ self.W, dz @ self.U
        return dx


class Gelu:
    """The approximation by tanh, and no other."""

    def __init__(self, approximate: str) -> None:
        assert approximate == "tanh"

    def forward(self, x: Any) -> Any:
        self.x = torch.as_tensor(x).clone().requires_grad_()
        self.y = torch.nn.functional.gelu(self.x, approximate="tanh")
        return self.y.detach().numpy()

    def backward(self, dy: Any) -> Any:
        return torch.autograd.grad(self.y, self.x, torch.as_tensor(dy))[0].numpy()


class Norm:
    """Batch normalisation in training, which keeps its statistics in a dictionary."""

    biased = False

    def __init__(self, features: int, eps: float, momentum: float) -> None:
        self.g, self.s = np.ones(features), np.zeros(features)
        self.kept = {"mean": np.zeros(features), "var": np.ones(features)}
        self.eps, self.momentum = eps, momentum

    def forward(self, x: Any) -> Any:
        mean, var, n = x.mean(0), x.var(0), len(x)
        for name, new in (("mean", mean), ("var", var if self.biased else var * n / (n - 1))):
            self.kept[name] = (1 - self.momentum) * self.kept[name] + self.momentum * new
        self.scale = np.sqrt(var + self.eps)
        self.z = (x - mean) / self.scale
        return self.g * self.z + self.s

    def backward(self, dy: Any) -> Any:
        self.dg, self.ds, d = (dy * self.z).sum(0), dy.sum(0), dy * self.g
        return (d - d.mean(0) - self.z * (d * self.z).mean(0)) / self.scale


class Biased(Norm):
    biased = True


class Mixed(Norm):
    def __init__(self, features: int, eps: float, momentum: float) -> None:
        super().__init__(features, eps, 1 - momentum)


def recurrent() -> ad.Library:
    convention = ad.Convention(
        forward=lambda layer, x: layer.forward(x),
        backward=lambda layer, dys, *_: layer.backward(dys),
        places=ad.attributes(**{name: (own, f"d{own}") for name, own in OF_RNN.items()}),
        arrays=ad.NUMPY.only("float64", "float32"),
        layouts={"RNN.h_n": STATE},
        accumulates=False,
    )
    table = {"RNN": lambda input_size, hidden_size: Walk(input_size, hidden_size)}
    return ad.Library("walk", table, convention, only={"RNN": {"rank": (3,)}})


def by_tanh() -> ad.Library:
    convention = ad.Convention(places=ad.none(), arrays=ad.NUMPY.only("float64", "float32"))
    return ad.Library("gelu", {"GELU": Gelu}, convention, only={"GELU": {"approximate": ("tanh",)}})


def normalising(norm: type[Norm], var: str = "kept.var") -> ad.Library:
    convention = ad.Convention(
        places=ad.attributes(weight=("g", "dg"), bias=("s", "ds")),
        arrays=ad.NUMPY.only("float64", "float32"),
        buffers={"running_mean": "kept.mean", "running_var": var},
        accumulates=False,
    )
    table = {"BatchNorm1d": lambda num_features, eps, momentum: norm(num_features, eps, momentum)}
    return ad.Library("norm", table, convention, only={"BatchNorm1d": {"rank": (2,), "momentum": float}})


def first_verdicts(subject: ad.Library, module: str) -> dict[str, str]:
    """Return what comes of the first case that is planned, as `doctor` tries it."""
    page = plan(subject, written()[module], {}).page
    judged, error = CHECKS["values"].judged(Trial(Cell(page, page.cases[0], "values", dtype="float32"), subject))
    if isinstance(error, Unsupported):
        raise error
    return {one.record.quantity: one.record.verdict for one in judged}


@pytest.mark.parametrize(
    ("subject", "module"), [(recurrent(), "RNN"), (by_tanh(), "GELU"), (normalising(Norm), "BatchNorm1d")]
)
def test_what_it_has_is_compared_and_right(subject: ad.Library, module: str) -> None:
    verdicts = first_verdicts(subject, module)
    assert {"output", "dx"} <= verdicts.keys()
    assert set(verdicts.values()) <= {"pass", "same-route", "unsupported"}


def test_statistics_that_are_not_where_the_adapter_says_are_told_with_the_nearest_name() -> None:
    subject = normalising(Norm, "kept.varr")
    assert first_verdicts(subject, "BatchNorm1d")["running_var"] == "unsupported"
    page = plan(subject, written()["BatchNorm1d"], {}).page
    (note,) = in_dtype(subject, page, "float32").notes
    assert note == "running_var: the dictionary has no varr; did you mean var? (in kept.varr)"
    assert not in_dtype(normalising(Norm), page, "float32").notes


def test_statistics_in_a_dictionary_are_judged() -> None:
    wrong = first_verdicts(normalising(Biased), "BatchNorm1d")
    assert wrong["running_mean"] in ("pass", "same-route")
    assert wrong["running_var"] == "fail"
    assert first_verdicts(normalising(Norm), "BatchNorm1d")["running_var"] in ("pass", "same-route")


class Rows:
    """A softmax of the last axis."""

    def forward(self, x: Any) -> Any:
        e = np.exp(x - x.max(-1, keepdims=True))
        self.y = e / e.sum(-1, keepdims=True)
        return self.y

    def backward(self, dy: Any) -> Any:
        return self.y * (dy - (dy * self.y).sum(-1, keepdims=True))


def rows(x: Any) -> tuple[Any, Rows]:
    layer = Rows()
    return layer.forward(x), layer


@pytest.mark.parametrize("entry", [Rows, ad.of_pair(rows, lambda dy, layer: layer.backward(dy))], ids=["class", "pair"])
def test_an_option_of_one_value_need_not_be_taken(entry: Any) -> None:
    convention = ad.Convention(places=ad.none(), arrays=ad.NUMPY.only("float64", "float32"))
    subject = ad.Library("rows", {"Softmax": entry}, convention, only={"Softmax": {"dim": (-1,)}})
    verdicts = first_verdicts(subject, "Softmax")
    assert set(verdicts) == {"output", "dx"}
    assert set(verdicts.values()) <= {"pass", "same-route"}
    with pytest.raises(Unsupported, match="has only dim=-1, not 0"):
        subject.build("Softmax", {"dim": 0}, {}, torch.device("cpu"), torch.float32)


@pytest.mark.parametrize(
    ("norm", "words"), [(Biased, "is divided by n, not by n - 1"), (Mixed, "momentum and 1 - momentum are exchanged")]
)
def test_how_statistics_are_kept_is_told(norm: type[Norm], words: str) -> None:
    subject = normalising(norm)
    page = plan(subject, written()["BatchNorm1d"], {}).page
    trial = Trial(Cell(page, page.cases[0], "values", dtype="float32"), subject)
    judged, _ = CHECKS["values"].judged(trial)
    (found,) = (record for record in explain(trial, judged) if record.quantity == "running_var")
    assert words in found.diagnosis


def exact_softplus(x: Any, beta: float) -> Any:
    return np.logaddexp(0, beta * x) / beta


def its_slope(dy: Any, x: Any, beta: float) -> Any:
    with np.errstate(over="ignore"):
        return dy / (1 + np.exp(-beta * x))


@pytest.mark.parametrize(("slip", "fails"), [(1.0, False), (1 + 1e-8, True)])
def test_softplus_without_a_threshold_is_right_in_every_digit(slip: float, fails: bool) -> None:
    pair = ad.of_pair(exact_softplus, lambda dy, x, beta: slip * its_slope(dy, x, beta))
    subject = ad.Library("softplus", {"Softplus": pair}, ad.Convention(arrays=ad.NUMPY.only("float64")))
    page = plan(subject, pages()["Softplus"], {}).page
    wide = next(case for case in page.cases if case.widely)
    found = set()
    for regime in ("normal", "heavy-tailed", "huge"):
        judged, _ = CHECKS["values"].judged(Trial(Cell(page, wide, "values", dtype="float64", regime=regime), subject))
        found |= {one.record.quantity for one in judged if one.fails}
    assert found == ({"dx"} if fails else set())
