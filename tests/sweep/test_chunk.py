"""What a chunk counts, and what it keeps of what failed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from parity.subjects import load
from parity.subjects.contract import Unsupported
from parity.subjects.process import Limits
from parity.subjects.process.isolated import PATIENCE
from parity.sweep import chunk as chunks
from parity.sweep.chunk import CONTIGUOUS, KEPT, NOT_ASKED, ChunkTally, Errand, asked, binned, done, scoped, trial_of
from parity.sweep.drawing import configuration
from parity.verdict.cell import DTYPES
from reports.sweep.record import COUNTED, SweepChunk, SweepScope, pairs_of
from tests.sweep.rare import subject as rare

SCOPE = SweepScope(cases=60, chunk=40, seed=0, modules=("LeakyReLU", "Linear"), dtypes=tuple(DTYPES))


def counted(found: SweepChunk) -> dict[str, int]:
    rows = zip(*found.counts.values(), strict=True)
    return dict(zip(COUNTED, map(sum, rows), strict=True))


def chunk(monkeypatch: pytest.MonkeyPatch, subject: object, scope: SweepScope = SCOPE, number: int = 0) -> SweepChunk:
    monkeypatch.setattr(chunks, "prepared", lambda *_: subject)
    return done(Errand("a subject", Limits(), scoped(scope)), number)


def test_every_configuration_is_counted_once_and_the_last_chunk_is_as_long_as_there_are_any() -> None:
    found = [done(Errand("framework", Limits(), scoped(SCOPE)), number) for number in (0, 1)]
    assert [one.cells for one in found] == [40, 20]
    assert [counted(one)["cells"] for one in found] == [40, 20]
    assert counted(found[0])["wrong"] == counted(found[0])["unsupported"] == 0
    assert sum(sum(bins.values()) for key, bins in found[0].errors.items() if key.endswith("subject")) > 60
    assert not found[0].failures


def test_a_rare_fault_is_found_counted_and_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """LeakyReLU is wrong where a batch holds one sample, which no case of its page has."""
    found = chunk(monkeypatch, rare, replace(SCOPE, modules=("LeakyReLU",), cases=100, chunk=100))
    assert counted(found)["wrong"] > len(found.failures) - found.not_kept >= 0
    assert {(one["module"], one["quantity"]) for one in found.failures} == {("LeakyReLU", "dx")}
    assert len(found.failures) == KEPT
    assert found.not_kept == counted(found)["wrong"] - KEPT
    assert all(one["x"][0] == 1 and one["diagnosis"] for one in found.failures)


def test_a_kept_failure_names_the_configuration_that_fails_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = replace(SCOPE, modules=("LeakyReLU",), cases=100, chunk=100)
    first = chunk(monkeypatch, rare, scope).failures[0]
    again = asked(trial_of(configuration(first["configuration"], 0, scope.modules), rare))
    assert [one.record.quantity for one in again if one.fails] == [first["quantity"]]


class Odd:
    """It lacks Linear, and stops in LeakyReLU."""

    name = "odd"
    explains = False

    def build(self, module: str, *_: object) -> object:
        if module == "Linear":
            raise Unsupported("odd has no Linear")
        raise ZeroDivisionError("a fault of its own")


def test_what_is_lacking_is_not_wrong_and_an_exception_is(monkeypatch: pytest.MonkeyPatch) -> None:
    found = chunk(monkeypatch, Odd())
    by_module = {key.split()[0]: dict(zip(COUNTED, counts, strict=True)) for key, counts in found.counts.items()}
    assert by_module["Linear"] | {"cells": 0} == {"cells": 0, "wrong": 0, "unsupported": 1, "quantities": 0}
    assert by_module["LeakyReLU"]["wrong"] == by_module["LeakyReLU"]["cells"]
    assert "ZeroDivisionError: a fault of its own" in found.failures[0]["detail"]
    assert not any(key.startswith("Linear") for key in found.met)
    assert found.lacking == {"Linear: odd has no Linear": counted(found)["unsupported"]}


class OfLayouts:
    """LeakyReLU, wrong where dy is not contiguous."""

    name = "of layouts"
    explains = False

    def build(self, module: str, *given: Any) -> Any:
        built = load("framework").build(module, *given)
        honest = built.backward
        built.backward = lambda dy: honest(dy) if dy.is_contiguous() else 1.25 * honest(dy)
        return built


def test_a_fault_of_a_layout_is_called_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = chunk(monkeypatch, OfLayouts(), replace(SCOPE, modules=("LeakyReLU",), cases=120, chunk=120))
    assert found.failures
    assert all(one["layouts"] and one["diagnosis"].startswith(CONTIGUOUS) for one in found.failures)


def test_what_hangs_too_often_is_not_asked_again_and_not_wrong_for_that() -> None:
    scope = scoped(replace(SCOPE, modules=("LeakyReLU",), cases=12, chunk=6, dtypes=("float32",)))
    errand = Errand(str(Path(__file__).with_name("hanging.py")), Limits(cell_seconds=3.0), scope)
    first, second = done(errand, 0), done(errand, 1)
    for one in (first, second):  # the second chunk begins with new patience
        assert counted(one)["wrong"] == PATIENCE
        assert counted(one)["unsupported"] == 6 - PATIENCE
    assert list(first.lacking) == [f"LeakyReLU: {NOT_ASKED}"]


def test_layouts_are_what_a_configuration_says() -> None:
    drawn = next(
        one for one in (configuration(number, 0, ("Conv2d",)) for number in range(200)) if one.layouts[0] == "strided"
    )
    (x,) = trial_of(drawn, rare).inputs()
    assert not x.is_contiguous()
    assert torch.equal(x, trial_of(replace(drawn, layouts=("", "")), rare).inputs()[0]) or x.isnan().any()


def test_values_and_pairs_that_were_met_are_marked() -> None:
    tally = ChunkTally(scoped(replace(SCOPE, modules=("Linear",))))
    drawn = next(one for one in (configuration(number, 0, ("Linear",)) for number in range(50)) if one.values)
    trial = trial_of(drawn, rare)
    tally.add(drawn, asked(trial), trial)
    found = tally.chunk(0, 1, 0.0, 0.0)
    space = tally.scope.values["Linear"]
    met = {(name, found.met[f"Linear {name}"].index(1)) for name in space}
    listed = {(name, at) for name, at in met if at < len(space[name])}
    pairs = [pair for bit, pair in enumerate(pairs_of(space)) if int(found.pairs["Linear"], 16) >> bit & 1]
    assert {value for pair in pairs for value in pair} <= listed
    assert len(pairs) == len(listed) * (len(listed) - 1) // 2


@pytest.mark.parametrize(
    ("error", "bin"), [(0.0, "-8"), (1e-9, "-8"), (1.0, "0"), (1.1, "1"), (9.0, "2"), (float("inf"), "40")]
)
def test_an_error_is_in_the_bin_whose_end_it_does_not_exceed(error: float, bin: str) -> None:
    assert binned(error) == bin
