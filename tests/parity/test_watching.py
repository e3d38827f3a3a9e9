"""How far a run is, as its user sees it, and how it ends."""

import os
import pty
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from parity.run.wiring.ending import failing
from reports.reading import gather
from tests import started
from tests.reports.test_parity_page import BAD, GOOD, RUN

ROOT = Path(__file__).parents[2]
SHORT = ["--device", "cpu", "--case", "plain", "--check", "values", "--dtype", "float32"]


def on_terminal(*words: str, **variables: str) -> str:
    """Return what a run writes on a terminal of its own."""
    ours, theirs = pty.openpty()
    services = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "PYTEST_XDIST_WORKER")
    own = {name: value for name, value in os.environ.items() if name not in services}
    command = [sys.executable, "-m", "parity", "parity", *words]
    run = subprocess.Popen(
        command, cwd=ROOT, stdout=theirs, stderr=theirs, env=own | {"TERM": "xterm", "COLUMNS": "100"} | variables
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # of a terminal whose other end is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    run.wait()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode(errors="replace"))


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_terminal_has_a_bar_with_modules_and_the_time_left(tmp_path: Path, workers: tuple[str, ...]) -> None:
    said = on_terminal("--module", "Linear LayerNorm", *SHORT, "--out", str(tmp_path), *workers)
    assert "━" in said
    assert re.search(r" (\d+)/\1 ", said)
    assert "LayerNorm " in said
    assert said.rstrip().endswith(f"report in {tmp_path}/index.html and {tmp_path}/parity.md")


def test_a_terminal_of_a_service_that_runs_checks_has_none(tmp_path: Path) -> None:
    said = on_terminal("--module", "Linear", *SHORT, "--out", str(tmp_path), CI="true")
    assert "━" not in said
    assert " passed" in said


def test_a_log_has_neither_letters_nor_a_bar_and_verbose_is_pytests(tmp_path: Path) -> None:
    words = ["-m", "parity", "parity", "--module", "Linear", *SHORT, "--out", tmp_path]
    quiet = started.run(words).stdout
    between = quiet.split("selected\n")[-1] if "selected\n" in quiet else quiet.split("item\n")[-1]
    assert not between.split("=====")[0].strip()
    assert "PASSED" in started.run([*words, "-v"]).stdout


def test_a_red_run_ends_with_five_causes_and_how_to_ask_each_again() -> None:
    wrong = [replace(BAD, module=f"Module{at}", aspect="numbers") for at in range(7)]
    first, *told, rest = failing(gather(map(asdict, [replace(RUN, source="lib.py"), GOOD, *wrong])))
    assert first == "What matters most:"
    assert told[0] == (
        "  Module0 dL/dX: transposed.  again: python -m parity parity --subject lib.py --module Module0 "
        "--case 'stride 2' --check values --dtype float32 --device cpu --seed 7"
    )
    assert len(told) == 5
    assert rest == "  and 2 more causes on the page"
    assert list(failing(gather(map(asdict, [RUN, GOOD])))) == []


def test_a_cause_is_one_line_whatever_its_words() -> None:
    told = list(failing(gather(map(asdict, [RUN, replace(BAD, diagnosis="a *b*\n`c` <script>" + 900 * "x")]))))
    assert len(told) == 2
    assert "\n" not in told[1]
    assert "Conv2d dL/dX: a *b* `c` <script>xxx" in told[1]
    assert len(told[1]) < 600
