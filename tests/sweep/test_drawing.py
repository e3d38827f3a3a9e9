"""The configuration with a number: the same everywhere, of what torch takes, and of much that no page lists."""

import subprocess
import sys
from collections import Counter

import pytest

from parity.catalogue import pages, written
from parity.contract.numbers.layouts import LAYOUTS
from parity.sweep.drawing import MOST_ELEMENTS, Configuration, configuration
from parity.verdict.cell import DTYPES
from parity.verdict.regimes import REGIMES

MODULES = ("Conv2d", "CrossEntropyLoss", "Linear", "LSTM", "Softmax", "TransformerBlock")


def told(drawn: Configuration) -> str:
    cell = drawn.cell
    return f"{cell} {cell.case.x} {dict(cell.case.options)} {dict(cell.case.others)} {cell.seed} {drawn.layouts}"


@pytest.fixture(scope="module")
def several() -> list[Configuration]:
    return [configuration(number, 3, MODULES) for number in range(400)]


def test_a_number_is_the_same_configuration_in_another_process(several: list[Configuration]) -> None:
    code = (
        "from tests.sweep.test_drawing import MODULES, configuration, told\n"
        "print('\\n'.join(told(configuration(number, 3, MODULES)) for number in (399, 7, 120)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [told(several[number]) for number in (399, 7, 120)]


def test_numbers_and_seeds_differ(several: list[Configuration]) -> None:
    assert len(set(map(told, several))) == len(several)
    assert told(configuration(5, 4, MODULES)) != told(several[5])


def test_everything_is_drawn(several: list[Configuration]) -> None:
    cells = [drawn.cell for drawn in several]
    assert {cell.page.module for cell in cells} == {*MODULES}
    assert {cell.dtype for cell in cells} == {*DTYPES}
    assert {cell.regime for cell in cells} == {*REGIMES}
    assert len({cell.cotangent for cell in cells}) == 3
    assert {drawn.layouts[0] for drawn in several} == {"", *LAYOUTS}
    assert any(not drawn.values for drawn in several)  # written by hand
    assert max(max(cell.case.x) for cell in cells) < MOST_ELEMENTS


def test_most_options_are_plain_and_some_values_are_in_no_space(several: list[Configuration]) -> None:
    spaces = {name: written()[name].space for name in MODULES}
    plain, beyond = Counter[bool](), 0
    for drawn in several:
        space = spaces[drawn.cell.page.module]
        for name, value in drawn.values.items():
            assert space is not None
            if name not in space.shapes:
                plain[value == space.values[name][0]] += 1
            beyond += value not in list(space.values[name])
    assert 0.55 < plain[True] / plain.total() < 0.85
    assert beyond > 50


def test_a_case_of_one_regime_is_drawn_in_no_other() -> None:
    """RMSNorm's eps that nobody set is another in the float64 truth, and counts beside numbers near 0."""
    cells = (configuration(number, 0, ("RMSNorm",)).cell for number in range(300))
    assert {cell.regime for cell in cells if cell.case.name == "machine-epsilon"} == {"normal"}


@pytest.mark.parametrize("module", sorted(written()))
def test_torch_takes_what_is_drawn_of_every_module(module: str) -> None:
    """A configuration that the reference itself refuses would be a fault of every subject."""
    from parity.verdict.draw import drawn_for
    from parity.verdict.reference import quantities

    for number in range(6):
        cell = configuration(number, 0, (module,)).cell
        import torch

        assert quantities(pages()[module].exact, cell.case, drawn_for(cell), torch.float64)
