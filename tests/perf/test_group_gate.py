"""A gate on groups holds the mean of a group to a ratio, and says what it cannot mean."""

import pytest

from perf.group_gate import GroupGate, exceeded, gates
from reports.perf.record import RowFinding, TimeRatio


def row(case: str, ratio: float, mode: str = "forward", doubt: float = 0.01) -> RowFinding:
    time = TimeRatio(ratio=ratio, low=ratio * (1 - doubt), high=ratio * (1 + doubt))
    return RowFinding(module="ReLU", case=case, mode=mode, device="cpu", threads=1, verdict="LEVEL", time=time)


ROWS = [row("papers", 0.5), row("papers", 1.5), row("large", 1.2), row("papers", 2.0, "backward")]


def test_words_name_groups_and_modes() -> None:
    assert gates(["papers=0.9 steps=0.75", "practice:forward+backward=1"]) == [
        GroupGate("papers", "", 0.9),
        GroupGate("steps", "", 0.75),
        GroupGate("practice", "forward+backward", 1.0),
    ]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("paper=1", r"a group must be one of .*, was 'paper'; did you mean papers\?"),
        ("papers:forwards=1", r"a mode must be one of .*, was 'forwards'; did you mean forward\?"),
        ("papers", "must be GROUP=RATIO, such as papers=0.9, was 'papers'"),
        ("papers=fast", "must be GROUP=RATIO, such as papers=0.9, was 'papers=fast'"),
        ("papers=0", "must be GROUP=RATIO"),
        ("papers=inf", "must be GROUP=RATIO"),
    ],
)
def test_what_it_cannot_mean_is_told(word: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"--group-gate:? {said}"):
        gates([word])


def test_the_mean_is_gated_and_not_a_row() -> None:
    assert list(exceeded(gates(["papers:forward=0.9"]), ROWS)) == []  # its mean is 0.87, a row of it 1.5
    (said,) = exceeded(gates(["papers=0.9"]), ROWS)
    assert said.startswith("the rows of papers, backward on cpu, take 2.000 [")
    assert said.endswith("times torch's time; gate papers=0.9")


def test_it_is_the_interval_that_must_be_above() -> None:
    assert list(exceeded(gates(["practice=1.1"]), [row("large", 1.2, doubt=0.2)])) == []
    assert list(exceeded(gates(["practice=1.1"]), [row("large", 1.2, doubt=0.01)])) != []


def test_a_gate_that_meets_nothing_fails() -> None:
    assert list(exceeded(gates(["steps=1"]), ROWS)) == ["the gate steps=1 met no row that was timed"]
