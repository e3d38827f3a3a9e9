"""Whether a comparison fails: as the newer run does, by verdict and aspect."""

from dataclasses import replace
from pathlib import Path

import pytest

from parity.__main__ import main
from reports.record import Parity, write
from tests.reports.test_compare import DX, ENDS, put
from tests.reports.test_parity_page import BAD, GOOD

CONVENTION = replace(BAD, aspect="conventions")


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        ([GOOD], [replace(GOOD, verdict="error", aspect="conventions")], 1, "1 newly wrong"),
        ([CONVENTION], [replace(BAD, aspect="numbers")], 1, "1 newly wrong"),
        ([replace(BAD, aspect="numbers")], [CONVENTION], 0, "0 newly wrong"),
        ([CONVENTION], [replace(CONVENTION, verdict="void")], 1, "1 newly wrong"),
        ([CONVENTION], [CONVENTION, replace(BAD, aspect="numbers", seed=1)], 1, "1 newly wrong"),
        ([GOOD, DX, replace(GOOD, module="Gone")], [GOOD, DX], 1, "newly missing altogether: Gone (1)"),
        ([GOOD, DX, replace(GOOD, seed=1)], [GOOD, replace(DX, verdict="unsupported")], 0, "newly missing: "),
    ],
)
def test_what_makes_the_newer_run_fail_is_newly_wrong_whatever_its_aspect(
    tmp_path: Path,
    old: list[Parity],
    new: list[Parity],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = replace(ENDS, fail_on=("numbers", "behaviour"))
    paths = put(tmp_path / "old.jsonl", *old, run=run), put(tmp_path / "new.jsonl", *new, run=run)
    assert main(["compare", *map(str, paths), "--page", str(tmp_path / "page.md")]) == status
    shown = capsys.readouterr().out
    assert said in shown
    assert "which fails no run" not in shown


def test_a_run_that_was_asked_for_less_may_lack_a_module(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = put(tmp_path / "old.jsonl", GOOD, replace(GOOD, module="Gone"))
    for narrower in ({"narrowed_by": ("--module",)}, {"quick": "values alone"}):
        new = put(tmp_path / "new.jsonl", GOOD, run=replace(ENDS, **narrower))  # type: ignore[arg-type]
        assert main(["compare", str(old), str(new), "--page", str(tmp_path / "page.md")]) == 0
        assert "newly missing: Gone (1)" in capsys.readouterr().out
    whole = put(tmp_path / "whole.jsonl", GOOD)
    assert main(["compare", str(old), str(whole), "--page", str(tmp_path / "page.md")]) == 1
    assert "**✗ 1 module no longer compared" in (tmp_path / "page.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("narrowed_by", "quick", "without", "status"),
    [
        (("--module",), "", ("Softmax",), 1),
        (("--quick",), "values alone", (), 1),
        (("--quick",), "values of another kind", (), 0),
        (("--module",), "", ("Softmax", "Gone"), 0),
        (("--dtype",), "", (), 0),
    ],
)
def test_of_two_runs_of_one_selection_the_newer_may_lack_nothing(
    tmp_path: Path, narrowed_by: tuple[str, ...], quick: str, without: tuple[str, ...], status: int
) -> None:
    asked = replace(ENDS, narrowed_by=narrowed_by, quick=quick and "values alone", without=without[:1])
    old = put(tmp_path / "old.jsonl", GOOD, replace(GOOD, module="Gone"), run=asked)
    new = put(tmp_path / "new.jsonl", GOOD, run=replace(asked, quick=quick, without=without))
    assert main(["compare", str(old), str(new), "--page", str(tmp_path / "page.md")]) == status


def test_a_subject_that_was_not_asked_for_again_has_lost_nothing(tmp_path: Path) -> None:
    other = replace(GOOD, subject="other")
    write(tmp_path / "old.jsonl", [ENDS, replace(ENDS, subject="other"), GOOD, other])
    new = put(tmp_path / "new.jsonl", GOOD)
    assert main(["compare", str(tmp_path / "old.jsonl"), str(new), "--page", str(tmp_path / "page.md")]) == 0
