"""The command: bad words, resuming, and the exit status."""

import json
import re
from dataclasses import replace

import pytest

from parity.__main__ import main
from parity.papers import command
from parity.papers.experiment import Plan, Results, claim
from parity.papers.experiments import paper_000
from parity.papers.trainings.jobs import Job, Store, execute
from reports import lines
from reports.papers import page as papers_page
from reports.record import write

TINY = paper_000.RELU.changed(name="tiny", epochs=2, examples=50, tests=20)


class Tiny:
    """A paper that takes no time, and claims what it is told."""

    def __init__(self, holds):
        self.holds = holds

    def jobs(self, plan):
        return [*plan.trainings(TINY, 2), *plan.locksteps(TINY, most=3)]

    def records(self, results, _):
        yield results.figure(
            TINY, "Table", "row", "errors", lambda o: o["final"]["test errors"], paper_000.Printed((1, 1))
        )
        yield from results.curves(TINY, "000-tiny", "panel", {"test loss": "test"}, "loss")
        yield from results.region(TINY, "000-region")
        yield from results.locksteps(TINY)
        yield claim("000", "the claim", "this", self.holds)


@pytest.fixture
def tiny(monkeypatch):
    def chosen(holds):
        monkeypatch.setattr(command, "PAPERS", {"000": Tiny(holds)})

    return chosen


@pytest.mark.parametrize(("holds", "status"), [(True, 0), (False, 1)])
def test_the_exit_status_says_whether_the_claims_held(tiny, tmp_path, capsys, holds, status):
    tiny(holds)
    assert main(["papers", "--quick", "--only", "000", "--workers", "1", "--out", str(tmp_path)]) == status
    assert ("the claim: found this" in capsys.readouterr().err) is not holds
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        f"000-{name}.{kind}" for name in ("tiny", "region", "lockstep") for kind in ("svg", "png")
    }
    text = (tmp_path / "papers.md").read_text()
    assert ("did not hold" in text) is not holds
    assert text == papers_page.render(list(lines.read(tmp_path / "papers.jsonl")))


def test_a_quick_run_never_takes_the_place_of_a_whole_one(tiny, tmp_path, capsys):
    tiny(True)
    assert main(["papers", "--quick", "--only", "000", "--workers", "1", "--out", str(tmp_path)]) == 0
    head, *records = lines.read(tmp_path / "papers.jsonl")
    assert head["narrowed_by"] == ["--quick", "--only"]
    write(tmp_path / "papers.jsonl", [head | {"narrowed_by": []}, *records])
    before = (tmp_path / "papers.jsonl").read_bytes()
    assert main(["papers", "--quick", "--only", "000", "--workers", "1", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "papers.jsonl").read_bytes() == before
    assert f"report in {tmp_path}/runs/papers/" in capsys.readouterr().out


@pytest.mark.parametrize("paper", command.PAPERS)
def test_the_quick_version_of_every_paper_runs_and_its_claims_hold(paper, tmp_path, capsys):
    assert main(["papers", "--quick", "--only", paper, "--workers", "1", "--out", str(tmp_path)]) == 0
    assert "claims held; report in" in capsys.readouterr().out
    kept = list(lines.read(tmp_path / "papers.jsonl"))
    assert {entry["paper"] for entry in kept if entry["kind"] == "paper-gate"} == {paper}
    text = (tmp_path / "papers.md").read_text()
    linked = set(re.findall(r"\(figures/(.+?)\)", text))
    assert linked
    assert all((tmp_path / "figures" / name).stat().st_size > 1000 for name in linked)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--only", "005"], "--only must be one of 000, 001, 002, 003, 004, was '005'"),
        (["--device", "gpu"], "--device must be one of cpu, cuda, was 'gpu'"),
        (["--workers", "-1"], "--workers: must be a whole number of at least 0, was '-1'"),
    ],
)
def test_a_bad_word_is_refused_in_one_line(capsys, arguments, complaint):
    assert main(["papers", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line


def test_finished_work_is_not_done_again_and_changed_settings_are(tmp_path, monkeypatch):
    jobs = [Job("training", TINY, seed, "framework") for seed in range(2)]
    assert len(list(execute(jobs, Store(tmp_path), 1))) == 2
    kept = tmp_path / "000.jsonl"
    assert len(kept.read_text().splitlines()) == 2
    with kept.open("a") as stream:
        stream.write('{"key": "cut off in the mid')
    store = Store(tmp_path)
    assert all(job.key() in store.known for job in jobs)
    changed = [
        replace(jobs[0], setting=TINY.changed(lr=0.2)),
        replace(jobs[0], seed=7),
        replace(jobs[0], side="torch.nn"),
    ]
    assert not any(job.key() in store.known for job in changed)
    monkeypatch.setattr("parity.papers.trainings.jobs.sources", lambda: "other programs")
    assert not any(job.key() in store.known for job in jobs)


def test_a_line_cut_off_does_not_spoil_the_next(tmp_path):
    (tmp_path / "000.jsonl").write_text('{"key": "cut off in the mid')
    job = Job("training", TINY, 0, "torch.nn")
    assert list(execute([job], Store(tmp_path), 1)) == [job]
    assert job.key() in Store(tmp_path).known


def test_an_interruption_keeps_what_is_finished(tiny, tmp_path, capsys, monkeypatch):
    tiny(True)

    def interrupted(jobs, store, workers):
        yield next(execute(jobs[:1], store, workers))
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "execute", interrupted)
    assert main(["papers", "--quick", "--only", "000", "--out", str(tmp_path)]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert len((tmp_path / "papers" / "000.jsonl").read_text().splitlines()) == 1


def test_a_lockstep_that_diverged_fails_its_claim(tmp_path):
    job = Job("lockstep", TINY, limit=3)
    outcome = {"between": [0.0, 9e9], "subject": [], "reference": [], "allowed": [], "dtype": "float64", "control": []}
    store = Store(tmp_path)
    store.keep(job, outcome | {"detail": "diverges at step 2, first in the gradient of 0.bias"})
    walk, gate = Results(store, [job]).locksteps(TINY)
    assert (walk.verdict, gate.verdict) == ("fail", "fail")
    assert "step 2, first in the gradient of 0.bias" in gate.found


def test_the_cells_of_the_papers_stand_as_printed():
    printed = json.dumps([paper_000.Printed.text(cell.ours) for cell in paper_000.TABLE_II.values()])
    assert printed == '["42 (27)", "47 (24)", "34 (9)", "37 (11)"]'


def test_every_job_of_every_paper_has_its_own_key():
    for quick in (True, False):
        jobs = [job for paper in command.PAPERS.values() for job in paper.jobs(Plan(quick))]
        assert len({job.key() for job in jobs}) == len(set(map(repr, jobs)))
