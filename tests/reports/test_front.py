"""What README says is proven is what the published records say."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from reports.front import command, picture, proof
from reports.record import write
from reports.sweep.reading import Sweep, SweptKey
from reports.trust.reading import Trust
from reports.trust.record import MutantRecord
from tests.reports.test_parity_page import GOOD, RUN

ROOT = Path(__file__).parents[2]
PUBLISHED = Path("reports/published/amd-epyc-2-cores")
MARKED = f"# A page\n{command.MARKS.begin}\nof before\n{command.MARKS.end}\nthe rest\n"


def test_the_readme_is_that_of_the_published_records(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    text = Path("README.md").read_text(encoding="utf-8")
    records = proof.held(PUBLISHED)
    assert command.MARKS.replaced(text, command.block(PUBLISHED, records)) == text
    picture.draw(records["parity.jsonl"], tmp_path / "proof.svg")
    assert (tmp_path / "proof.svg").read_bytes() == command.PICTURE.read_bytes()


def test_another_figure_is_another_table(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(MARKED, encoding="utf-8")
    write(tmp_path / "parity.jsonl", [RUN, GOOD, replace(GOOD, quantity="dbias", subject_error=9.0, verdict="fail")])
    assert command.run(command.COMMAND.asked("front", "", [str(tmp_path / "README.md"), "--out", str(tmp_path)])) == 0
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "**1 of 2 quantities FAIL** in: Conv2d dL/db." in text
    assert "of before" not in text
    assert text.endswith(f"{command.MARKS.end}\nthe rest\n")
    assert "<svg" in (tmp_path / command.PICTURE).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["no marks", MARKED + MARKED, f"{command.MARKS.end}{command.MARKS.begin}"])
def test_a_page_without_its_marks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must hold one line"):
        command.MARKS.replaced(text, "")


def test_what_is_no_finished_run_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no records of a finished run"):
        proof.held(tmp_path)
    write(tmp_path / "parity.jsonl", [replace(RUN, complete=False), GOOD])
    with pytest.raises(ValueError, match="is not of a finished run: the run was stopped"):
        proof.held(tmp_path)
    shutil.copyfile(ROOT / "README.md", tmp_path / "parity.jsonl")
    with pytest.raises(ValueError, match="line 1: not a record"):
        proof.held(tmp_path)


def test_planted_faults_have_a_line_where_a_run_of_trust_is_published() -> None:
    fault = MutantRecord(id="a", module="Linear", quantity="dx", cause="negated", scale=1.0, killed=True)
    asked = dict(proof.of_trust(Trust(mutants=[fault, replace(fault, id="b", killed=False)])))
    assert list(asked) == ["Does the verdict see a planted fault?"]
    assert "1 of 2" in asked["Does the verdict see a planted fault?"]
    assert dict(proof.of_trust(Trust())) == {}


def test_a_sweep_has_a_line_where_it_compared_something() -> None:
    counts = {SweptKey("Linear", "float32", "normal"): Counter(cells=50, wrong=1, unsupported=10, quantities=120)}
    assert dict(proof.of_sweep(Sweep(runs=[RUN], counts=counts))) == {
        "And in configurations that nobody chose?": "**1 configuration wrong** of 40 compared, in 1 module: 2.5 %, "
        "0.0633 to 13.2 %."
    }
    assert dict(proof.of_sweep(Sweep())) == {}
