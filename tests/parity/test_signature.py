"""Modules of several inputs and outputs, of buffers, of two modes: what of them is drawn, judged and excused."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from parity.catalogue import pages
from parity.catalogue.page import Case, Conditioned, Page
from parity.catalogue.signature import Input, Signature
from parity.contract import CHECKS
from parity.subjects import load
from parity.subjects.contract import Unsupported
from parity.subjects.torch_nn import BuiltReference
from parity.verdict import trial
from parity.verdict.cell import Cell
from parity.verdict.draw import draw
from parity.verdict.reference import quantities
from parity.verdict.trial import Trial


class Scaled(nn.Module):
    """x * scale * factor less a running mean of x in evaluation, and the row sums of x; rows of `drop` are left out."""

    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(3))
        self.register_buffer("running", torch.zeros(3))

    def forward(self, x, scale=None, drop=None):
        y = x * self.factor * (1 if scale is None else scale)
        if drop is not None:
            y = y.masked_fill(drop[:, None], 0.0)
        if not self.training:
            return y - self.running, x.sum(1)
        with torch.no_grad():
            self.running.lerp_(x.mean(0), 0.5)
        return y, x.sum(1)


SIGNATURE = Signature((Input("x"), Input("scale"), Input("drop", "mask", gradient=False)), ("output", "sums"))
ALL = {"scale": (4, 3), "drop": (4,)}
WHOLE = Case("whole", x=(4, 3), others=ALL, widely=True)
CASES = (
    WHOLE,
    Case("no scale", x=(4, 3), others={"drop": (4,)}, widely=True),
    Case("x alone", x=(4, 3), widely=True),
    Case("sums unused", x=(4, 3), others=ALL, unused=("sums",), widely=True),
    Case("output unused", x=(4, 3), others=ALL, unused=("output",), widely=True),
    Case("evaluation", x=(4, 3), others=ALL, training=False, widely=True),
)
NATURE = {"output unused * d*": "x alone moves the sums"}
PAGE = Page("Scaled", Scaled, CASES, signature=SIGNATURE, degenerate=NATURE)
EVALUATION = CASES[-1]


class Built(BuiltReference):
    """The module, honest."""

    def __init__(self):
        super().__init__(Scaled().double(), SIGNATURE)


class FirstGradientAlone(Built):
    """A module that gives dx and no gradient of scale."""

    def backward(self, *cotangents):
        returned = super().backward(*cotangents)
        return returned[0] if isinstance(returned, tuple) else returned


class ScaleForgotten(Built):
    """A module whose gradient of scale is that of x."""

    def backward(self, *cotangents):
        dx, *_ = super().backward(*cotangents)
        return dx, dx


class SumsWrong(Built):
    """A module whose second output is a mean."""

    def forward(self, *inputs):
        y, sums = super().forward(*inputs)
        return y, sums / 3


class RunningWrong(Built):
    """A module whose running mean moves too far."""

    def forward(self, *inputs):
        before = self.module.running.clone()
        outputs = super().forward(*inputs)
        self.module.running += 0.1 * (self.module.running - before)
        return outputs


class NoMode:
    """A module that shows neither what it keeps nor a mode."""

    def __init__(self):
        self.built = Built()

    def forward(self, *inputs):
        return self.built.forward(*inputs)

    def backward(self, *cotangents):
        return self.built.backward(*cotangents)

    def gradients(self):
        return self.built.gradients()

    def zero_grad(self):
        self.built.zero_grad()


class Subject:
    """A subject of one kind of module."""

    name, explains = "scaled", False

    def __init__(self, kind):
        self.kind = kind

    def build(self, _module, _options, parameters, *_place):
        built = self.kind()
        inner = getattr(built, "built", built).module
        inner.load_state_dict(parameters, strict=False)
        return built


def verdicts(kind, case, check="values"):
    cell = Cell(PAGE, case, check, dtype="float64")
    return {one.quantity: one.verdict for one in CHECKS[check].records(Trial(cell, Subject(kind)))}


def wrong(kind, case=WHOLE, check="values"):
    return [name for name, verdict in verdicts(kind, case, check).items() if verdict == "fail"]


OTHERWISE_ASKED = ("pickles", "state", "kinks", "exact")  # of what Scaled does not show, or does not have
ASKED = [
    (case, name)
    for case in CASES
    for name, check in CHECKS.items()
    if check.concerns(PAGE, case) and name not in OTHERWISE_ASKED
]


@pytest.mark.parametrize(("case", "check"), ASKED, ids=lambda value: getattr(value, "name", value))
def test_what_is_right_passes_every_check(case, check):
    try:
        found = set(verdicts(Built, case, check).values())
    except Unsupported:  # a subject that does not explain may trust its caller
        found = {"pass"} if check in ("guards", "refuses") else {"unsupported"}
    assert found <= {"pass", "same-route"}


def test_every_quantity_has_torch_s_name():
    assert list(verdicts(Built, WHOLE)) == ["output", "sums", "dx", "dscale", "dfactor", "running"]
    assert list(verdicts(Built, CASES[1])) == ["output", "sums", "dx", "dfactor", "running"]


def test_what_is_left_out_before_another_argument_is_none():
    drawn = draw(Cell(PAGE, CASES[1]))
    assert [value is None for value in drawn.inputs] == [False, True, False]
    assert drawn.inputs[2].dtype == torch.bool
    assert len(draw(Cell(PAGE, CASES[2])).inputs) == 1


def test_an_unused_output_has_no_cotangent_and_is_still_judged():
    cell = Cell(PAGE, CASES[3])
    dy, of_sums = draw(cell).cotangents
    assert (dy.shape, of_sums) == ((4, 3), None)
    assert wrong(SumsWrong, CASES[3]) == ["sums"]


@pytest.mark.parametrize(
    ("kind", "quantity"), [(ScaleForgotten, "dscale"), (SumsWrong, "sums"), (RunningWrong, "running")]
)
def test_one_wrong_quantity_is_accused_alone(kind, quantity):
    assert wrong(kind) == [quantity]


def test_a_gradient_that_a_library_does_not_give_is_unsupported():
    assert verdicts(FirstGradientAlone, WHOLE) == verdicts(Built, WHOLE) | {"dscale": "unsupported"}


def test_a_buffer_that_is_not_shown_is_unsupported():
    assert verdicts(NoMode, WHOLE) == verdicts(Built, WHOLE) | {"running": "unsupported"}


def test_evaluation_is_asked_only_of_what_knows_it():
    with pytest.raises(Unsupported, match="no mode of evaluation"):
        verdicts(NoMode, EVALUATION)


class Hidden(NoMode):
    """A module that knows its modes and hides what it keeps."""

    def train(self, mode=True):
        self.built.train(mode)


def test_evaluation_is_not_asked_of_statistics_that_cannot_be_set():
    with pytest.raises(Unsupported, match="evaluation reads running, which the subject does not let be set"):
        verdicts(Hidden, EVALUATION)
    assert wrong(Hidden) == []


def test_the_reference_keeps_nothing_from_one_run_to_the_next():
    cell = Cell(PAGE, WHOLE, dtype="float64")
    first, again = (Trial(cell, Subject(Built)).evidence for _ in range(2))
    assert torch.equal(first.truth["running"], again.truth["running"])
    assert not torch.equal(first.truth["running"], draw(cell).buffers["running"])


class Masked(nn.Module):
    def __init__(self, mask):
        super().__init__()
        self.mask = mask

    def forward(self, x):
        return x * self.mask


def conditioned(_case, _inputs, got):
    kept = got["output"] != 0 if "output" in got else torch.ones(6, 7, dtype=torch.bool)
    return Conditioned(lambda: Masked(kept.double()), kept, torch.ones_like(kept), 0.5)


class Drawing(nn.Module):
    def forward(self, x):
        return x * (torch.rand_like(x) < 0.5) if self.training else x


class OtherMask(BuiltReference):
    """Backward by another mask than forward."""

    def backward(self, *cotangents):
        return cotangents[0] * (torch.rand_like(cotangents[0]) < 0.5)


class Zeros(BuiltReference):
    """A module that keeps nothing."""

    def forward(self, *inputs):
        return torch.zeros_like(super().forward(*inputs))

    def backward(self, *cotangents):
        return torch.zeros_like(cotangents[0])


class DrawingSubject(Subject):
    def build(self, *_):
        return self.kind(Drawing())


DRAWN = Page("Drawing", Drawing, (Case("plain", x=(6, 7), widely=True),), conditioned=conditioned)


@pytest.mark.parametrize(("kind", "said"), [(BuiltReference, []), (OtherMask, ["dx"]), (Zeros, ["drawn numbers"])])
def test_a_module_that_draws_is_judged_by_what_it_drew(kind, said):
    cell = Cell(DRAWN, DRAWN.cases[0], dtype="float64")
    records = CHECKS["values"].records(Trial(cell, DrawingSubject(kind)))
    assert [one.quantity for one in records if one.verdict == "fail"] == said


def test_where_a_module_draws_two_calls_are_not_held_against_each_other():
    from parity.verdict.plan import cells

    asked = {cell.check for cell in cells(DRAWN, CHECKS.values(), ["cpu"], 0)}
    assert asked.isdisjoint({"deterministic", "accumulates", "linear-in-dy"})
    assert "values" in asked
    quiet = replace(DRAWN, cases=(replace(DRAWN.cases[0], training=False),))
    assert "deterministic" in {cell.check for cell in cells(quiet, CHECKS.values(), ["cpu"], 0)}


def test_where_torch_has_no_kernel_there_is_nothing_to_compare_with(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(page, case, drawn, dtype, device="cpu"):
        if dtype == torch.bfloat16:
            raise NotImplementedError("\"addmm_impl\" not implemented for 'BFloat16'")
        return quantities(page, case, drawn, dtype, device)

    monkeypatch.setattr(trial, "quantities", without)
    page = pages()["Linear"]
    cell = Cell(page, page.cases[0], dtype="bfloat16", seed=31)  # which no other test has weighed
    asked = Trial(cell, load("framework"))
    with pytest.raises(Unsupported, match=r"torch has no kernel for it on cpu: .*not implemented for 'BFloat16'"):
        list(asked.verdicts(asked.build()))
    asked = Trial(replace(cell, dtype="float32"), load("framework"))
    assert not any(one.record.verdict == "fail" for one in asked.verdicts(asked.build()))
