"""Every kind of fault is named where it is planted, in the heading of its failures, and not beside another fault."""

import re

import pytest
import torch

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.subjects import load
from parity.subjects.contract import Unsupported
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.parity.looks import heading
from tests.diagnosis.fault_parts import at_input, changed
from tests.diagnosis.faults import FAULTS
from tests.diagnosis.wrong_library import WrongLibrary, failures, told

FAILURES = 4  # of each fault, that are explained here


@pytest.fixture(scope="session")
def headings() -> dict[str, str]:
    """What is said of each fault, as soon as it is asked."""
    return {}


def said(name: str, headings: dict[str, str]) -> str:
    fault = FAULTS[name]
    if name not in headings:
        headings[name] = told(fault.library, fault.quantity, FAILURES)
    return headings[name].replace("\\", "")


@pytest.mark.parametrize("name", FAULTS)
def test_the_kind_is_named(name: str, headings: dict[str, str]) -> None:
    assert re.search(FAULTS[name].words, said(name, headings))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_factor_is_named_where_there_are_few_digits(dtype: str) -> None:
    averaged = WrongLibrary("Linear", change=changed("dbias", lambda found, i, _: found["dbias"] / i[0].shape[0]))
    wrong, values = failures(averaged, "dbias", dtypes=(dtype,))
    assert len(wrong) > 5
    shown = heading(wrong, values)
    assert re.search("looks like this: it is divided by the batch size", shown)
    assert "zero" not in shown


# What must not be said: beside faults that look like it from afar.
NEVER = {
    "tanh by the sigmoid": "overflows",
    "slopes exchanged": "0 times inf",
    "not over N": "digits are lost",
    "log of 0": "exp overflows|batch of one",
    "exp of the logit": "batch of one|log of 0",
    "dilation ignored": "stride and dilation",
    "stride and dilation": "is ignored",
    "padding at the end": "comes after|repeats",
    "padding that repeats": "at the end|comes after",
    "a true convolution": "transposed",
    "no bias": "groups|channels",
    "through float16": "integers|digits are lost",
    "never written": "right for|right where",
    "equal features alone": "digits are lost|overflows",
    "a thousandth of a thousandth": r"\b1 times|divided by",
    "beyond a block": "two identical",
}


@pytest.mark.parametrize("name", NEVER)
def test_another_kind_is_not_named(name: str, headings: dict[str, str]) -> None:
    assert not re.search(NEVER[name], said(name, headings))


def test_lost_digits_are_named_in_float64_where_there_is_nothing_finer() -> None:
    by_tanh = WrongLibrary("Sigmoid", at_input(lambda x: torch.tanh(x / 2) / 2 + 0.5))
    for quantity in ("output", "dx"):
        wrong, values = failures(by_tanh, quantity, dtypes=("float64",))
        assert wrong
        assert "digits are lost by cancellation: the error is that of rounding 1" in heading(wrong, values)


def test_where_torch_takes_no_other_number_of_samples_nothing_is_accused() -> None:
    case = next(case for case in pages()["LSTM"].cases if case.options.get("batch_first") and "h0" in case.others)
    judged, error = CHECKS["batches"].judged(Trial(Cell(pages()["LSTM"], case), load("framework")))
    assert judged == []
    assert isinstance(error, Unsupported)


def test_an_empty_batch_that_ends_in_an_error_is_no_matter_of_simpler_conditions() -> None:
    def refuses_none(inputs: tuple[torch.Tensor, ...], _: object, __: object) -> torch.Tensor:
        return torch.stack(list(inputs[0])).relu()  # stack expects a non-empty list

    cell = next(cells(pages()["ReLU"], [CHECKS["batches"]], ["cpu"], 0))
    trial = Trial(cell, WrongLibrary("ReLU", refuses_none))
    judged, error = CHECKS["batches"].judged(trial)
    assert error is None
    (*others, record) = explain(trial, judged)
    assert record.detail == "batch of 0: RuntimeError: stack expects a non-empty TensorList"
    assert record.diagnosis == ""
    assert record.aspect == "behaviour"
    assert {one.aspect for one in others} == {"numbers"}
