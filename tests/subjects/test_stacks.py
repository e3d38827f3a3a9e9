"""Parameters of a network are found wherever it keeps its layers: by a path, a method, a number, or a part's name."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.adapters import Miswritten, attributes
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from reports.record import Parity

sys.path.insert(0, str(Path(__file__).parent))
import stacks

PAGE = pages()["Sequential"]
DENSE = [case for case in PAGE.cases if {name for name, _ in case.options["layers"]} <= {"Linear", "ReLU"}]


def records(subject: Any, check: str = "values", dtype: str = "float64") -> list[Parity]:
    cells = (Cell(PAGE, case, check, dtype=dtype) for case in DENSE)
    return [record for cell in cells for record in CHECKS[check].records(Trial(cell, subject))]


@pytest.mark.parametrize("way", stacks.WAYS)
def test_a_network_is_judged_however_it_keeps_its_layers(way: str) -> None:
    found = records(stacks.library(*stacks.WAYS[way]))
    assert {record.verdict for record in found} <= {"pass", "same-route"}, found
    assert {"output", "dx", "d0.weight", "d0.bias"} <= {record.quantity for record in found}


def test_a_slip_of_a_network_is_found() -> None:
    found = records(stacks.library(stacks.Doubled, attributes(layers="stack", **stacks.PLAIN)))
    wrong = {record.quantity for record in found if record.verdict == "fail"}
    assert "d0.weight" in wrong
    assert not wrong & {"output", "dx"}


def block(**parts: Any) -> SimpleNamespace:
    return SimpleNamespace(**parts)


def test_a_part_is_found_by_torchs_name_or_by_its_own() -> None:
    first, last = block(w=np.ones(2), dw=np.zeros(2)), block(w=np.ones(3), dw=np.zeros(3))
    network = block(conv1=first, tail=block(head=last))
    places = attributes(weight=("w", "dw"), fc="tail.head")(network, ["conv1.weight", "fc.weight"])
    assert places["conv1.weight"].value() is first.w
    assert places["fc.weight"].grad() is last.dw
    places["fc.weight"].put(np.zeros(3), np.ones(3))  # type: ignore[misc]
    assert last.w.sum() == 0
    assert last.dw.sum() == 3


def test_a_whole_name_comes_first() -> None:
    network = block(layers=[block(W=np.ones(2), dW=np.ones(2))], W0=np.zeros(2), dW0=np.zeros(2))
    finder = attributes(weight=("W", "dW"), **{"0.weight": ("W0", "dW0")})
    assert finder(network, ["0.weight"])["0.weight"].value() is network.W0
    nested = block(layers=[block(layers=network.layers)])
    assert finder(nested, ["0.0.weight"])["0.0.weight"].value() is network.layers[0].W


class Callable(list[Any]):
    """A list of layers that can be called, as a container of them often can."""

    def __call__(self, x: Any) -> Any:
        return x


def test_layers_that_can_be_called_are_not() -> None:
    network = block(layers=Callable([block(W=np.ones(2), dW=np.ones(2))]))
    assert attributes(weight=("W", "dW"))(network, ["0.weight"])["0.weight"].value().sum() == 2


WRONG = {
    "no layers": (
        block(stack=[]),
        attributes(weight=("W", "dW")),
        "looked for in its attribute layers, where it is not; it has stack; attributes(layers=",
    ),
    "too few": (block(layers=[]), attributes(weight=("W", "dW")), "layer 0 of SimpleNamespace is looked for"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_network_without_it_is_one_sentence(name: str) -> None:
    network, finder, said = WRONG[name]
    with pytest.raises(Miswritten, match=re.escape(said)) as raised:
        finder(network, ["0.weight"])
    assert str(raised.value).startswith("test_stacks.py, line ")


def test_a_part_that_is_not_there_is_named_with_what_is() -> None:
    said = "conv1 of SimpleNamespace is looked for in its attribute conv1, where it is not; it has first"
    with pytest.raises(Miswritten, match=re.escape(said)) as raised:
        attributes(weight=("W", "dW"))(block(first=1), ["conv1.weight"])
    assert 'attributes(conv1="...") names another' in str(raised.value)
    with pytest.raises(Miswritten, match="conv1 is a part of a network, whose attribute must be one name"):
        attributes(conv1=("a", "b"))(block(conv1=1), ["conv1.weight"])


def test_no_layer_has_that_number() -> None:
    finder = attributes(weight=("weights.{layer}", "dweights.{layer}"))
    place = finder(block(weights=[1], dweights=[1]), ["0.weight", "2.weight"])["2.weight"]
    with pytest.raises(Miswritten, match=re.escape("the value of 2.weight is looked for at weights.1")):
        place.value()
