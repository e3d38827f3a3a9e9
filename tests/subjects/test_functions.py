"""Functions are tested without a class around them: a torch.autograd.Function, and a pair forward and backward."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from parity.catalogue import written
from parity.catalogue.page import Page
from parity.contract import CHECKS
from parity.run.planning import plan
from parity.subjects.adapters import (
    FLOAT64_NUMPY,
    TORCH,
    Convention,
    Library,
    Miswritten,
    Modules,
    loss_functions,
    of_function,
    of_pair,
)
from parity.subjects.contract import Subject, Unsupported
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from reports.record import Parity

sys.path.insert(0, str(Path(__file__).parent))
import functions

OF_FUNCTIONS = {"applied": functions.applied, "pairs": functions.pairs}
SUBJECTS: Mapping[str, Callable[[], Subject]] = {
    "applied": lambda: functions.subject,
    "pairs": functions.library,
}
ALL = [(name, module) for name, table in OF_FUNCTIONS.items() for module in table()]


def planned(subject: Subject, module: str) -> Page:
    return plan(subject, written()[module], {}).page


def records(subject: Subject, page: Page, check: str = "values", dtype: str = "float64") -> list[Parity]:
    """Return the records of the cases of a page that are not large; what is unsupported has none."""
    found: list[Parity] = []
    for case in page.cases:
        if not case.large:
            try:
                found += CHECKS[check].records(Trial(Cell(page, case, check, dtype=dtype, regime=case.regime), subject))
            except Unsupported:
                continue
    return found


def failed(found: list[Parity]) -> set[str]:
    return {record.quantity for record in found if record.verdict in ("fail", "error")}


@pytest.mark.parametrize(("name", "module"), ALL)
def test_right_functions_pass_in_every_case_that_they_have(name: str, module: str) -> None:
    subject = SUBJECTS[name]()
    found = records(subject, planned(subject, module))
    assert len(found) >= 8
    assert failed(found) == set()


@pytest.mark.parametrize(
    "check", ["fresh-gradients", "leaves-alone", "keeps-gradients", "remembers-last", "deterministic"]
)
def test_their_behaviour_is_judged(check: str) -> None:
    subject = functions.library()
    assert failed(records(subject, planned(subject, "Linear"), check, "float32")) == set()


def test_a_slip_of_a_gradient_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = functions.library(1.001)
    assert failed(records(subject, planned(subject, "Linear"))) == {"dweight"}
    monkeypatch.setattr(functions.Mish, "slip", 1.001)
    applied = SUBJECTS["applied"]()
    assert failed(records(applied, planned(applied, "Mish"))) == {"dx"}


def built(subject: Any, module: str, options: Mapping[str, object], **parameters: torch.Tensor) -> Any:
    return subject.build(module, options, parameters, torch.device("cpu"), torch.float64)


def test_options_are_given_by_torchs_names_and_those_not_taken_are_lacking() -> None:
    of_slope = Modules("mine", {"LeakyReLU": of_function(Sloped, negative_slope="slope")})
    assert built(of_slope, "LeakyReLU", {"negative_slope": 0.5}).forward(-torch.ones(2)).tolist() == [-0.5, -0.5]
    assert built(of_slope, "LeakyReLU", {}).forward(-torch.ones(1)).item() == pytest.approx(-0.01)  # torch's default
    without = Library("mine", {"Linear": of_pair(lambda x, weight: x @ weight.T, lambda dy, weight: (dy @ weight, dy))})
    weight, bias = torch.ones(3, 2), torch.ones(3)
    features = {"in_features": 2, "out_features": 3}
    assert built(without, "Linear", {**features, "bias": False}, weight=weight).forward(torch.ones(1, 2)).sum() == 6
    with pytest.raises(Unsupported, match="the Linear of mine takes no bias"):
        built(without, "Linear", features, weight=weight, bias=bias)
    pooled = Library("mine", {"MaxPool2d": of_pair(lambda x: x, lambda dy: dy)})
    with pytest.raises(Unsupported, match="the MaxPool2d of mine has no kernel_size=2"):
        built(pooled, "MaxPool2d", {"kernel_size": 2})


def test_a_bias_that_a_function_wants_is_lacking_where_there_is_none() -> None:
    subject = Library("mine", {"Linear": of_pair(lambda x, weight, bias: x @ weight.T + bias, lambda dy: dy)})
    with pytest.raises(Unsupported, match="the Linear of mine is never without bias"):
        built(subject, "Linear", {"in_features": 2, "out_features": 3, "bias": False}, weight=torch.ones(3, 2))


def test_an_input_that_a_function_does_not_take_is_lacking() -> None:
    subject = Library("mine", {"EmbeddingBag": of_pair(lambda input, weight: weight[input].sum(1), lambda dy: dy)})
    options = {"num_embeddings": 3, "embedding_dim": 2, "mode": "sum"}
    bag = built(subject, "EmbeddingBag", {**options, "mode": "mean"}, weight=torch.ones(3, 2))
    with pytest.raises(Unsupported, match="the EmbeddingBag of mine takes no offsets"):
        bag.forward(torch.tensor([0, 1]), torch.tensor([0, 1]))


def test_a_function_that_is_not_told_the_mode_has_no_evaluation() -> None:
    class Unmoded(torch.autograd.Function):
        @staticmethod
        def forward(_ctx: Any, x: torch.Tensor, p: float) -> torch.Tensor:
            return x * p

    with pytest.raises(Unsupported, match="knows no evaluation"):
        built(Modules("mine", {"Dropout": Unmoded}), "Dropout", {"p": 0.5}).train(False)
    assert built(Modules("mine", functions.applied()), "Dropout", {"p": 0.5}).train(False) is None


def test_a_network_is_made_of_functions() -> None:
    subject = Modules("applied", functions.applied())
    layers = [("Linear", {"in_features": 2, "out_features": 3}), ("Mish", {})]
    parameters = {"0.weight": torch.ones(3, 2), "0.bias": torch.zeros(3)}
    made = subject.build("Sequential", {"layers": layers}, parameters, torch.device("cpu"), torch.float64)
    y = made.forward(torch.ones(1, 2, dtype=torch.float64))
    torch.testing.assert_close(y, torch.nn.functional.mish(torch.full((1, 3), 2.0, dtype=torch.float64)))
    made.backward(torch.ones(1, 3, dtype=torch.float64))
    assert set(made.gradients()) == {"0.weight", "0.bias"}


class Sloped(torch.autograd.Function):
    @staticmethod
    def forward(_ctx: Any, x: torch.Tensor, slope: float) -> torch.Tensor:
        return torch.where(x > 0, x, slope * x)


def loss(p: Any, t: Any) -> Any:
    return ((p - t) ** 2).mean()


MISTAKES: Mapping[str, tuple[Callable[[], object], str]] = {
    "no function": (lambda: of_function(torch.nn.Mish), "of_function takes a class derived from"),
    "an instance": (lambda: of_pair(np.tanh, 3), r"of_pair takes two functions, but backward was 3"),  # type: ignore[arg-type]
    "an argument without a meaning": (
        lambda: Modules("mine", {"LeakyReLU": Sloped}),
        r"LeakyReLU: the function takes slope, which is no input.*did you mean negative_slope\?",
    ),
    "a name that torch has not": (
        lambda: Modules("mine", {"LeakyReLU": of_function(Sloped, negative_slpe="slope")}),
        r"'negative_slpe', which is none; did you mean negative_slope\?",
    ),
    "a name that the function has not": (
        lambda: Modules("mine", {"LeakyReLU": of_function(Sloped, negative_slope="slop")}),
        r"'slop', which is none; did you mean slope\?",
    ),
    "no dy": (
        lambda: Library("mine", {"MSELoss": of_pair(loss, lambda p, t: p - t)}),
        "MSELoss: backward takes p first, where dy must come.*loss_functions",
    ),
    "a pair in the table of torch.nn.Modules": (
        lambda: Modules("mine", {"Tanh": of_pair(np.tanh, np.tanh)}),  # type: ignore[dict-item]
        "Tanh: a pair of functions is an entry of Library",
    ),
    "a function in the table of a library": (
        lambda: Library("mine", {"LeakyReLU": Sloped}),
        "LeakyReLU: a torch.autograd.Function is an entry of Modules",
    ),
    "an operator": (lambda: Library("mine", {"Tensor.add": of_pair(loss, loss)}), "Tensor.add is an operator"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_line(name: str) -> None:
    mistaken, said = MISTAKES[name]
    with pytest.raises(Miswritten, match=said) as raised:
        mistaken()
    assert str(raised.value).startswith("test_functions.py, line ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("forward", "backward", "said"),
    [
        (lambda x: 2 * x, lambda dy, z: dy * z, r"backward takes z, which is no argument of forward \(x\), nor y"),
        (
            lambda x: 2 * x,
            lambda dy: (2 * dy, dy, dy),
            "must return the gradients of x, in forward's order.*returned 3",
        ),
    ],
    ids=["a name", "too many"],
)
def test_what_shows_in_a_call_alone_is_one_sentence(forward: Any, backward: Any, said: str) -> None:
    subject = Library("mine", {"ReLU": of_pair(forward, backward)}, Convention(arrays=TORCH))
    module = built(subject, "ReLU", {})
    y = module.forward(torch.ones(2))
    with pytest.raises(Miswritten, match=said):
        module.backward(y)


def test_a_forward_that_returns_too_much_is_one_sentence() -> None:
    module = built(Library("mine", {"ReLU": of_pair(lambda x: (x, x, x), lambda dy: dy)}), "ReLU", {})
    with pytest.raises(
        Miswritten, match=r"forward must return output, or \(output, what backward is given\), but returned 3"
    ):
        module.forward(torch.ones(2))


def test_the_first_of_ctx_is_no_input() -> None:
    subject = Library("mine", {"Sigmoid": of_pair(functions.sigmoid, functions.sigmoid_backward)})
    (entry,) = subject.modules.values()
    assert entry.with_context  # type: ignore[union-attr]
    assert [one.name for one in entry.arguments.taken or ()] == ["x"]  # type: ignore[union-attr]


def huber(p: np.ndarray, t: np.ndarray, delta: float) -> float:
    off = np.abs(p - t)
    return float(np.where(off <= delta, off * off / 2, delta * (off - delta / 2)).mean())


def huber_gradient(p: np.ndarray, t: np.ndarray, delta: float) -> np.ndarray:
    return np.clip(p - t, -delta, delta) / p.size


def deaf(p: np.ndarray, t: np.ndarray, delta: float) -> np.ndarray:  # noqa: ARG001 - it does not look at it
    return np.clip(p - t, -1, 1) / p.size


def without_delta(p: np.ndarray, t: np.ndarray) -> np.ndarray:
    return np.clip(p - t, -1, 1) / p.size


@pytest.mark.parametrize(("gradient", "wrong"), [(huber_gradient, set()), (deaf, {"dx"})])
def test_what_two_functions_take_after_p_and_t_are_options(gradient: Callable[..., Any], wrong: set[str]) -> None:
    convention = Convention(arrays=FLOAT64_NUMPY)
    subject = Library("losses", {"HuberLoss": loss_functions(huber, gradient)}, convention)
    page = planned(subject, "HuberLoss")
    asked = {case.options.get("delta") for case in page.cases}  # torch has 1
    assert {0.25, 3.0} <= asked
    assert {record.verdict for record in records(subject, page)} >= {"pass"}
    assert failed(records(subject, page)) == wrong


def test_an_option_that_one_of_two_functions_lacks_is_none_of_the_loss() -> None:
    loss = loss_functions(lambda p, t, delta=1.0: huber(p, t, delta), without_delta)
    subject = Library("losses", {"HuberLoss": loss}, Convention(arrays=FLOAT64_NUMPY))
    page = planned(subject, "HuberLoss")
    assert {case.options.get("delta") for case in page.cases} == {None}
    assert failed(records(subject, page)) == set()


WALK = Cell(RNN := written()["RNN"], next(case for case in RNN.cases if "h0" in case.others), dtype="float64")
NAMES = {"weight_ih_l0": "w", "weight_hh_l0": "u", "bias_ih_l0": "b", "bias_hh_l0": "c"}


def test_several_outputs_may_stand_beside_what_is_left_to_backward() -> None:
    subject = Library(
        "walks", {"RNN": of_pair(functions.walk, functions.walked_back, **NAMES)}, Convention(arrays=FLOAT64_NUMPY)
    )
    found = CHECKS["values"].records(Trial(WALK, subject))
    assert len(found) == 8
    assert failed(found) == set()


def test_a_backward_that_takes_too_little_is_told_what_it_is_given() -> None:
    def one_cotangent(dy: np.ndarray, kept: Any) -> tuple[np.ndarray, ...]:
        return functions.walked_back(dy, np.zeros(1), kept)

    subject = Library(
        "walks", {"RNN": of_pair(functions.walk, one_cotangent, **NAMES)}, Convention(arrays=FLOAT64_NUMPY)
    )
    trial = Trial(WALK, subject)
    said = "RNN: backward must take doutput, dh_n, what forward left to it first, but takes dy, kept"
    with pytest.raises(Miswritten, match=said):
        trial.observe(trial.build())
