"""The papers' page says what its records say, in words too."""

import math

import pytest

from reports.papers import figures as papers_figures
from reports.papers import page as papers_page
from reports.papers.record import Curve, Lockstep, PaperClaim, PaperFigure, PaperTiming
from reports.record import plain


def figure(row="row", **given):
    base = {
        "paper": "003", "table": "Table 1", "row": row, "column": "errors", "statistic": "mean", "runs": 20,
        "printed": "1 (2)", "printed_reference": "", "reference": 1.5, "reference_std": 0.5, "subject": 1.6,
        "subject_std": 0.4, "effect": 0.1, "low": -0.2, "high": 0.3, "p_value": 0.4,
    }  # fmt: skip
    return PaperFigure(**base | given)


def rendered(*entries, times=()):
    return papers_page.render(
        [plain(dict(vars(entry))) for entry in entries], [plain(dict(vars(entry))) for entry in times]
    )


def test_a_cell_has_the_paper_torch_and_ours():
    assert "| row   | errors   |   1 (2) |                  – | 1.5 (0.500) | 1.6 (0.400) |" in rendered(figure())


def test_an_effect_stands_with_its_interval_and_without_where_there_is_none():
    assert "0.100 [-0.200, 0.300]" in rendered(figure())
    text = rendered(figure(low=math.nan, high=math.nan))
    assert "| 0.400 |" in text
    assert "[" not in text[text.index("### Table 1") :]
    assert "Of 1 figure" in text
    assert "1 have too few runs" in text


def test_the_page_says_whether_the_two_sides_differ():
    same = figure("same", same_bits=True, effect=0.0, low=0.0, high=0.0, p_value=1.0)
    text = rendered(same, figure("level"), figure("apart", p_value=0.01, effect=0.7))
    assert "of 3 figures, 1 are the same number on both sides in every run" in text.lower()
    assert "in 1 of the other 2 the test finds a difference at 5 %" in text
    assert "(least p 0.0100)" in text
    assert "apart, errors: effect 0.700" in text


def test_one_small_p_among_many_is_no_difference():
    entries = [figure(f"row {n}", p_value=0.036 if n == 0 else 0.4) for n in range(4)]
    assert "in 0 of the other 4 the test finds a difference" in rendered(*entries)
    assert "in 1 of the other 1 the test finds a difference" in rendered(entries[0])


def test_a_claim_that_did_not_hold_stands_on_top():
    text = rendered(
        PaperClaim(paper="000", claim="it holds", found="it does not", verdict="fail"),
        PaperClaim(paper="000", claim="other", found="fine", verdict="pass"),
    )
    assert "**1 of 2 claims held.** These did not:" in text
    assert text.index("it does not") < text.index("## Paper 000")


def test_times_are_shown_by_step_and_by_training():
    time = PaperTiming(
        paper="000",
        what="net",
        unit="ms",
        runs=8,
        subject=2.0,
        reference=1.0,
        ratio=2.0,
        low=1.9,
        high=2.1,
        printed="3 / 1",
        steps=1000,
    )
    text = rendered(PaperClaim(paper="000", claim="claim", found="found", verdict="pass"), times=[time])
    assert "| net, a step |    1.00 ms | 2.00 ms | **2.00** [1.90, 2.10] |                 1.00 s | 2.00 s |" in text


def test_a_record_that_is_none_is_named():
    with pytest.raises(ValueError, match="record 1 of kind paper-gate"):
        papers_page.render([{"kind": "paper-gate", "schema": 1, "paper": "000"}])


def test_figures_are_drawn_for_what_there_is(tmp_path):
    curve = Curve(
        paper="000",
        figure="000-loss",
        panel="loss",
        label="test, ours",
        x_label="epoch",
        y_label="loss",
        runs=2,
        x=(1.0, 2.0),
        mean=(3.0, 2.0),
        std=(0.1, 0.1),
    )
    walk = Lockstep(
        paper="000",
        setting="net",
        dtype="float64",
        steps=(1, 2),
        between=(0.0, 2.0),
        subject=(),
        reference=(),
        allowed=(),
        total_steps=2,
        largest=2.0,
        identical_until=1,
        verdict="pass",
    )
    still = Lockstep(
        paper="000",
        setting="still",
        dtype="float64",
        steps=(1, 2),
        between=(0.0, 0.0),
        subject=(),
        reference=(),
        allowed=(),
        total_steps=2,
        largest=0.0,
        identical_until=2,
        verdict="pass",
    )
    drawn = papers_figures.draw([plain(dict(vars(entry))) for entry in (curve, walk, still)], tmp_path)
    assert {path.name for path in drawn} == {
        f"000-{name}.{kind}" for name in ("loss", "lockstep") for kind in ("svg", "png")
    }
    assert all(path.stat().st_size > 1000 for path in drawn)
    assert "same bits" in (tmp_path / "000-lockstep.svg").read_text()


def test_a_figure_is_drawn_again_byte_for_byte(tmp_path):
    curve = Curve(
        paper="000",
        figure="000-loss",
        panel="loss",
        label="test, ours",
        x_label="epoch",
        y_label="loss",
        runs=2,
        x=(1.0, 2.0),
        mean=(3.0, 2.0),
        std=(0.1, 0.1),
    )
    records = [plain(dict(vars(curve)))]
    first, second = (
        [path.read_bytes() for path in papers_figures.draw(records, tmp_path / name)] for name in ("one", "two")
    )
    assert first == second
