"""The judge executes nothing that the judged sends, and waits no longer than a cell may take; none is left behind."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.contract import Stopped
from parity.subjects.process import Isolated, Limits
from parity.subjects.process.failure import TEXT_CHARACTERS
from parity.subjects.process.limits import marked
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from reports.record import Parity

Ask = Callable[[str], None]
GENEROUS, SHORT = Limits(), Limits(cell_seconds=2)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rogue") / "asked"


@pytest.fixture(scope="module")
def subject(asked: Path) -> Iterator[Isolated]:
    asked.write_text("nothing", encoding="utf-8")
    os.environ["ROGUE"] = str(asked)
    subject = Isolated(str(Path(__file__).with_name("rogue.py")))
    yield subject
    subject.end()
    del os.environ["ROGUE"]


@pytest.fixture
def ask(asked: Path, subject: Isolated) -> Iterator[Ask]:
    yield lambda what: (asked.write_text(what, encoding="utf-8"), None)[1]
    asked.write_text("nothing", encoding="utf-8")
    subject.limits = GENEROUS
    subject.overrun.clear()
    assert right(subject, "Tanh")  # the next module is unharmed
    assert right(subject, "Linear")


def judged(subject: Isolated, module: str, check: str = "values") -> list[Parity]:
    subject.begin()
    page = pages()[module]
    return CHECKS[check].records(Trial(Cell(page, page.cases[0], check), subject))


def right(subject: Isolated, module: str) -> bool:
    return all(record.verdict in ("pass", "same-route") for record in judged(subject, module))


def mark(subject: Isolated) -> str:
    judged(subject, "Tanh")
    assert subject.child is not None
    return subject.child.mark


@pytest.mark.parametrize(
    ("what", "limits", "words"),
    [
        ("close", SHORT, "closed its connection, lived on, and was stopped in forward of Linear"),
        ("half", SHORT, "took more than 2 s for this cell, and was stopped in forward"),
        ("stop", SHORT, "took more than 2 s for this cell, and was stopped in forward"),
        ("gigabytes", GENEROUS, "sent a header that promises 100 bytes of text and 1099511627776 of tensors"),
        ("other number", GENEROUS, "sent the answer to message 999 when asked for that to "),
        ("leave", GENEROUS, "ended with status 7 in forward of Linear"),
        ("fork that stays", Limits(memory_gib=1.2), "more than the 1.2 GiB allowed, and was stopped in forward"),
    ],
)
def test_it_costs_the_cell_and_leaves_no_process(
    subject: Isolated, ask: Ask, what: str, limits: Limits, words: str
) -> None:
    known = mark(subject)
    assert marked(known) != []
    ask(what)
    subject.limits = limits
    with pytest.raises(Stopped) as stopped:
        judged(subject, "Linear")
    assert words in str(stopped.value)
    assert marked(known) == []


WORDS = {
    "surrogate": r"bad \\ud800\\x00\\x1b\[31m word",
    "integer": r"no text: its __str__ raised ValueError",
    "megabytes": r"^x+ \.\.\. \(4990060 characters cut\) \.\.\. x+",
    "mute": r"no text: its __str__ raised SystemExit",
    "name": r"gone",
}


@pytest.mark.parametrize("what", WORDS)
def test_an_exception_can_be_printed_whatever_it_says(subject: Isolated, ask: Ask, what: str) -> None:
    judged(subject, "Tanh")
    child = subject.child
    ask(what)
    with pytest.raises(Exception, match=WORDS[what]) as error:
        judged(subject, "Linear")
    told = f"{type(error.value).__name__}: {error.value} {error.value.__notes__}"
    assert len(told) < 4 * TEXT_CHARACTERS
    assert told.replace("\n", "").isprintable()
    assert told.encode("utf-8")
    assert subject.child is child


def test_what_would_run_code_when_unpickled_does_not_run_it(subject: Isolated, ask: Ask, asked: Path) -> None:
    ask("runs")
    with pytest.raises(TypeError, match=r"forward of Linear must return a torch\.Tensor, returned Runs"):
        judged(subject, "Linear")
    ask("tensor that runs")
    assert right(subject, "Linear")
    ask("pickled")
    with pytest.raises(Stopped, match="sent a text that is no message, and was stopped, in forward of Linear"):
        judged(subject, "Linear")
    assert not asked.with_suffix(".ran").exists()


def test_a_forked_child_that_comes_back_answers_nothing(subject: Isolated, ask: Ask) -> None:
    judged(subject, "Tanh")
    child = subject.child
    ask("fork")
    assert right(subject, "Linear")
    assert right(subject, "Tanh")
    assert subject.child is child


def test_what_is_said_unasked_is_not_the_next_cells(subject: Isolated, ask: Ask, asked: Path) -> None:
    ask("unasked")
    assert right(subject, "Linear")
    child = subject.child
    assert child is not None
    ask("nothing")
    asked.with_suffix(".speak").touch()
    assert child.channel.readable.poll(60_000)
    assert right(subject, "Tanh")
    assert subject.child is not child


def test_a_stopped_process_whose_socket_is_full_is_not_waited_for(subject: Isolated, ask: Ask) -> None:
    ask("nothing")
    trial = Trial(Cell(pages()["Tanh"], pages()["Tanh"].cases[0], "values"), subject)
    subject.begin()
    built = trial.build()
    assert subject.child is not None
    os.kill(subject.child.process.pid, signal.SIGSTOP)
    subject.limits = SHORT
    with pytest.raises(Stopped, match="took more than 2 s"):
        built.forward(torch.zeros(2**22))


def test_settings_and_modules_are_set_back(subject: Isolated, ask: Ask) -> None:
    ask("switch")
    judged(subject, "Linear")
    child = subject.child
    ask("nothing")
    assert right(subject, "Tanh")
    assert right(subject, "Linear")
    assert subject.child is child


def test_no_process_outlives_the_subject(subject: Isolated, ask: Ask) -> None:
    known = mark(subject)
    ask("others")
    assert right(subject, "Linear")
    assert len(marked(known)) > 1
    subject.end()
    assert marked(known) == []


def test_a_reused_output_buffer_is_seen(subject: Isolated, ask: Ask) -> None:
    ask("buffered")
    found = {record.quantity: record.detail for record in judged(subject, "Linear", "remembers-last")}
    assert found["output held"] == "a later call changed it"
    assert found["dx held"] == ""


def test_the_first_build_imports_nothing(asked: Path, ask: Ask) -> None:
    ask("imports")
    fresh = Isolated(str(Path(__file__).with_name("rogue.py")))
    with pytest.raises(RuntimeError, match=r"imported since: \[\]"):
        judged(fresh, "Linear")
    fresh.end()
    assert asked.exists()


def test_an_import_that_hangs_has_the_limit_of_a_cell(tmp_path: Path) -> None:
    (tmp_path / "hangs.py").write_text("while True:\n    pass\n", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"took more than 0.5 s for this cell, and was stopped in the import of .*hangs"
    ):
        Isolated(str(tmp_path / "hangs.py"), Limits(cell_seconds=0.5))
