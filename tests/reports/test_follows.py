"""What follows of a wrong number, in other checks, networks or conventions, is told with it, and is no finding."""

from dataclasses import replace
from typing import Any

import pytest

from reports.record import Parity
from tests.reports.test_parity_page import BAD, GOOD, REFUSES, RUN, page, section


def network(**fields: Any) -> Parity:
    return replace(BAD, module="Sequential", quantity="d0.bias", aspect="numbers", made_of=("Conv2d", "Tanh"), **fields)


def test_a_network_of_a_wrong_module_is_no_finding_of_its_own() -> None:
    run, wrong = replace(RUN, source="lib.py"), replace(BAD, aspect="numbers")
    text = page(run, GOOD, wrong, network(), network(case="other", check="lockstep"))
    assert (
        "1 of 4 quantities FAIL** in: Conv2d dL/dX. 2 more fail because of these, in other checks and in networks."
        in text
    )
    assert "**Sequential** is put together of Conv2d, where numbers are wrong: mend that first." in text
    assert "Sequential (put together of Conv2d)" in text
    assert "**Sequential, d0.bias** is wrong in 1 of 1 comparison" in text  # folded away, not left out


@pytest.mark.parametrize(
    "fields", [{"regime": "huge"}, {"dtype": "float64"}, {"made_of": ("Tanh",)}, {"aspect": "behaviour"}]
)
def test_a_network_that_is_wrong_where_its_modules_are_right_is_one(fields: dict[str, Any]) -> None:
    apart = replace(network(check="lockstep" if "aspect" in fields else "values"), **fields)
    text = page(RUN, GOOD, replace(BAD, aspect="numbers"), apart)
    assert "**2 of 3 quantities FAIL** in: Conv2d dL/dX, Sequential" in text


def test_a_wrong_gradient_of_a_module_is_no_excuse_for_the_output_of_a_network() -> None:
    wrong, output = replace(BAD, aspect="numbers"), replace(network(), quantity="output")
    assert "**2 of 3 quantities FAIL** in: Conv2d dL/dX, Sequential output." in page(RUN, GOOD, wrong, output)
    spoilt = replace(wrong, quantity="output")
    assert "1 of 3 quantities FAIL** in: Conv2d output. 1 more fails" in page(RUN, GOOD, spoilt, output)


def test_what_follows_of_a_wrong_number_is_no_convention() -> None:
    run = replace(RUN, fail_on=("numbers", "behaviour"))
    exact = replace(BAD, check="exact", aspect="conventions")
    text = page(run, GOOD, replace(BAD, aspect="numbers"), exact)
    assert "**1 of 3 quantities FAIL** in: Conv2d dL/dX (and so fails 1 check). 1 more fails because of these" in text
    assert "in conventions alone" not in text


def test_conventions_alone_are_compared_all_the_same() -> None:
    run, other = replace(RUN, fail_on=("numbers",)), replace(REFUSES, verdict="fail", aspect="conventions")
    said = page(run, other)
    assert "Nothing was compared" not in section(said, "In five seconds")
    assert (
        "1 quantity differs in behaviour and conventions alone, which does not fail this run, in: Conv2d refuses."
        in said
    )
