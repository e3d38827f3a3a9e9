"""The one command line: every command can be asked about, and a word that means nothing ends in one line."""

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from parity.__main__ import COMMANDS, main
from reports.command import Command, carried_out
from tests import started

ROOT = Path(__file__).parents[2]


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return started.run(["-m", "parity", *words], env=os.environ | {"PYTEST_ADDOPTS": ""})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{COMMANDS[name][1]}." in said
    assert f"example: python -m parity {name} {import_module(COMMANDS[name][0]).COMMAND.example}".rstrip() in said


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("parity", "bench")])
def test_an_option_that_no_command_has_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--zzzz"]) == 2
    assert capsys.readouterr().err == f"{name}: there is no option --zzzz\n"


def test_the_list_of_commands_needs_no_library() -> None:
    program = (
        "import sys; from parity.__main__ import main; assert main(['--help']) == 0; "
        "assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["doktor"], "there is no command doktor; did you mean doctor?"),
        (["xyz"], "there is no command xyz; python -m parity --help lists them"),
        (["trust", "--ful"], "trust: there is no option --ful; did you mean --full?"),
        (["doctor", "--subjct", "a.py"], "doctor: there is no option --subjct; did you mean --subject?"),
        (["doctor"], "doctor: the following arguments are required: --subject"),
        (["report", "more"], "report: unrecognized arguments: more"),
        (["new-adapter", "a", "--shape", "round"], "new-adapter: argument --shape: invalid choice: 'round'"),
        (["report", "--out", "/nowhere"], "report: there is no folder /nowhere"),
        (["three-way", "/nowhere"], "three-way: /nowhere: No such file or directory"),
    ],
)
def test_a_wrong_word_ends_in_one_line(words: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith(line)
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "option", "meant"), [("parity", "--modul", "--module"), ("bench", "--quik", "--quick")]
)
def test_an_option_that_pytest_does_not_know_either_names_the_nearest(name: str, option: str, meant: str) -> None:
    done = command(name, option)
    assert done.returncode == 2
    assert f"there is no option {option}; did you mean {meant}?" in done.stderr


def test_what_pytest_finds_decides_the_status(tmp_path: Path) -> None:
    chosen = "--module", "Tanh", "--check", "needs-forward", "-p", "no:cacheprovider", "--out", str(tmp_path)
    assert command("parity", *chosen).returncode == 0
    assert '"command": "python -m parity parity --module Tanh' in (tmp_path / "parity.jsonl").read_text("utf-8")
    assert command("parity", *chosen, "-k", "nothing").returncode == 2
    stopped = command("parity", "--module", "ReLU", "-p", "tests.parity.interrupt", *chosen[-4:])
    assert stopped.returncode == 130
    assert stopped.stderr.splitlines()[-1] == "parity: interrupted; what is finished is kept"


def imports(process: int) -> bool:
    """Return whether a process imports torch: from the command line on an interruption is ours to answer."""
    return "libtorch" in Path(f"/proc/{process}/maps").read_text(encoding="utf-8")


def works(process: int) -> bool:
    """Return whether a process has two others at work for it."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    return sum(imports(int(child)) for child in children) >= 2


@pytest.mark.parametrize("when", [imports, works])
def test_an_interruption_of_a_whole_group_is_one_line(tmp_path: Path, when: Callable[[int], bool]) -> None:
    words = [sys.executable, "-m", "parity", "papers", "--quick", "--workers", "2", "--out", str(tmp_path)]
    process = subprocess.Popen(
        words, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=started.heeding, process_group=0
    )
    while process.poll() is None and not when(process.pid):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=started.HANGS)[1].splitlines()
    assert process.returncode == 130
    assert [line for line in said if "of the work done" not in line] == [said[-1]]
    assert said[-1].startswith("papers: interrupted")


def test_a_library_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(COMMANDS, "doctor", ("no_such_library", "Nothing"))
    assert main(["doctor"]) == 2
    assert capsys.readouterr().err == "doctor: needs no_such_library, which Python does not find here\n"


def test_a_fault_of_our_own_is_no_sentence() -> None:
    def wrong(_: object) -> int:
        raise KeyError("ours")

    def none(parser: ArgumentParser) -> None:
        pass

    with pytest.raises(KeyError):
        carried_out("any", "Anything", lambda: Command("", wrong, none), [])
