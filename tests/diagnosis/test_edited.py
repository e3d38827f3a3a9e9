"""A fault of one step is named in any module: no formula of the modules here is known to the diagnosis."""

import re
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parity.diagnosis.edited.edits import edits
from parity.diagnosis.edited.expressions import is_one
from parity.diagnosis.edited.otherwise import named_numbers, one_or_two
from parity.diagnosis.edited.recording import Recording
from parity.diagnosis.symptom import Symptom
from parity.verdict.trial import Seen, Trial
from tests.diagnosis.fault_parts import changed
from tests.diagnosis.wrong_library import Options, Parameters, WrongLibrary, honest, planned, told

FAILURES = 2  # of each fault, that are explained here
Inputs = tuple[Tensor, ...]


def without_root(i: Inputs, _: Parameters, a: Options) -> Tensor:
    """Return the pooled powers of which no root is taken."""
    return functional.lp_pool2d(i[0], a["norm_type"], a["kernel_size"], a.get("stride")) ** a["norm_type"]


def reduced(each: Tensor, a: Options) -> Tensor:
    by_kind = {"mean": Tensor.mean, "sum": Tensor.sum}
    return by_kind.get(a.get("reduction", "mean"), Tensor.clone)(each)


def without_logarithm(i: Inputs, _: Parameters, a: Options) -> Tensor:
    """Return the negative log-likelihood of a normal distribution, its variance not normalised."""
    x, t, variance = i
    return reduced(0.5 * (x - t) ** 2 / variance.clamp_min(a.get("eps", 1e-6)), a)


def added_to_variance(i: Inputs, _: Parameters, a: Options) -> Tensor:
    """Return the same loss of variances to which the least is added."""
    x, t, variance = i
    kept = variance + a.get("eps", 1e-6)
    return reduced(0.5 * (kept.log() + (x - t) ** 2 / kept), a)


def square_everywhere(i: Inputs, _: Parameters, a: Options) -> Tensor:
    """Return the smooth L1 loss that is square beyond its bound too."""
    return reduced(0.5 * (i[0] - i[1]) ** 2 / a.get("beta", 1.0), a)


def whole_bound(i: Inputs, _: Parameters, a: Options) -> Tensor:
    """Return Huber's loss from whose linear part the whole bound is taken, not half of it."""
    far, delta = (i[0] - i[1]).abs(), a.get("delta", 1.0)
    return reduced(torch.where(far <= delta, 0.5 * far**2, delta * (far - delta)), a)


def other_target(i: Inputs, p: Parameters, a: Options) -> Tensor:
    """Return the loss of pairs that takes like for unlike."""
    return honest("CosineEmbeddingLoss")((*i[:2], -i[2]), p, a)


FAULTS: Mapping[str, tuple[WrongLibrary, str, str]] = {
    "a root": (
        WrongLibrary("LPPool2d", without_root, honest("LPPool2d")),
        "output",
        r"stands in place of \(.*\) \^ 0\.5",
    ),
    "a term": (
        WrongLibrary("GaussianNLLLoss", without_logarithm),
        "output",
        r"the term log\(clamp\(var\)\) is",
    ),
    "an epsilon": (
        WrongLibrary("GaussianNLLLoss", added_to_variance),
        "output",
        "1e-06 is added to var in place of being its least",
    ),
    "a branch": (WrongLibrary("SmoothL1Loss", square_everywhere), "output", r"everywhere, as where .* < 1\)? holds"),
    "a number": (WrongLibrary("HuberLoss", whole_bound), "output", r"0\.5 is taken as 1 in"),
    "a target": (WrongLibrary("CosineEmbeddingLoss", other_target), "output", "target has the wrong sign"),
    "half of a sign": (
        WrongLibrary("L1Loss", change=changed("dx", lambda found, i, _: found["dx"].where(i[0] > i[1], 0.0))),
        "dx",
        "it is 0 where x - t is negative",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_step_is_named(name: str) -> None:
    library, quantity, words = FAULTS[name]
    assert re.search(words, told(library, quantity, FAILURES).replace("\\", ""))


def symptom_of(library: WrongLibrary, quantity: str) -> Symptom:
    """Return the symptom of the first cell of a library's module."""
    trial = Trial(next(planned(library.module)), library)
    return Symptom.of(Seen(trial, quantity, trial.observe(trial.build())[quantity]))


@pytest.mark.parametrize(("module", "quantity"), [("LayerNorm", "dx"), ("GELU", "dx"), ("HuberLoss", "output")])
def test_a_recording_without_an_edit_is_the_truth(module: str, quantity: str) -> None:
    symptom = symptom_of(WrongLibrary(module), quantity)
    recording = Recording.of(symptom, quantity)
    assert recording is not None
    assert torch.allclose(recording.edited({}), symptom.truth)
    assert all(torch.isfinite(value).all() for value in recording.values.values() if value.is_floating_point())


def test_every_edit_of_a_step_changes_what_comes_or_says_nothing() -> None:
    symptom = symptom_of(WrongLibrary("LayerNorm"), "output")
    recording = Recording.of(symptom, "output")
    assert recording is not None
    found = list(edits(recording, named_numbers(symptom)))
    other = [edit for edit in found if not torch.allclose(recording.edited(edit.changes), symptom.truth)]
    assert len({edit.words for edit in other}) > 20
    assert {"sign", "factor missing", "option ignored"} <= {edit.kind for edit in other}


@pytest.mark.parametrize(
    ("words", "one"), [("x", True), ("f(a + b)", True), ("1 - f(x)", False), ("(a) · (b)", False), ("(...)", True)]
)
def test_an_expression_within_another_is_bracketed_unless_it_is_one(words: str, one: bool) -> None:
    assert is_one(words) is one


def test_what_no_edit_gives_is_not_explained_by_one() -> None:
    noise = torch.Generator().manual_seed(0)
    library = WrongLibrary(
        "LayerNorm", change=changed("dx", lambda found, *_: torch.randn(found["dx"].shape, generator=noise))
    )
    assert not list(one_or_two(symptom_of(library, "dx")))
