"""What is audited is what ran: a road to torch is found wherever it opens, and honest roads are not accused."""

import pytest
import torch

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.run.auditing import audited, audited_alone
from parity.subjects import load
from parity.verdict.plan import cells
from tests.independence.strangers import (
    CONVOLUTIONS,
    HONEST_LINEAR,
    LIBRARY,
    LINEAR,
    OwnLinear,
    convolution_library,
    everything,
    linear_library,
    nothing,
)
from tests.subjects.restricted import LIBRARIES


@pytest.mark.parametrize("road", LINEAR)
def test_a_road_to_torch_is_found_wherever_it_opens(road):
    found = audited_alone(linear_library(LINEAR[road]), "Linear")
    assert found.verdict == "void"
    assert found.findings[0].startswith("aten::linear is the linear layer itself")
    assert "forward, " in found.findings[0]
    assert "strangers.py:" in found.findings[0]


@pytest.mark.parametrize("road", CONVOLUTIONS)
def test_a_road_to_torch_is_found_in_convolutions(road):
    found = audited_alone(convolution_library(CONVOLUTIONS[road]), "Conv2d")
    assert found.verdict == "void"
    assert found.findings[0].startswith("aten::conv2d is the convolution itself: forward, ")
    assert "strangers.py:" in found.findings[0]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_that_lacks_much_is_audited_at_what_it_has(library):
    lacks = LIBRARIES[library]
    honest = audited_alone(convolution_library(nothing, lacks), "Conv2d")
    assert (honest.verdict, honest.findings) == ("independent", ())
    assert honest.unaudited == ""
    cheat = audited_alone(convolution_library(everything, lacks), "Conv2d")
    assert cheat.verdict == "void"


def always_a_bias(options, _dtype):
    return "" if options.get("bias", True) else "it always has a bias"


def test_what_was_audited_is_told_by_kinds():
    found = audited_alone(linear_library(nothing, always_a_bias), "Linear")
    assert (found.verdict, found.unaudited) == ("independent", "")
    for kinds in ("bias True;", "dtype bfloat16, float16, float32, float64;", "rank of x 1, 2, 3, 4;", "size large"):
        assert kinds in found.audited
    assert found.audited.startswith("all ")


def test_only_what_was_selected_is_audited():
    page = pages()["Linear"]
    run = [cell for cell in cells(page, [CHECKS["values"]], ["cpu"], 0) if cell.dtype == "float32"]
    found = audited(linear_library(LINEAR["in float64"]), page, run)
    assert (found.verdict, found.findings) == ("independent", ())
    assert "dtype float32;" in found.audited


@pytest.mark.parametrize("habit", HONEST_LINEAR)
def test_an_honest_linear_layer_is_not_accused(habit):
    found = audited_alone(linear_library(nothing, built=HONEST_LINEAR[habit]), "Linear")
    assert (found.verdict, found.findings) == ("independent", ())


@pytest.mark.parametrize("module", ["MSELoss", "CrossEntropyLoss", "ReLU", "Tanh", "Conv2d"])
def test_an_honest_library_is_not_accused(module):
    checks = [CHECKS[name] for name in ("values", "layouts")]
    run = [cell for cell in cells(pages()[module], checks, ["cpu"], 0) if cell.dtype == "float32"]
    found = audited(LIBRARY, pages()[module], run)
    assert (found.verdict, found.findings) == ("independent", ())


class Crashing(OwnLinear):
    def backward(self, dy):
        if dy.dtype == torch.float64:
            raise ArithmeticError("no float64")
        return super().backward(dy)


class AlwaysCrashing(OwnLinear):
    def backward(self, _):
        raise ArithmeticError("never")


class NoBackward(OwnLinear):
    def backward(self, dy):
        super().backward(dy)


def test_a_crash_is_not_void_and_its_kind_is_listed():
    found = audited_alone(linear_library(nothing, built=Crashing), "Linear")
    assert (found.verdict, found.findings) == ("independent", ())
    assert found.unaudited == "dtype float64 (ArithmeticError: no float64)"


def test_a_module_that_always_crashes_is_not_audited():
    found = audited_alone(linear_library(nothing, built=AlwaysCrashing), "Linear")
    assert (found.verdict, found.findings) == ("not audited", ("its run ended: ArithmeticError: never",))


def test_what_was_seen_before_a_crash_counts():
    found = audited_alone(linear_library(LINEAR["without a bias"], built=AlwaysCrashing), "Linear")
    assert found.verdict == "void"


def test_a_backward_that_returns_nothing_is_no_cheat():
    found = audited_alone(linear_library(nothing, built=NoBackward), "Linear")
    assert (found.verdict, found.findings) == ("independent", ())


@pytest.mark.parametrize("page", pages().values(), ids=lambda page: page.module)
def test_no_module_of_the_framework_goes_unaudited(page):
    run = [cell for cell in cells(page, [CHECKS["values"]], ["cpu"], 0) if cell.dtype == "float32"]
    found = audited(load("framework"), page, run)
    assert (found.verdict, found.unaudited) == ("independent", "")
