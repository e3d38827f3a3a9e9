"""The papers' trainings are timed by the harness, where both sides agree, and the page shows the times."""

import pytest

from parity.__main__ import main
from parity.papers.experiments import paper_000
from parity.papers.trainings import ours
from perf import papers as command
from reports import lines, record
from reports.papers import page as papers_page
from reports.papers.record import PaperClaim

TINY = paper_000.RELU.changed(name="tiny", epochs=2, examples=50, tests=20)


class Wrong(ours.FrameworkStepper):
    """The framework's side with a gradient that is off by a tenth."""

    def step(self, x, t):
        loss = self.criterion(self.model(x), t)
        self.model.zero_grad()
        self.model.backward(self.criterion.backward())
        self.model.named_parameters()["0.weight"].grad.mul_(1.1)
        self.optimizer.step()
        return loss


def test_a_training_is_timed_on_both_sides():
    timing = command.training(TINY, 0.05)
    assert timing.low <= timing.ratio <= timing.high
    assert timing.steps == 2
    assert timing.runs >= 6
    assert 0 < timing.subject < 1000


def test_a_side_that_disagrees_is_not_timed(monkeypatch):
    monkeypatch.setattr(command.ours, "FrameworkStepper", Wrong)
    with pytest.raises(
        command.DisagreementError, match=r"tiny: at full size: gradient of 0\.weight is .* of its size away"
    ):
        command.training(TINY, 0.05)


def test_a_timed_side_keeps_its_values(monkeypatch):
    monkeypatch.setattr(command, "BATCHES", 2)
    work = command.side("framework", ours.FrameworkStepper, TINY).make()
    before = work.outcome()
    for _ in range(5):
        work.run()
    after = work.outcome()
    assert all((value == after[name]).all() for name, value in before.items())


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(command, "NETWORKS", (TINY,))
    monkeypatch.setattr(command, "PAPER_004", {"ReLU": None})
    monkeypatch.setattr(command, "QUICK_SECONDS", 0.05)


@pytest.mark.usefixtures("short")
def test_the_times_stand_on_the_page(tmp_path, capsys):
    gates = [PaperClaim(paper=paper, claim="a claim", found="this", verdict="pass") for paper in ("000", "002", "004")]
    record.write(tmp_path / "papers.jsonl", gates)
    assert main(["papers-time", "--quick", "--out", str(tmp_path)]) == 0
    assert "4 rows timed; report in" in capsys.readouterr().out
    text = (tmp_path / "papers.md").read_text()
    assert "tiny, a step" in text
    assert "002 on the tape, a step" in text
    assert "ReLU of 1 x 1 x 5 x 5, Table III" in text
    assert "17.8 / 4.5 µs" in text
    again = papers_page.render(list(lines.read(tmp_path / "papers.jsonl")), papers_page.beside(tmp_path))
    assert again == text


@pytest.mark.usefixtures("short")
def test_without_the_experiments_the_times_wait_for_them(tmp_path, capsys):
    assert main(["papers-time", "--quick", "--out", str(tmp_path)]) == 0
    assert "python -m parity papers writes the report" in capsys.readouterr().out
    assert not (tmp_path / "papers.md").exists()


@pytest.mark.usefixtures("short")
def test_a_disagreement_ends_the_command_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command.ours, "FrameworkStepper", Wrong)
    assert main(["papers-time", "--quick", "--out", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("papers-time: tiny: at full size")
