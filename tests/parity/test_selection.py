"""Several modules are chosen by one word or more, and what a choice leaves out is counted."""

from pathlib import Path

import pytest

from parity.__main__ import main
from parity.catalogue import operators, pages
from parity.run.session import Selection, chosen_of
from reports.lines import read
from tests.parity.test_command import run


@pytest.mark.parametrize(
    "given",
    [["Linear,ReLU"], ["ReLU", "Linear"], [" ReLU , Linear "], ["ReLU Linear"], ["ReLU,", "Linear", "ReLU"]],
    ids=["commas", "repeated", "both", "blanks", "twice"],
)
def test_several_modules_are_chosen_in_the_order_of_the_catalogue(given: list[str]) -> None:
    assert chosen_of(given, pages()) == ["Linear", "ReLU"]


@pytest.mark.parametrize("given", [None, [], ["all"], ["ReLU", "all"]])
def test_without_a_word_all_are_chosen(given: list[str] | None) -> None:
    assert chosen_of(given, pages()) == list(pages())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["Linear,RelU"], r"was 'RelU'; did you mean ReLU\?"),
        (["Linear", "Conv2D"], r"was 'Conv2D'; did you mean Conv2d\?"),
        ([""], "--module must name a module, was ''"),
        ([","], "--module must name a module, was ','"),
    ],
)
def test_a_typo_is_named_with_the_nearest_name(given: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chosen_of(given, pages())


def selection(*modules: str, check: str = "all", dtype: str = "all") -> Selection:
    return Selection.of(modules, "all", check, dtype, ["cpu"], 0, pages() | operators())


def test_what_is_left_out_is_counted_by_what_left_it_out() -> None:
    assert selection().left_out() == []
    one = selection("Linear,ReLU", check="values")
    every, kept = len(one.everything()), len(selection("Linear,ReLU").cells())
    by_module, by_check = one.left_out()
    total = len(pages() | operators())
    modules = f"{total - 2} of {total} modules, with {every - kept:,} of {every:,} cells, which --module left out: "
    assert by_module.startswith(modules)
    assert by_module.endswith("Tensor.unfold")
    assert by_check == f"{kept - len(one.cells()):,} of {kept:,} cells of the others, which --check values left out"


def test_the_page_says_what_was_left_out(tmp_path: Path) -> None:
    chosen = "--module", "ReLU,Tanh", "--module", "Sigmoid", "--check", "kinks"
    assert run(tmp_path, *chosen).returncode == 0
    head, *records = read(tmp_path / "parity.jsonl")
    assert {record["module"] for record in records} == {"ReLU"}
    page = (tmp_path / "parity.md").read_text(encoding="utf-8")
    for sentence in head["not_run"][:2]:
        assert sentence[:60] in page
    assert "which --module left out: AdaptiveAvgPool2d, " in page
    assert "cells of the others, which --check kinks left out" in page
    assert "pytest's own words" not in page


def test_what_pytest_left_out_is_told_apart(tmp_path: Path) -> None:
    assert run(tmp_path, "--module", "Tanh", "--check", "values", "-k", "large-batch").returncode == 0
    page = (tmp_path / "parity.md").read_text(encoding="utf-8")
    assert "cells selected, which pytest's own words left out or the run did not reach" in page


def test_the_times_name_a_typo_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--module", "Linear,RelU", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert "was 'RelU'; did you mean ReLU?" in said.out + said.err


@pytest.mark.parametrize("word", ["--setup-plan", "--setup-only"])
def test_a_run_that_asks_nothing_does_not_pass(word: str, tmp_path: Path) -> None:
    done = run(tmp_path, word)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{word} asks nothing of a subject: its run would pass" in done.stdout + done.stderr
    assert not list(tmp_path.rglob("*.jsonl"))
