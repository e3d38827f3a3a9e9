"""How a nan compares is a convention: no derivative that hangs on it is accused, and nothing else is let pass."""

from collections.abc import Callable
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from parity.catalogue import pages
from parity.catalogue.page import Page, Refusal
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.draw import Draw
from parity.verdict.trial import Trial, weigh
from tests.parity.answers import Answers

Derivative = Callable[[Tensor], Tensor]
DERIVATIVES: dict[str, Derivative] = {
    "of x > 0": lambda x: (x > 0).to(x.dtype),
    "of not x <= 0": lambda x: (~(x <= 0)).to(x.dtype),
    "nan": lambda x: torch.where(x.isnan(), x, (x > 0).to(x.dtype)),
    "half at nan": lambda x: torch.where(x.isnan(), 0.5, (x > 0).to(x.dtype)),
}
CELL = Cell(pages()["ReLU"], pages()["ReLU"].cases[0], regime="not-finite")


def verdict(derivative: Derivative) -> str:
    relu = Answers(lambda x: torch.where(x.isnan(), x, x.clamp_min(0)), lambda dy, x: dy * derivative(x))
    trial = Trial(CELL, relu)
    return {one.record.quantity: one.record.verdict for one in trial.verdicts(trial.build())}["dx"]


@pytest.mark.parametrize("name", DERIVATIVES)
def test_any_derivative_of_relu_at_nan_is_right(name: str) -> None:
    assert trial_holds_nan()
    assert verdict(DERIVATIVES[name]) in ("pass", "same-route")


def trial_holds_nan() -> bool:
    return bool(Trial(CELL, Answers(torch.relu, torch.mul)).drawn.inputs[0].isnan().any())


def test_a_wrong_derivative_beside_a_nan_is_still_wrong() -> None:
    assert verdict(lambda x: (x > 1).to(x.dtype)) == "fail"
    assert verdict(lambda x: torch.where(x.isposinf(), 0.0, (x > 0).to(x.dtype))) == "fail"


def test_garbage_at_nan_is_wrong() -> None:
    assert verdict(lambda x: torch.where(x.isnan(), 1e30, (x > 0).to(x.dtype))) == "fail"


@pytest.mark.parametrize(("at_nan", "is_right"), [(0.0, True), (1 / 6, True), (1.0, False), (-1 / 6, False)])
def test_at_nan_a_slope_is_that_of_some_side(at_nan: float, is_right: bool) -> None:
    def hard(x: Tensor) -> Tensor:
        return torch.where(x.isnan(), x, ((x + 3) / 6).clamp(0, 1))

    def slope(x: Tensor) -> Tensor:
        return torch.where(x.isnan(), at_nan, ((x > -3) & (x < 3)) / 6)

    found = of_library("Hardsigmoid", hard, slope)
    assert found["output"] in ("pass", "same-route")
    assert (found["dx"] in ("pass", "same-route")) == is_right


def test_an_output_that_swallows_nan_is_wrong() -> None:
    relu = Answers(lambda x: x.nan_to_num().clamp_min(0), lambda dy, x: dy * (x > 0))
    trial = Trial(CELL, relu)
    assert next(iter(trial.verdicts(trial.build()))).fails


def test_what_a_smooth_module_makes_of_nan_is_no_convention() -> None:
    page = pages()["Sigmoid"]
    gauges = Trial(Cell(page, page.cases[0], regime="not-finite"), Answers(torch.relu, torch.mul)).evidence.gauges
    assert not any(gauge.free.any() for gauge in gauges.values() if gauge.free is not None)


def of_library(module: str, function: Derivative, slope: Derivative) -> dict[str, str]:
    page = pages()[module]
    library = Answers(function, lambda dy, x: dy * slope(x))
    trial = Trial(Cell(page, page.cases[0], regime="not-finite", dtype="float64"), library)
    return {one.record.quantity: one.record.verdict for one in trial.verdicts(trial.build())}


def softsign(at_infinity: float) -> Derivative:
    return lambda x: torch.where(x.isinf(), at_infinity * x.sign(), x / (1 + x.abs()))


def slope_of_softsign(at_infinity: float) -> Derivative:
    return lambda x: torch.where(x.isinf(), at_infinity, (1 + x.abs()) ** -2)


@pytest.mark.parametrize("value", [1.0, torch.nan])
@pytest.mark.parametrize("slope", [0.0, torch.nan])
def test_at_infinity_a_limit_is_right_and_so_is_the_nan_of_torch(value: float, slope: float) -> None:
    verdicts = of_library("Softsign", softsign(value), slope_of_softsign(slope))
    assert set(verdicts.values()) <= {"pass", "same-route"}


def test_at_infinity_any_other_number_is_wrong() -> None:
    assert set(of_library("Softsign", softsign(0.5), slope_of_softsign(1e-9)).values()) == {"fail"}
    assert set(of_library("Softsign", softsign(torch.inf), slope_of_softsign(torch.inf)).values()) == {"fail"}


def test_where_nan_is_given_no_limit_excuses_a_number() -> None:
    swallowed = of_library("SiLU", lambda x: (x * x.sigmoid()).nan_to_num(0.0, torch.inf), lambda x: x * torch.nan)
    assert swallowed["output"] == "fail"


def test_a_limit_where_torch_gives_nan_is_right_in_other_modules() -> None:
    def silu(x: Tensor) -> Tensor:
        return torch.where(x == -torch.inf, 0.0, x * x.sigmoid())

    assert of_library("SiLU", silu, torch.ones_like)["output"] == "pass"
    assert of_library("Softmax", lambda x: one_hot_of_infinity(x, 1.0), torch.ones_like)["output"] == "pass"
    assert of_library("Softmax", lambda x: one_hot_of_infinity(x, 0.5), torch.ones_like)["output"] == "fail"


def one_hot_of_infinity(x: Tensor, most: float) -> Tensor:
    return torch.where((x == torch.inf).any(-1, keepdim=True), most * (x == torch.inf).to(x), x.softmax(-1))


def test_two_infinities_that_cancel_have_no_limit() -> None:
    page = pages()["LogSoftmax"]
    trial = Trial(Cell(page, page.cases[0], regime="not-finite", dtype="float64"), Answers(torch.relu, torch.mul))
    x = torch.tensor([[torch.inf, torch.inf, 0.0], [torch.inf, 1.0, 0.0]], dtype=torch.float64)
    evidence = weigh(trial.cell, Draw({}, (x,), torch.ones_like(x)))
    limit = evidence.gauges["output"].limit
    assert limit is not None
    assert limit.isnan().tolist() == [[True, True, False], [False, False, False]]
    assert limit[1].tolist() == [0, -torch.inf, -torch.inf]


def test_the_truth_of_a_hard_sigmoid_is_not_that_of_torchs_wrong_kernel() -> None:
    page = pages()["Hardsigmoid"]
    trial = Trial(Cell(page, page.cases[0], dtype="float64"), load("torch_nn"))
    of_torch = {one.record.quantity: one.record for one in trial.verdicts(trial.build())}
    assert of_torch["dx"].verdict == "same-route"
    assert of_torch["dx"].reference_error > 1e7
    right = Answers(lambda x: (x / 6 + 0.5).clamp(0, 1), lambda dy, x: torch.where(x.abs() < 3, dy / 6, 0.0))
    trial = Trial(trial.cell, right)
    assert {one.record.verdict for one in trial.verdicts(trial.build())} == {"pass"}
    wrong = Answers(torch.nn.functional.hardsigmoid, lambda dy, x: torch.where(x.abs() < 3, dy * 0.1666667, 0.0))
    trial = Trial(trial.cell, wrong)
    assert next(one for one in trial.verdicts(trial.build()) if one.record.quantity == "dx").fails


class PlainReLU(torch.autograd.Function):
    """ReLU whose derivative is of x > 0, times a factor."""

    factor = 1.0

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return torch.relu(x)

    @staticmethod
    def backward(ctx: Any, *dy: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return torch.where(x > 0, dy[0] * PlainReLU.factor, torch.zeros_like(x))


class OfPlainReLU(torch.nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return cast("Tensor", PlainReLU.apply(x))


def in_a_network(regime: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    page = pages()["Sequential"]
    trial = Trial(Cell(page, page.cases[0], regime=regime), load("torch_nn"))
    trial.evidence.gauges  # noqa: B018 - before the layer is another
    monkeypatch.setattr(torch.nn, "ReLU", OfPlainReLU)
    return {one.record.quantity: one.record.verdict for one in trial.verdicts(trial.build())}


def test_a_nan_that_comes_up_within_a_network_is_a_convention_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(in_a_network("not-finite", monkeypatch).values()) <= {"pass", "same-route"}


def test_beside_it_a_wrong_derivative_is_still_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainReLU, "factor", 2.0)
    verdicts = in_a_network("not-finite", monkeypatch)
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} >= {"d0.weight", "d0.bias", "dx"}


@pytest.mark.parametrize(
    ("page", "refusal"),
    [
        pytest.param(page, refusal, id=f"{page.module}-{refusal.name}")
        for page in pages().values()
        for refusal in page.refusals
        if not refusal.stricter
    ],
)
@pytest.mark.filterwarnings("ignore")  # in a subject's own process no warning is an error
def test_what_every_subject_must_refuse_torch_refuses_too(page: Page, refusal: Refusal) -> None:
    x, *rest = Trial(Cell(page, page.cases[0]), load("torch_nn")).inputs()
    given = refusal.x(x) if refusal.x else x, *(refusal.target(t) if refusal.target else t for t in rest)
    with pytest.raises((AssertionError, AttributeError, IndexError, RuntimeError, TypeError, ValueError)):
        page.reference(**(refusal.options or page.cases[0].options))(*given)
