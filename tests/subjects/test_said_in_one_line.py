"""What an adapter can say in one line, so that a stranger's library is not accused of what it does not have."""

from dataclasses import replace
from typing import Any

import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.run import doctor
from parity.run.planning import unmet
from parity.subjects import adapters as ad
from parity.subjects.adapters.lacking import kind_of_targets
from parity.subjects.contract import Unsupported
from parity.subjects.process import Limits
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.trial import Trial
from tests.subjects.mylib_lstm import LSTM
from tests.subjects.strange_recurrent import PLACES
from tests.subjects.test_optimisers import FAULTY

RIGHT = {"pass", "same-route"}
STATE = ad.Layout(lambda h: h.squeeze(0), lambda h: h[None])
STATES = {f"LSTM.{name}": STATE for name in ("h0", "c0", "h_n", "c_n")}


class Plain(LSTM):
    """States as a stranger has them, without an axis of layers; backward reads the shape of every cotangent."""

    def forward(self, x: Any, h: Any = None, c: Any = None) -> Any:
        assert h is None or h.ndim == 2
        y = super().forward(x, None if h is None else h[None], None if c is None else c[None])
        return y, self.h, self.c

    def backward(self, dy: Any, dh: Any, dc: Any) -> Any:
        assert dy.ndim == 3
        assert dh.ndim == dc.ndim == 2
        dx = super().backward(dy, dh[None], dc[None])
        return (dx, *(gradient[0] for gradient in self.dstates))


def of_lstm(**how: Any) -> ad.Library:
    ways = ad.Convention(places=PLACES, arrays=ad.NUMPY.only("float64", "float32"), **how)
    return ad.Library("plain", {"LSTM": lambda input_size, hidden_size: Plain(input_size, hidden_size)}, ways)


@pytest.mark.parametrize("case", ["plain", "last-state-alone", "output-alone"])
def test_states_have_a_layout_and_an_unused_output_a_cotangent_of_zeros(case: str) -> None:
    page = pages()["LSTM"]
    chosen = next(one for one in page.cases if one.name == case)
    judged, error = CHECKS["values"].judged(Trial(Cell(page, chosen, "values"), of_lstm(layouts=STATES)))
    assert error is None
    assert {one.record.quantity for one in judged} >= {"h_n", "c_n", "dx"}
    assert ("dh0" in {one.record.quantity for one in judged}) == bool(chosen.others)
    assert {one.record.verdict for one in judged} <= RIGHT


def test_a_layout_of_a_tensor_that_no_module_has_is_a_mistake() -> None:
    with pytest.raises(ad.Miswritten, match=r"layouts names a tensor 'h1', which is none of x, .*, h0, c0, h_n, c_n, "):
        of_lstm(layouts={"LSTM.h1": STATE})
    with pytest.raises(ad.Miswritten, match="layouts names a tensor 'c0'"):
        ad.Library("relu", {"ReLU": lambda: None}, ad.Convention(layouts={"c0": STATE}))


def built(module: str, options: dict[str, Any], only: dict[str, Any]) -> ad.Library:
    subject = ad.Library("mine", {module: lambda **_: None}, only={module: only})
    subject.make(module, options, None)  # type: ignore[arg-type]
    return subject


def test_a_value_may_be_of_one_of_several_types() -> None:
    kernel = {"in_channels": 1, "out_channels": 1, "kernel_size": 3}
    for padding in (1, (1, 2)):
        built("Conv2d", kernel | {"padding": padding}, {"padding": int | tuple})
    with pytest.raises(Unsupported, match="has only padding=int or tuple, not 'same'"):
        built("Conv2d", kernel | {"padding": "same"}, {"padding": int | tuple})


class Strict:
    """A loss of classes that knows no class to ignore."""

    def forward(self, p: Any, t: Any) -> Any:
        if t.min() < 0:
            raise ValueError("classes must not be negative")
        return p.sum()

    def backward(self) -> None:
        return None


def test_classes_to_be_ignored_are_a_kind_of_target() -> None:
    page = pages()["CrossEntropyLoss"]
    chosen = next(one for one in page.cases if one.name == "target ignored-classes")
    for only, wanted in ({"targets": ("classes",)}, Unsupported), ({"targets": ("classes", "ignored")}, ValueError):
        table, ways = {"CrossEntropyLoss": ad.loss_layer(Strict)}, ad.Convention(arrays=ad.NUMPY)
        trial = Trial(Cell(page, chosen), ad.Library("strict", table, ways, only={"CrossEntropyLoss": only}))
        with pytest.raises(wanted):
            trial.build().forward(*trial.inputs())


@pytest.mark.parametrize(
    ("target", "kind"),
    [("one-hot", "probabilities"), ("probabilities", "probabilities"), ("weights", "weights"), ("classes", "classes")],
)
def test_what_does_not_sum_to_one_is_no_probability(target: str, kind: str) -> None:
    page = pages()["CrossEntropyLoss"]
    (plain, *_) = (case for case in page.cases if case.name == "weights")
    for dtype in DTYPES:
        cell = Cell(page, replace(plain, target=target), dtype=dtype)
        drawn = Trial(cell, of_lstm()).inputs()[-1]
        assert kind_of_targets(drawn, -100) == kind


def test_options_that_a_library_does_not_take_are_said_in_few_words() -> None:
    said = unmet("Conv2d", {"groups 2": "the Conv2d of my lib has no groups=2", "padding same": "it has only integers"})
    assert said == "Conv2d was never met with groups 2 (it has no such option); padding same (it has only integers)"
    meant = "the Conv2d of mine has no groups=2; it takes group"
    assert meant in unmet("Conv2d", {"groups 2": meant})


def test_the_doctor_looks_at_optimisers_too() -> None:
    lines, healthy = doctor.examine(FAULTY, Limits(), ["Adam,SGD,Adagrad"])
    said = "\n".join(lines)
    assert lines[0].endswith("faulty.py: subject faulty_steps offers 2 of the 3 optimisers.")
    assert "  Adam: " in said
    assert "differ from torch.optim, in case " in said
    assert "after step 2: " in said
    assert "not offered: Adagrad" in said
    assert healthy
