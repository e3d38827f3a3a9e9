"""Conventions of strangers are no faults: nothing stops and nothing is accused, and the values are still judged."""

from typing import Any

import numpy as np
import pytest

from parity.catalogue import pages
from parity.run.first_try import first_try
from parity.subjects import adapters as ad
from parity.subjects.contract import Unsupported
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from tests.subjects.strange_layers import Dense, found, subject_of

BEHAVIOUR = (
    "accumulates",
    "fresh-gradients",
    "keeps-gradients",
    "remembers-last",
    "leaves-alone",
    "linear-in-dy",
    "exact",
)


def changed(**traits: Any) -> type[Dense]:
    return type("Dense", (Dense,), traits)


class WithTuple(Dense):
    def backward(self, dy: Any) -> Any:
        return super().backward(dy), self.dW, self.db


class Wide(Dense):
    def forward(self, x: Any) -> Any:
        return super().forward(x).astype(np.float64)

    def backward(self, dy: Any) -> Any:
        return super().backward(dy).astype(np.float64)


class Narrow(Dense):
    """In float32 alone, so that its pairs need not be replaced."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features)
        self.W, self.b = self.W.astype(np.float32), self.b.astype(np.float32)


class Reversed(Dense):
    def forward(self, x: Any) -> Any:
        return super().forward(x)[..., ::-1][..., ::-1].copy()[..., ::-1][..., ::-1]

    def backward(self, dy: Any) -> Any:
        return np.flip(np.flip(super().backward(dy), -1).copy(), -1)


ATTRIBUTES = ad.attributes(weight=("W", "dW"), bias=("b", "db"))
WAYS: dict[str, tuple[type[Dense], Any, str]] = {
    "gradients that are 0": (changed(none=0), ATTRIBUTES, ""),
    "gradients that are None": (Dense, ATTRIBUTES, ""),
    "gradients that are absent": (changed(none="absent"), ATTRIBUTES, ""),
    "a bias of (1, n)": (changed(row=(1, -1)), ATTRIBUTES, "the shape of bias: the library keeps it as (1, 4)"),
    "a bias of (n, 1) beside db (n,)": (changed(row=(-1, 1)), ATTRIBUTES, "the shape of dbias: it is (4,) beside"),
    "a db of (1, n) beside bias (n,)": (changed(db_row=(1, -1)), ATTRIBUTES, "the shape of dbias: it is (1, 4) beside"),
    "backward that returns a tuple": (WithTuple, ATTRIBUTES, "it returns 3 things, the first is judged"),
    "float64 for float32": (Wide, ATTRIBUTES, "the dtype of what it returns: it is float64"),
    "views that run backwards": (Reversed, ATTRIBUTES, ""),
    "bias before weight": (Narrow, ad.pairs(order=("bias", "weight")), "an early list of parameters stays true"),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_not_accused(way: str) -> None:
    layer, places, note = WAYS[way]
    subject = subject_of(layer, places)
    for check in BEHAVIOUR:
        verdicts, error = found(subject, check)
        assert error is None, (check, error)
        assert set(verdicts.values()) <= {"pass", "same-route"}, (check, verdicts)
    told = first_try(subject, pages()["Linear"])
    assert told.whose == ""
    assert bool(told.notes) == bool(note)
    assert any(note in one for one in told.notes) or not note


@pytest.mark.parametrize("none", [0, 0.0, None, "absent"])
def test_gradients_that_are_not_there_yet_are_zeros(none: Any) -> None:
    page = pages()["Linear"]
    trial = Trial(Cell(page, page.cases[0]), subject_of(changed(none=none), ATTRIBUTES))
    built, shapes = trial.build(), {name: value.shape for name, value in trial.drawn.parameters.items()}
    assert {name: value.shape for name, value in built.gradients().items()} == shapes
    trial.observe(built)
    assert all(value.any() for value in built.gradients().values())
    built.zero_grad()
    assert {name: value.shape for name, value in built.gradients().items()} == shapes
    assert not any(value.any() for value in built.gradients().values())


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_value_is_still_found(way: str) -> None:
    layer, places, _ = WAYS[way]
    subject = subject_of(type("Dense", (layer,), {"slip": np.float32(1.001)}), places)
    verdicts, _ = found(subject, "values")
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} == {"dweight"}


def test_a_first_layer_that_gives_no_dx_is_judged_on_the_rest() -> None:
    class First(Dense):
        def backward(self, dy: Any) -> Any:
            super().backward(dy)

    said = first_try(subject_of(First, ATTRIBUTES), pages()["Linear"])
    assert not said.mistaken
    assert "Convention(dx=False)" in said.said
    verdicts, error = found(subject_of(First, ATTRIBUTES, dx=False), "values")
    assert verdicts.keys() == {"output", "dweight", "dbias"}
    assert isinstance(error, Unsupported)


def test_another_order_is_said_in_the_words_that_mend_it() -> None:
    said = first_try(subject_of(Dense, ad.pairs()), pages()["Linear"])
    assert said.mistaken
    assert 'order=("bias", "weight")' in said.said


@pytest.mark.parametrize("kind", [float, np.float64, np.float32], ids=["float", "float64", "float32"])
@pytest.mark.parametrize("arrays", [ad.NUMPY, ad.TORCH], ids=["numpy", "torch"])
@pytest.mark.parametrize("slip", [1.0, 1.001])
def test_a_loss_may_be_a_number(kind: Any, arrays: ad.Arrays, slip: float) -> None:
    size = (lambda p: p.size) if arrays is ad.NUMPY else (lambda p: p.numel())
    loss = ad.loss_functions(lambda p, t: kind(slip * ((p - t) ** 2).mean()), lambda p, t: 2 * (p - t) / size(p))
    subject = ad.Library("strange", {"MSELoss": loss}, ad.Convention(arrays=arrays))
    verdicts, error = found(subject, "values", "MSELoss")
    assert error is None
    assert (verdicts["output"] == "fail") == (slip != 1)
    notes = first_try(subject, pages()["MSELoss"]).notes
    assert any("it is a number, no array" in note for note in notes) == issubclass(kind, float)
    assert verdicts["dx"] in ("pass", "same-route")


def one_hot(p: Any, t: Any) -> Any:
    return np.eye(p.shape[1])[t] if np.issubdtype(t.dtype, np.integer) else t


@pytest.mark.parametrize("one_hots", [False, True], ids=["integers", "one-hot"])
def test_targets_may_be_integers_or_one_hot(one_hots: bool) -> None:
    def softmax(p: Any) -> Any:
        raised = np.exp(p - p.max(1, keepdims=True))
        return raised / raised.sum(1, keepdims=True)

    def value(p: Any, t: Any) -> Any:
        t = one_hot(p, t) if one_hots else np.eye(p.shape[1])[t]
        return float(-(t * np.log(softmax(p))).sum() / len(p))

    def gradient(p: Any, t: Any) -> Any:
        return (softmax(p) - (one_hot(p, t) if one_hots else np.eye(p.shape[1])[t])) / len(p)

    only = {"CrossEntropyLoss": {"rank": (2,), **({} if one_hots else {"targets": ("classes",)})}}
    loss = {"CrossEntropyLoss": ad.loss_functions(value, gradient)}
    subject = ad.Library("strange", loss, ad.Convention(arrays=ad.NUMPY), only)
    verdicts, error = found(subject, "values", "CrossEntropyLoss", "float64")
    assert error is None
    assert set(verdicts.values()) <= {"pass", "same-route"}
