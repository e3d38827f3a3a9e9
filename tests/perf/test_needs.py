"""A library whose convention is one backward for each forward, or for each clearing, is timed, and the row says how."""

import pytest

from parity.run.session import run_record
from parity.subjects.contract import Subject
from perf.bench.contest import contest
from perf.bench.measure import Bench
from perf.bench.rows import Row
from perf.method.stopwatch import HostStopwatch, block
from perf.method.work import Work
from perf.sides.modules import BACKWARD, BOTH, FORWARD, MODES
from perf.sides.needs import Needs, needs_of
from perf.statistics.gate import ERROR, TIMED
from reports.perf import page as perf_page
from reports.perf.reading import Timed
from reports.perf.record import finding as read_finding
from tests.perf.one_backward import Broken, Layer, Replaced, Silent, library

SUBJECTS = {
    "popped": (library(Layer), Needs(forward=True)),
    "silent": (library(Silent), Needs(forward=True)),
    "replaced": (library(Replaced), Needs()),
    "replaced, and said so": (library(Replaced, accumulates=False), Needs(clear=True)),
    "both": (library(Layer, accumulates=False), Needs(forward=True, clear=True)),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_what_a_second_backward_needs_is_found_out(name: str) -> None:
    subject, needs = SUBJECTS[name]
    assert needs_of(contest(Row("Linear", "papers", BACKWARD)).given[0], subject) == needs


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SUBJECTS)
def test_it_is_timed_in_every_mode(name: str, mode: str) -> None:
    subject, needs = SUBJECTS[name]
    found, times = Bench(subject, memory=True).measure(Row("Linear", "papers", mode), 0.2)
    assert found.verdict in TIMED, found.detail
    assert times is not None
    expected = {FORWARD: Needs(), BOTH: Needs(clear=needs.clear), BACKWARD: needs}[mode]
    assert found.untimed == expected.words
    assert found.subject.peak_bytes is not None
    assert read_finding(found.as_dict()) == found


@pytest.mark.parametrize("name", SUBJECTS)
def test_both_sides_can_be_run_again_and_again(name: str) -> None:
    subject, _ = SUBJECTS[name]
    made = contest(Row("Linear", "papers", BACKWARD)).repeatable(subject)
    for side in (made.subject_side(subject), made.reference_side()):
        work = side.make()
        assert (work.before is None) == (not any(made.needs))
        for _ in range(3):
            work.once()
    assert made.screened(made.subject_side(subject), made.reference_side()) == ""


def test_torch_has_a_forward_before_each_backward_too() -> None:
    subject, _ = SUBJECTS["popped"]
    work = contest(Row("Linear", "papers", BACKWARD)).repeatable(subject).reference_side().make()
    work.run()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        work.run()
    work.once()


def test_a_backward_that_never_runs_is_an_error_of_the_row() -> None:
    subject: Subject = library(Broken)
    found, times = Bench(subject, memory=False).measure(Row("Linear", "papers", BACKWARD), 0.2)
    assert times is None
    assert found.verdict == ERROR
    assert "no backward" in found.detail


def test_what_comes_before_a_run_is_not_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def passes(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("perf.method.stopwatch.perf_counter", lambda: now)
    work = Work(lambda: passes(2.0), dict, before=lambda: passes(100.0))
    assert block(work, 3) == 2.0
    assert now == 306.0
    assert block(Work(lambda: passes(2.0), dict), 3) == 2.0
    watch = HostStopwatch()
    assert watch.calibrate([work, work]) == 8.0


def test_the_page_names_the_rows_and_what_was_not_timed() -> None:
    found, _ = Bench(SUBJECTS["popped"][0], memory=False).measure(Row("Linear", "papers", BACKWARD), 0.2)
    run = run_record("ours", 0, (), True)
    timed = Timed(run=run, findings=[found], gate=None, margin=1.05, rows=1, ceilings={}, selftest=None)
    said = perf_page.not_timed(timed)
    assert "before each backward a forward runs, outside its time" in said
    assert said.count("Linear papers backward") == 1
