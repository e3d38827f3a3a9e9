"""The settings of a repository: what they add to a command line, and what is said of those that mean nothing."""

from pathlib import Path

import pytest

from parity.__main__ import COMMANDS, loaded
from reports.command import Command, Parser
from reports.settings import OF_PYTEST, SETTINGS, words

DECLARED = {default.option for default in SETTINGS.values()} - {"-n"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below that of the settings, which is the current one."""
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / "adapter.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(below)
    return tmp_path


def added(place: Path, text: str, *given: str, file: str = "gradparity.toml", passes_on: bool = True) -> list[str]:
    (place / file).write_text(text, encoding="utf-8")
    return words(given, DECLARED, passes_on)


def test_without_a_file_nothing_is_added(place: Path) -> None:
    assert words([], DECLARED, True) == []
    (place / "pyproject.toml").write_text("[tool.other]\nsubject = 3\n", encoding="utf-8")
    assert words([], DECLARED, True) == []


def test_every_kind_of_value_becomes_an_option(place: Path) -> None:
    text = """
    subject = ["adapter.py", "framework"]
    modules = ["Linear", "Tanh"]
    out = "found"
    dtype = "float32"
    seed = 7
    jobs = "auto"
    cell-seconds = 5
    gate = 1.5
    in-process = true
    """
    wanted = "--subject|../adapter.py framework|--module|Linear,Tanh|--out|../found|--dtype|float32|--seed|7|-n|auto"
    wanted += "|--cell-seconds|5|--gate|1.5|--in-process"
    assert added(place, text) == wanted.split("|")


def test_files_of_pages_are_found_from_the_file(place: Path) -> None:
    for name in ("a pages.py", "others.py"):
        (place / name).write_text("", encoding="utf-8")
    assert added(place, "pages = 'others.py'\n") == ["--pages", "../others.py"]
    assert added(place, "pages = ['a pages.py', 'others.py']\n") == ["--pages", "'../a pages.py' ../others.py"]


def test_the_table_of_pyproject_is_read_too(place: Path) -> None:
    text = '[tool.gradparity]\nsubject = "adapter.py"\nin-process = false\n'
    assert added(place, text, file="pyproject.toml") == ["--subject", "../adapter.py"]


def test_the_nearest_file_counts(place: Path) -> None:
    (place / "below" / "gradparity.toml").write_text("seed = 2\n", encoding="utf-8")
    assert added(place, "seed = 1\n") == ["--seed", "2"]


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("seed = 1", "--seed"),
        ('modules = "Tanh"', "--module"),
        ("jobs = 2", "-n"),
        ("jobs = 2", "-n0"),
        ("jobs = 2", "--numprocesses"),
    ],
)
def test_the_command_line_wins(place: Path, key: str, given: str) -> None:
    assert added(place, f"{key}\n") != []
    assert added(place, f"{key}\n", given) == []


@pytest.mark.parametrize("narrow", ["--module", "--case", "--check", "--dtype", "-k"])
def test_a_part_of_a_run_is_not_held_to_what_is_asked_of_the_whole(place: Path, narrow: str) -> None:
    text = 'require = ["Linear"]\nat-least = 100\nfail-on = "numbers"'
    assert added(place, text) == ["--require", "Linear", "--at-least", "100", "--fail-on", "numbers"]
    assert added(place, text, narrow, "x") == ["--fail-on", "numbers"]


def test_a_command_is_given_only_what_it_has(place: Path) -> None:
    (place / "gradparity.toml").write_text("seed = 1\njobs = 2\ngate = 1.5\n", encoding="utf-8")
    assert words([], {"--gate"}, False) == ["--gate", "1.5"]
    assert words([], {"--gate"}, True) == ["-n", "2", "--gate", "1.5"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modul = 'Tanh'", "gradparity.toml: there is no setting modul; did you mean modules?"),
        ("cell_seconds = 3", "there is no setting cell_seconds; did you mean cell-seconds?"),
        ("xyz = 3", "there is no setting xyz; there are subject, modules, case"),
        ("seed = '7'", "seed must be a whole number, was '7'"),
        ("seed = true", "seed must be a whole number, was True"),
        ("seed = 1.0", "seed must be a whole number, was 1.0"),
        ("gate = 'fast'", "gate must be a number, was 'fast'"),
        ("in-process = 1", "in-process must be true or false, was 1"),
        ("modules = [1]", "modules must be the name of a module, or a list of names, was [1]"),
        ("jobs = 'many'", "jobs must be a whole number or \"auto\", was 'many'"),
        ("subject = 'adaptor.py'", "subject must name a file that exists, was 'adaptor.py'"),
        ("pages = 'page.py'", "pages must name a file that exists, was 'page.py'"),
        ("pages = 'pages'", "pages must name files of Python, was 'pages'"),
        ("pages = 1", "pages must be the file of pages, or a list of them, was 1"),
        ("subject = ", "it is no TOML: Invalid value (at end of document)"),
    ],
)
def test_what_means_nothing_is_named_with_its_file(place: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"gradparity\.toml: ") as error:
        added(place, text)
    assert said in str(error.value)


def test_two_files_of_one_folder_are_refused(place: Path) -> None:
    (place / "pyproject.toml").write_text("[tool.gradparity]\n", encoding="utf-8")
    with pytest.raises(ValueError, match="keep one of them"):
        added(place, "seed = 1\n")


def test_a_broken_pyproject_that_speaks_of_the_suite_is_an_error(place: Path) -> None:
    with pytest.raises(ValueError, match=r"pyproject\.toml: it is no TOML"):
        added(place, "[tool.gradparity\n", file="pyproject.toml")
    assert added(place, "[tool.other\n", file="pyproject.toml") == []


def test_every_setting_is_an_option_of_a_command() -> None:
    declared: set[str] = set(OF_PYTEST)
    for name in ("parity", "bench", "doctor", "report"):
        parser = Parser(allow_abbrev=False)
        command: Command = loaded(COMMANDS[name][0])
        command.arguments(parser)
        declared |= parser.options()
    assert {default.option for default in SETTINGS.values()} <= declared


def test_a_command_reads_them_and_its_words_win(place: Path) -> None:
    (place / "gradparity.toml").write_text('out = "theirs"\n', encoding="utf-8")
    report: Command = loaded(COMMANDS["report"][0])
    assert report.asked("report", "Render", []).out == Path("../theirs")
    assert report.asked("report", "Render", ["--out", "mine"]).out == Path("mine")
