"""The tables that are pasted into papers: what the records say, in a form that LaTeX and a spreadsheet read."""

import csv
import math
import shutil
import subprocess
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median

import pytest

from reports import render
from reports.command import carried_out
from reports.pasted.formats import latex, values
from reports.pasted.tables import of_parity, of_times
from reports.reading import gather
from reports.record import Parity, write
from reports.sources import gathered
from tests.reports.test_parity_page import BAD, GOOD, LACKING, REFUSES, RUN
from tests.started import HANGS

PUBLISHED = Path(__file__).parents[2] / "reports/published/amd-epyc-2-cores"
EVIL = 'a_b & 50 % of #1 $x$ {y} ~ ^ \\end{tabular} "q", ✗\n=1'
DOCUMENT = (
    "\\documentclass{article}\n\\usepackage[landscape]{geometry}\n\\usepackage{booktabs,longtable}\n"
    "\\begin{document}\\tiny\n%s\n\\end{document}\n"
)


def table(*records: Parity, run: object = RUN):  # type: ignore[no-untyped-def]  # a table of verdicts
    return of_parity(gather(asdict(record) for record in (run, *records)))  # type: ignore[call-overload]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_the_verdicts_are_those_of_the_records() -> None:
    fails = replace(REFUSES, module="Tanh", verdict="fail")
    good, lacking, tanh = rows_of(values(table(GOOD, replace(BAD, aspect="numbers"), LACKING, fails)))
    assert good["module"] == "Conv2d"
    assert (good["numbers"], good["behaviour"], good["compared"], good["failed"]) == ("FAIL", "", "2", "1")
    assert (float(good["worst error"]), float(good["limit"])) == (812.0, 4.0)
    assert (lacking["module"], lacking["numbers"], lacking["worst error"]) == ("GRU", "unsupported", "")
    assert (tanh["behaviour"], tanh["numbers"]) == ("FAIL", "")


def test_the_times_are_seconds_and_a_ratio_with_its_interval() -> None:
    timed = gathered(PUBLISHED / "perf.json")
    found = rows_of(values(of_times(timed)))
    assert len(found) == sum(row.time is not None for row in timed.findings) > 100
    quotients = [float(row["ratio"]) / (float(row["subject"]) / float(row["torch"])) for row in found]
    assert median(quotients) == pytest.approx(1, rel=0.05)  # of one row the ratio is not that of the medians beside it
    for row in found:
        assert float(row["low"]) <= float(row["ratio"]) <= float(row["high"])
        assert row["verdict"] in ("faster", "level", "slower", "unclear")


def test_latex_has_a_line_a_row_its_numbers_to_the_right_and_one_subject_unnamed() -> None:
    text = latex(table(GOOD, replace(GOOD, module="Tanh", subject_error=math.nan)))
    assert text.startswith("% Verdict by module")
    assert "\\usepackage{booktabs}\n\\begin{tabular}{llllrrrrrrr}" in text
    assert "subject" not in text
    lines = [line for line in text.splitlines() if line.endswith("\\\\")]
    assert len(lines) == 3
    assert {line.count("&") for line in lines} == {10}
    assert "–" in lines[2]
    several = latex(table(GOOD, replace(GOOD, subject="other")))
    assert "{lllllrrrrrrr}" in several
    assert "framework" in several


def test_a_long_table_goes_over_pages() -> None:
    many = [replace(GOOD, module=f"M{at}") for at in range(46)]
    assert "\\begin{longtable}" in latex(table(*many))
    assert "\\begin{tabular}" in latex(table(*many[:45]))


def test_no_word_breaks_out_of_its_cell() -> None:
    held = table(replace(GOOD, module=EVIL))
    (row,) = [line for line in latex(held).splitlines() if line.strip().startswith("a\\_b")]
    assert row.replace("\\&", "").count("&") == 10
    assert "\\end{tabular}" not in row
    assert "50 \\% of \\#1 \\$x\\$ \\{y\\}" in row
    assert row.endswith("\\\\")
    assert list(csv.reader(values(held).splitlines(keepends=True)))[1][1] == EVIL


@pytest.mark.parametrize(("named", "suffix"), [("latex", "tex"), ("csv", "csv")])
def test_a_report_writes_them_beside_its_page(tmp_path: Path, named: str, suffix: str) -> None:
    write(tmp_path / "parity.jsonl", [RUN, GOOD])
    shutil.copyfile(PUBLISHED / "perf.json", tmp_path / "perf.json")
    assert carried_out("report", "", lambda: render.COMMAND, ["--out", str(tmp_path), "--format", named]) == 0
    assert {path.name for path in tmp_path.glob(f"*.{suffix}")} == {f"verdicts.{suffix}", f"times.{suffix}"}


def test_of_a_run_that_was_not_finished_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "parity.jsonl", [replace(RUN, complete=False), GOOD])
    assert carried_out("report", "", lambda: render.COMMAND, ["--out", str(tmp_path), "--format", "csv"]) == 1
    assert "INCOMPLETE" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.csv"))


def test_another_format_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert carried_out("report", "", lambda: render.COMMAND, ["--out", str(tmp_path), "--format", "latx"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def lacks() -> str:
    """Return what a LaTeX that compiles the tables lacks here; empty where it is whole."""
    if shutil.which("pdflatex") is None:
        return "pdflatex"
    styles = ("booktabs.sty", "longtable.sty", "geometry.sty")
    found = [subprocess.run(["kpsewhich", style], capture_output=True, check=False).returncode for style in styles]
    return ", ".join(style for style, status in zip(styles, found, strict=True) if status)


@pytest.mark.skipif(bool(lacks()), reason=f"there is no {lacks()} here to compile it with")
def test_latex_compiles_it(tmp_path: Path) -> None:
    held = latex(table(GOOD, replace(GOOD, module=EVIL))), latex(of_times(gathered(PUBLISHED / "perf.json")))
    (tmp_path / "paper.tex").write_text(DOCUMENT % "\n\n".join(held), encoding="utf-8")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "paper.pdf").stat().st_size > 10_000
