"""A quick run: what it asks is what notices most, and it never passes for a whole one."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from parity.catalogue import pages
from parity.catalogue.optimisers import optimisers
from parity.run.quick import questions
from parity.run.quick.questions import Question, Ranking, Telling
from parity.run.session import Selection
from parity.trust import telling
from parity.verdict import limits
from reports import publish
from reports.lines import read
from reports.parity import headline
from reports.reading import gather
from reports.record import write
from tests import started
from tests.reports.test_parity_page import GOOD, RUN


def selection(quick: bool, *modules: str, check: str = "all", device: str = "cpu") -> Selection:
    return Selection.of(modules or None, "all", check, "all", [device], 0, None, optimisers(), quick=quick)


def test_every_module_is_asked_and_few_cells_of_all(device: str) -> None:
    quick, whole = selection(True, device=device), selection(False, device=device)
    asked = {cell.page.module for cell in quick.selected()}
    assert asked == {*pages(), *optimisers()}
    assert len(quick.selected()) < 0.12 * len(whole.selected())
    assert {str(cell) for cell in quick.selected()} < {str(cell) for cell in whole.selected()}


def test_what_is_asked_notices_most_faults_and_nothing_that_tells_less_is_asked() -> None:
    counted = questions.counted()
    assert counted.share > 0.85
    assert counted.planted > 10_000
    least = min(one.rate for one in counted.asked)
    assert least >= limits.QUICK_FAULTS_A_SECOND
    assert all(one.rate < limits.QUICK_FAULTS_A_SECOND for one in counted.told if one not in counted.asked)


def test_the_questions_are_those_of_the_plan(device: str) -> None:
    planned = {questions.question(cell) for cell in selection(False, device=device).selected()}
    of_others = {"second-order"}  # asked of the tape, which has second derivatives
    assert {one.question for one in questions.counted().asked if one.question.check not in of_others} <= planned


def test_a_share_is_of_all_that_was_planted() -> None:
    one = Question("first", "values", "float32", "normal")
    slow = Telling(one._replace(check="layouts"), faults=10, cells=1, seconds=10.0)
    counted = Ranking(planted=100, modules=1, told=[Telling(one, faults=60, cells=2, seconds=0.1), slow])
    assert [told.question for told in counted.asked] == [one]
    assert counted.share == 0.6


def test_a_quick_selection_is_no_whole_one_and_says_what_it_left_out(device: str) -> None:
    quick = selection(True, device=device)
    assert not quick.whole
    cells, audit = quick.left_out()
    every = len(quick.everything())
    assert cells.startswith(f"{every - len(quick.selected()):,} of {every:,} cells, which --quick left out")
    assert "audit of independence" in audit
    with pytest.raises(ValueError, match="of those that --quick asks"):
        selection(True, "Linear", check="lockstep", device=device)


def test_the_page_says_first_that_a_run_was_quick_and_it_cannot_be_published(tmp_path: Path) -> None:
    run = replace(RUN, quick="a few", commit="abc")
    said = headline.headline(gather(map(asdict, [run, GOOD])))
    assert said.startswith("**A QUICK RUN**, no whole one: it asked a few. **All 1 compared quantities")
    write(tmp_path / "parity.jsonl", [run, GOOD])
    with pytest.raises(ValueError, match="was a quick one, which asks a few"):
        publish.checked(tmp_path / "parity.jsonl")


def test_a_quick_run_ends_by_saying_so(tmp_path: Path) -> None:
    words = ["--quick", "--module", "Linear", "--device", "cpu", "--out", tmp_path]
    done = started.run(["-m", "parity", "parity", *words])
    assert done.returncode == 0
    quick = done.stdout.splitlines()[-3]
    assert quick.startswith(f"QUICK, no whole run: it asked {questions.sentence()}. Not asked: ")
    head, *records = read(tmp_path / "parity.jsonl")
    assert head["quick"] == questions.sentence()
    assert {record["kind"] for record in records} <= {"parity", "end"}  # neither an audit nor tables of papers


def test_faults_are_counted_by_the_question_that_noticed_them_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "taken", lambda _: 0.5)
    noticed = ["values-float32-normal-cpu output", "values-float32-normal-cpu dx", "refuses-float32-normal-cpu a b"]
    mutants = [
        {"kind": "mutant", "module": "ReLU", "scale": 1.0, "by": f"ReLU-{pages()['ReLU'].cases[0].name}-{by}"}
        for by in noticed
    ]
    survivor, scaled = mutants[0] | {"by": ""}, mutants[0] | {"scale": 1000.0}
    held = telling.counted([*mutants, survivor, scaled, {"kind": "run"}])
    assert (held["planted"], held["modules"]) == (4, 1)
    assert held["questions"] == [
        {"question": ["first", "values", "float32", "normal"], "faults": 2, "cells": 1, "seconds": 0.5},
        {"question": ["first", "refuses", "float32", "normal"], "faults": 1, "cells": 1, "seconds": 0.5},
    ]
    with pytest.raises(ValueError, match="no fault that was noticed"):
        telling.counted([survivor])
