"""Both sides of every row give the same; and a side that does not is noticed."""

import pytest
import torch

from parity.catalogue import pages
from parity.catalogue.page import Case
from parity.subjects import load
from parity.subjects.contract import Subject, Unsupported
from parity.verdict import limits
from parity.verdict.cell import Cell
from parity.verdict.draw import draw
from parity.verdict.reference import quantities
from perf.bench.contest import contest
from perf.bench.rows import QUICK_ROWS, STEPS, TINY, Row, named, quick, rows, timings
from perf.physics.memory import saved_bytes
from perf.sides.agreement import reduced, screened
from perf.sides.modules import BACKWARD, BOTH, FORWARD, MODES
from perf.sides.steps import NETWORKS
from tests.perf.subjects import AlteredSubject

SMALL = [row for row in rows(["cpu"]) if row.case != "large" and row.case not in ("3x3", "stem", "wide")]


@pytest.fixture(scope="module")
def framework() -> Subject:
    return load("framework")


@pytest.mark.parametrize("row", SMALL, ids=str)
def test_both_sides_give_the_same_and_run_again_and_again(row: Row, framework: Subject) -> None:
    made = contest(row)
    works = [made.subject_side(framework).make(), made.reference_side().make()]
    for work in works:
        for _ in range(2):
            work.clear()
            work.run()
    assert made.screened(made.subject_side(framework), made.reference_side()) == ""


def test_a_gradient_that_is_one_per_cent_off_is_far(framework: Subject) -> None:
    made = contest(Row("Linear", "papers", BOTH))
    right = made.reference_side().make().outcome()
    assert screened(made.subject_side(framework).make().outcome(), right) == ""
    for name in right:
        assert name in screened(dict(right) | {name: right[name] * 1.01}, right)
        assert name in screened({other: value for other, value in right.items() if other != name}, right)
    assert screened({}, {}) != ""
    assert screened({"output": torch.zeros(2)}, {"output": torch.zeros(3)}) != ""


def test_parity_speaks_on_the_row_s_own_options(framework: Subject) -> None:
    agreement = contest(Row("Linear", "wide", FORWARD)).parity(framework)
    assert agreement.passes
    assert agreement.shape == (19, 1024)


def test_a_wrong_subject_does_not_pass() -> None:
    subject = AlteredSubject()
    subject.name = "wrong"
    agreement = contest(Row("Sigmoid", TINY, BOTH)).parity(subject)
    assert not agreement.passes
    assert "dx" in agreement.detail


def test_one_that_is_wrong_at_full_size_only_is_screened_out() -> None:
    subject = AlteredSubject()
    subject.name = "wrong-at-size"
    made = contest(Row("Sigmoid", "papers", BOTH))
    assert made.parity(subject).passes
    assert "dx" in made.screened(made.subject_side(subject), made.reference_side())


def test_inputs_are_cut_along_the_batch_alone() -> None:
    for page in pages().values():
        for case in page.cases:
            shape = reduced(case).x
            assert shape[1:] == case.x[1:]
            assert not shape or shape[0] <= max(2, limits.TIMED_ELEMENTS) or case.x[0] == shape[0]


@pytest.mark.parametrize("module", pages())
def test_what_is_cut_fits_together(module: str) -> None:
    page = pages()[module]
    for timing in timings(module).values():
        case = reduced(Case(timing.name, timing.x, timing.options, timing.target, timing.others))
        assert quantities(page, case, draw(Cell(page, case)), torch.float32)


def test_a_training_step_moves_every_parameter(framework: Subject) -> None:
    made = contest(Row(STEPS, "dense-mse", "step"))
    before = made.given[0].parameters()
    after = made.subject_side(framework).make().outcome()
    assert before.keys() == after.keys()
    assert all(not torch.equal(before[name], after[name]) for name in before)


def test_a_subject_without_an_optimiser_has_no_training_step(framework: Subject) -> None:
    class Bare:
        name, explains, build = "bare", False, framework.build

    with pytest.raises(Unsupported, match="no optimiser"):
        contest(Row(STEPS, "dense-mse", "step")).subject_side(Bare())


def test_every_timing_has_every_mode_and_every_name_is_one_row() -> None:
    every = rows(["cpu"])
    assert len(set(map(str, every))) == len(every)
    cases = [(module, case) for module in pages() for case in timings(module)]
    assert len(every) == len(MODES) * len(cases) + len(NETWORKS)
    assert {row.device for row in rows(["cpu", "cuda"])} == {"cpu", "cuda"}


def test_the_quick_set_has_every_module_and_every_training_step() -> None:
    chosen = quick(rows(["cpu"]))
    assert len(chosen) == QUICK_ROWS
    assert {row.module for row in chosen} == {*(m for m in pages() if timings(m)), STEPS}
    assert chosen == [row for row in rows(["cpu"]) if row in chosen]


def test_rows_are_found_by_name() -> None:
    assert named("ReLU-papers-forward-cpu", ["cpu"]) == Row("ReLU", "papers", FORWARD)
    with pytest.raises(ValueError, match="there is no row 'ReLU'"):
        named("ReLU", ["cpu"])


@pytest.mark.parametrize(
    ("row", "floats"),
    [
        (Row("ReLU", "papers", FORWARD), 2 * 30_000),
        (Row("ReLU", "papers", BACKWARD), 2 * 30_000),
        (Row("ReLU", "papers", BOTH), 4 * 30_000),
        (Row("Linear", "papers", FORWARD), 2 * 30_000 + 110),
        (Row("Flatten", "papers", FORWARD), 0),
        (Row("NLLLoss", "large", FORWARD), 2 * 10_000 + 1),  # the classes, in 8 bytes each; of p what they name
    ],
    ids=str,
)
def test_the_least_that_is_moved(row: Row, floats: int) -> None:
    assert contest(row).moved() == 4 * floats


def test_what_the_framework_saves_is_seen(framework: Subject) -> None:
    assert saved_bytes(contest(Row("Linear", "papers", FORWARD)).subject_side(framework).make()) == 4 * (30_000 + 100)
