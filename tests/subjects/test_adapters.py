"""Each ready-made adapter carries a correct library through, and shows a planted wrong gradient."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.adapters import FLOAT64_NUMPY, Convention, Library, none
from parity.subjects.adapters.lacking import accepted
from parity.subjects.contract import Stateful, Subject, Unsupported
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.record import Parity

sys.path.insert(0, str(Path(__file__).parent))
from libraries import SHAPES, param_pairs, tensors_with_grad, value_objects


def behaviour(module: str) -> set[str]:
    """Return the checks that the plan puts to the first case; these libraries check no input."""
    page = pages()[module]
    planned = {cell.check for cell in cells(page, CHECKS.values(), ["cpu"], 0) if cell.case is page.cases[0]}
    return planned - {"refuses", "needs-forward"}


def trial(subject: Subject, module: str, case: int = 0, check: str = "values", dtype: str = "float64") -> Trial:
    page = pages()[module]
    return Trial(Cell(page, page.cases[case], check, dtype=dtype), subject)


def failed(found: list[Parity]) -> set[str]:
    return {record.quantity for record in found if record.verdict in ("fail", "error")}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_correct_library_passes_and_a_slip_shows(shape: str, dtype: str) -> None:
    build, module, quantity = SHAPES[shape]
    assert not failed(CHECKS["values"].records(trial(build(1), module, dtype=dtype)))
    assert failed(CHECKS["values"].records(trial(build(1.001), module, dtype=dtype))) == {quantity}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_correct_library_passes_every_check_of_behaviour(shape: str) -> None:
    build, module, _ = SHAPES[shape]
    seen = 0
    for check in behaviour(module):
        try:
            assert not failed(CHECKS[check].records(trial(build(1), module, check=check, dtype="float32"))), check
        except Unsupported:
            continue
        seen += 1
    assert seen >= 6


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: trial(param_pairs(1), "Conv2d").build(), "pairs has no Conv2d"),
        (lambda: trial(param_pairs(1), "Linear", case=1).build(), "the Linear of pairs has no bias=False"),
        (lambda: trial(value_objects(1), "Linear", dtype="bfloat16").build(), "objects has float64 and float32 only"),
        (lambda: CHECKS["accumulates"].records(trial(tensors_with_grad(1), "Linear")), "one backward per zero_grad"),
        (lambda: CHECKS["values"].records(trial(tensors_with_grad(1), "Linear", case=10)), "takes no input of 4 axes"),
    ],
)
def test_what_a_library_lacks_is_unsupported_with_its_reason(act: object, words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        act()  # type: ignore[operator]  # one of the functions above


def test_a_library_without_a_bias_is_tested_where_there_is_none() -> None:
    build, _, _ = SHAPES["backward(input, dy), NumPy"]
    subject = build(1)
    subject.only = {"Linear": {"bias": (False,)}}
    with pytest.raises(Unsupported, match="has only bias=False, not True"):
        trial(subject, "Linear").build()
    assert not failed(CHECKS["values"].records(trial(subject, "Linear", case=1)))


def test_only_a_library_that_shows_live_pairs_is_held_to_them() -> None:
    assert isinstance(trial(param_pairs(1), "Linear").build(), Stateful)
    assert not isinstance(trial(tensors_with_grad(1), "Linear").build(), Stateful)


def test_a_weight_that_does_not_fit_is_named() -> None:
    subject = value_objects(1)
    object.__setattr__(subject.convention, "layouts", {})
    with pytest.raises(
        ValueError, match=r"weight must have shape \(4, 7\) by the adapter, but the library's has \(7, 4\)"
    ):
        trial(subject, "Linear").build()


def test_writes_to_a_copy_come_back_to_the_input() -> None:
    subject = value_objects(1)
    convention = subject.convention
    object.__setattr__(convention, "forward", lambda layer, x: [layer.forward(x), x.fill(3)][0])
    built, (x,) = trial(subject, "Linear", dtype="float32").build(), trial(subject, "Linear", dtype="float32").inputs()
    built.forward(x)
    assert torch.equal(x, torch.full_like(x, 3))


def test_where_the_library_has_another_default_it_is_given_that_of_torch() -> None:
    def leaky(negative_slope=0.2):
        return SimpleNamespace(slope=negative_slope)

    def linear(in_features, out_features, bias=False):
        return SimpleNamespace(shape=(in_features, out_features), bias=bias)

    subject = Library("other", {"LeakyReLU": leaky, "Linear": linear})
    given = accepted("other", "LeakyReLU", leaky, {}), accepted("other", "LeakyReLU", leaky, {"negative_slope": 3.0})
    assert given == ({"negative_slope": 0.01}, {"negative_slope": 3.0})
    assert accepted("other", "Linear", linear, {"in_features": 2, "out_features": 3})["bias"] is True
    made = subject.make("LeakyReLU", {}, torch.float32)
    assert made.slope == 0.01


class Reusing:
    """ReLU of one dtype, which gives out the memory of its last output again."""

    def forward(self, x):
        self.x = x
        if getattr(self, "y", None) is None or self.y.shape != x.shape:
            self.y = np.empty_like(x)
        return np.maximum(x, 0, out=self.y)

    def backward(self, dy):
        return dy * (self.x > 0)


def test_what_a_cast_hides_shows_where_nothing_is_cast() -> None:
    subject = Library("reusing", {"ReLU": Reusing}, Convention(arrays=FLOAT64_NUMPY, places=none()))
    found = {
        cell.dtype: failed(CHECKS["remembers-last"].records(Trial(cell, subject)))
        for cell in cells(pages()["ReLU"], [CHECKS["remembers-last"]], ["cpu"], 0)
        if cell.case is pages()["ReLU"].cases[0]
    }
    assert found == {"float32": set(), "float64": {"output held"}}


@pytest.mark.parametrize("allowed", [int, (1, 2, 3)])
def test_a_stride_of_none_comes_as_the_kernel_where_the_library_has_whole_numbers_alone(allowed: object) -> None:
    met = []
    subject = Library(
        "pools",
        {"AvgPool2d": lambda kernel_size, stride: met.append((kernel_size, stride)[1])},
        only={"AvgPool2d": {"stride": allowed}},
    )
    for options in ({"kernel_size": 2}, {"kernel_size": 3, "stride": None}, {"kernel_size": 3, "stride": 1}):
        subject.make("AvgPool2d", options, torch.float32)
    assert met == [2, 3, 1]
    with pytest.raises(Unsupported, match=r"has only stride=.*, not \(3, 2\)"):
        subject.make("AvgPool2d", {"kernel_size": (3, 2)}, torch.float32)
    own = Library(
        "pools",
        {"AvgPool2d": lambda kernel_size, stride: met.append((kernel_size, stride)[1])},
        only={"AvgPool2d": {"stride": int | None}},
    )
    own.make("AvgPool2d", {"kernel_size": 2, "stride": None}, torch.float32)
    assert met[-1] is None
