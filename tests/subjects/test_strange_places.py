"""Parameters are found in whatever order and nesting a library keeps them, and are held to be live there."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from parity.catalogue import pages
from parity.run.first_try import first_try
from parity.subjects import adapters as ad
from parity.subjects.contract import Stateful
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from tests.subjects import tiny_libraries
from tests.subjects.strange_layers import Dense, found, subject_of


class Kernel:
    """A convolution whose kernel lies in another order, or turned; its pairs are live."""

    layout = ad.SAME
    slip = 1.0

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        own = torch.zeros(out_channels, in_channels, kernel_size, kernel_size)
        self.w, self.b = self.layout.into(own).clone(), torch.zeros(out_channels)
        self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)

    def forward(self, x: Any) -> Any:
        self.x = x
        return torch.conv2d(x, self.layout.back(self.w), self.b)

    def backward(self, dy: Any) -> Any:
        shape, w = self.layout.back(self.w).shape, self.layout.back(self.w)
        self.dw += self.layout.into(self.slip * torch.nn.grad.conv2d_weight(self.x, shape, dy))
        self.db += dy.sum((0, 2, 3))
        return torch.nn.grad.conv2d_input(self.x.shape, w, dy)

    def zero_grad(self) -> None:
        self.dw.zero_(), self.db.zero_()

    def param(self) -> Any:
        return [(self.w, self.dw), (self.b, self.db)]


class Stale(Kernel):
    def param(self) -> Any:
        return [(self.w, self.dw.clone()), (self.b, self.db)]


LAYOUTS = {
    "HWIO": ad.HWIO,
    "OHWI": ad.OHWI,
    "IOHW": ad.IOHW,
    "flipped": ad.FLIPPED,
    "flipped HWIO": ad.FLIPPED.then(ad.HWIO),
}


def convolution(kernel: type[Kernel], layout: ad.Layout, **traits: Any) -> ad.Library:
    made = type("Conv", (kernel,), {"layout": layout, **traits})
    convention = ad.Convention(layouts={"Conv2d.weight": layout})
    return ad.Library("strange", {"Conv2d": made}, convention, only={"Conv2d": {"kernel_size": int}})


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_kernel_in_another_order_keeps_the_checks_of_live_parameters(name: str) -> None:
    subject, page = convolution(Kernel, LAYOUTS[name]), pages()["Conv2d"]
    assert isinstance(Trial(Cell(page, page.cases[0]), subject).build(), Stateful)
    for check in ("values", "accumulates", "state", "leaves-alone"):
        verdicts, error = found(subject, check, "Conv2d")
        assert error is None, (check, error)
        assert set(verdicts.values()) <= {"pass", "same-route"}, (check, verdicts)
    assert "param()" in found(subject, "accumulates", "Conv2d")[0]


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_list_that_does_not_stay_true_is_found_in_every_order(name: str) -> None:
    verdicts, _ = found(convolution(Stale, LAYOUTS[name]), "accumulates", "Conv2d")
    assert verdicts["param()"] == "fail"
    verdicts, _ = found(convolution(Kernel, LAYOUTS[name], slip=1.001), "values", "Conv2d")
    assert verdicts["dweight"] == "fail"


NESTED: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "lists": (ad.nested(), lambda m: [[m.W, m.dW], [m.b, m.db]]),
    "lists of lists": (ad.nested(), lambda m: [[[m.W, m.dW]], [[m.b, m.db]]]),
    "bias first": (ad.nested(order=("bias", "weight")), lambda m: [[[m.b, m.db], [m.W, m.dW]]]),
    "list of dictionaries": (ad.nested(), lambda m: [{"value": m.W, "grad": m.dW}, {"value": m.b, "grad": m.db}]),
    "a dictionary a layer": (
        ad.nested(weight=("W", "dW"), bias=("b", "db")),
        lambda m: [{"b": m.b, "W": m.W, "db": m.db, "dW": m.dW}],
    ),
    "dictionary of dictionaries": (
        ad.nested(),
        lambda m: {"bias": {"value": m.b, "grad": m.db}, "weight": {"value": m.W, "grad": m.dW}},
    ),
    "dictionary of pairs": (ad.nested(), lambda m: {"W": (m.W, m.dW), "b": (m.b, m.db)}),
}


def live(shown: Callable[[Any], Any], slip: float = 1.0) -> type[Dense]:
    """Return a layer that has gradients from the start, and shows its parameters in some nesting."""

    class Live(Dense):
        def __init__(self, in_features: int, out_features: int) -> None:
            super().__init__(in_features, out_features)
            self.W, self.b = self.W.astype(np.float32), self.b.astype(np.float32)
            self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

        def backward(self, dy: Any) -> Any:
            rows, drows = self.x.reshape(-1, self.W.shape[1]), dy.reshape(-1, len(self.W))
            self.dW += np.float32(slip) * (drows.T @ rows)
            self.db += drows.sum(0)
            return dy @ self.W

        def zero_grad(self) -> None:
            self.dW[...], self.db[...] = 0, 0

        param = shown

    return Live


@pytest.mark.parametrize("way", NESTED)
def test_parameters_are_found_in_any_nesting_and_held_to_be_live(way: str) -> None:
    finder, shown = NESTED[way]
    subject = subject_of(live(shown), finder)
    assert first_try(subject, pages()["Linear"]).whose == ""
    for check in ("values", "accumulates", "state"):
        verdicts, error = found(subject, check)
        assert error is None, (check, error)
        assert set(verdicts.values()) <= {"pass", "same-route"}, (check, verdicts)
    assert "param()" in found(subject, "accumulates")[0]
    verdicts, _ = found(subject_of(live(shown, 1.001), finder), "values")
    assert verdicts["dweight"] == "fail"


@pytest.mark.parametrize(
    ("finder", "shown", "words"),
    [
        (ad.nested(weight=("W", "gW"), bias=("b", "db")), NESTED["a dictionary a layer"][1], "looked for at gW"),
        (ad.nested(weight=("w", "dW"), bias=("c", "db")), NESTED["a dictionary a layer"][1], "did you mean W?"),
        (ad.nested(), lambda _: [], "holds no pair of arrays"),
        (ad.nested(), lambda m: [m.W, m.b], "shows 1 parameters, but 2 are wanted"),
        (ad.pairs(), NESTED["lists of lists"][1], "there is nested()"),
        (ad.pairs(), lambda _: [], "shows 0 parameters, but 2 are wanted: weight, bias"),
        (ad.pairs("params"), NESTED["lists"][1], "Live has no params; did you mean param?"),
    ],
)
def test_a_finder_that_finds_nothing_says_what_there_is(finder: Any, shown: Any, words: str) -> None:
    said = first_try(subject_of(live(shown), finder), pages()["Linear"])
    assert said.mistaken
    assert words in said.said, said.said


@pytest.mark.parametrize("arrays", [ad.FLOAT64_TORCH, ad.TORCH], ids=["float64 alone", "any"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("own", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("leaf", [False, True], ids=["objects", "tensors"])
def test_parameter_objects_are_filled_in_either_dtype(
    arrays: ad.Arrays, dtype: str, own: torch.dtype, leaf: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_libraries.write(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    import tinytorch

    def made(*shape: int) -> Any:
        if leaf:
            return torch.nn.Parameter(torch.zeros(*shape, dtype=own))
        one = tinytorch.Parameter(*shape)
        one.data, one.grad = one.data.to(own), one.grad.to(own)
        return one

    class Layer(tinytorch.Dense):
        def __init__(self, in_features: int, out_features: int) -> None:
            self.w, self.b = made(out_features, in_features), made(out_features)
            self.w.grad, self.b.grad = torch.zeros_like(self.w.data), torch.zeros_like(self.b.data)

    subject = ad.Library("objects", {"Linear": Layer}, ad.Convention(places=ad.objects(value="data"), arrays=arrays))
    sys.modules.pop("tinytorch")
    verdicts, error = found(subject, "values", dtype=dtype)
    assert error is None, error
    assert set(verdicts.values()) <= {"pass", "same-route"}, verdicts
