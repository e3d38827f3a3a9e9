"""The tables that single commands print: of paper 002 on the tape, and of the judgement of the diagnosis."""

from reports.papers import paper_002_tape
from reports.papers.record import PaperFigure, PaperTiming
from reports.trust import explained


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_paper_002_on_the_tape_has_its_figures_and_its_time() -> None:
    figure = PaperFigure(
        paper="002",
        table="Section 3.1",
        row="ReLU",
        column="test errors, %",
        statistic="median",
        runs=2,
        printed="2.1 (0.5)",
        printed_reference="",
        reference=2.0,
        reference_std=0.25,
        subject=2.5,
        subject_std=0.125,
        p_value=0.0312,
    )
    timing = PaperTiming(
        paper="002",
        what="a training",
        unit="s",
        runs=2,
        subject=3.0,
        reference=1.5,
        ratio=2.0,
        low=1.9,
        high=2.1,
    )
    lines = paper_002_tape.render([figure], timing, (3.5, 1.75)).splitlines()
    shown = [cells(line) for line in lines if line.startswith("|")]
    assert shown[2] == ["test errors, %", "2.1 (0.5)", "2.5000 (0.1250)", "2.0000 (0.2500)", "0.031"]
    assert shown[-2:] == [
        ["mean", "1.961", "0.804", "3.500", "1.750"],
        ["median", "1.920", "0.779", "3.000", "1.500"],
    ]
    assert lines[-1] == "Tape / torch.nn: 2.00 (95 %: 1.90 to 2.10); in the paper 2.46."


def test_the_judgement_is_counted_by_cause_and_in_all() -> None:
    judged = [("sign", "right first"), ("sign", "none"), ("factor", "right first")]
    shown = [cells(line) for line in explained.render(judged, ("right first", "none")).splitlines()]
    assert shown[0] == ["cause", "right first", "none"]
    assert shown[2:] == [["factor", "1", "0"], ["sign", "1", "1"], ["all", "2", "1"]]
