"""The parity suite as a command, and its options, which pytest is given too: pytest does the rest."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parity.run.gate.aspects import DEFAULT
from reports.command import FAILED, IN_CHECKOUT, MISUSED, Command, called, folder
from reports.record import ASPECTS

ROOT = Path(__file__).resolve().parents[2]
CACHE, SAVED = ".pytest_cache", ".benchmarks"  # in the folder of the records
UNTOLD = ("-o", "console_output_style=classic")  # the suites tell themselves how far they are
UNHEARD = ("-p", "no:logging")  # nothing here logs, and to listen in takes as long as a small check
PLUGIN = "parity.run.wiring.plugin"
STATUS = {
    pytest.ExitCode.INTERRUPTED: FAILED,  # by an error while the tests were collected; Ctrl-C is told apart
    pytest.ExitCode.USAGE_ERROR: MISUSED,
    pytest.ExitCode.NO_TESTS_COLLECTED: MISUSED,
}
ONE_OF = {"case": "plain", "check": "accumulates", "dtype": "float32"}
Add = Callable[..., Any]  # of pytest or of argparse: they declare options in the same way


def pages_option(add: Add) -> None:
    """Declare --pages, which every command has that asks for pages of the catalogue."""
    add(
        "--pages",
        action="append",
        metavar="FILE",
        help="file of pages for modules that the catalogue lacks; or several",
    )


def shared_options(add: Add) -> None:
    """Declare what parity and times have in common."""
    add("--subject", default="framework", help="library under test: a known name or a Python file; or several")
    add("--device", default="auto", help="cpu, cuda, or auto: every device there is (default)")
    add("--quick", action="store_true", help="ask, or time, what shows most in least time, rather than all")
    add("--module", action="append", help="run these modules only, e.g. Conv2d or Conv2d,Linear (default all)")
    add("--summary", type=Path, help="file to which a short summary in Markdown is appended")
    pages_option(add)
    folder(add, "records and report")


def options(add: Add) -> None:
    """Declare the options of parity alone."""
    add("--seed", type=int, default=0, help="seed of every draw (default 0)")
    add("--runs", type=int, default=20, help="runs behind the tables of paper 004 (default 20; full 10000)")
    add("--in-process", action="store_true", help="run the subject of a file in the process of the tests")
    add("--cell-seconds", type=float, default=60.0, help="time limit a cell of an isolated subject (60)")
    add("--cell-memory", type=float, default=4.0, help="memory limit of its process, GiB (default 4)")
    add("--no-causes", action="store_true", help="say what is wrong, and do not look for why, which takes long")
    add("--require", action="append", help="fail unless numbers of these are compared: names, or all that it offers")
    add("--at-least", type=int, default=0, metavar="N", help="fail unless N quantities are compared (default 0)")
    add("--fail-on", default=DEFAULT, help=f"what fails a run: {', '.join(ASPECTS)} (default {DEFAULT})")
    for name, shown in ONE_OF.items():
        add(f"--{name}", default="all", help=f"run one {name} only, e.g. {shown} (default all)")


class Keyboard:
    """Tells Ctrl-C from whatever else makes pytest stop early."""

    pressed = False

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.pressed = excinfo.type is KeyboardInterrupt


def wiring(suite: str, out: Path) -> list[str]:
    """Return the words that set pytest up where the suite is called from a user's folder: it reads nothing of theirs.

    In the checkout it is set up by tox.ini and conftest.py, and there are none. No warning is an error here: the user's
    versions of what the suite stands on are not those that it was tested with.
    """
    if called() == IN_CHECKOUT and (ROOT / "tox.ini").is_file():
        return []
    words = ["-c", os.devnull, "--rootdir", str(ROOT), "--confcutdir", str(ROOT / suite), "-p", PLUGIN]
    words += ["--import-mode=importlib", "-ra", "-p", "no:hypothesispytest"]
    words += ["-o", f"cache_dir={out.absolute() / CACHE}"]
    timed = ["--benchmark-storage", (out.absolute() / SAVED).as_uri()]
    return [*words, *(timed if suite == "perf" else ["-p", "no:benchmark"])]


def run_pytest(suite: str, asked: argparse.Namespace) -> int:
    """Run a folder of tests by all the words given; return the exit status."""
    keyboard = Keyboard()
    words = [str(ROOT / suite), *wiring(suite, asked.out), *UNTOLD, *UNHEARD, *asked.words]
    status = pytest.main(words, plugins=[keyboard])
    if keyboard.pressed:
        raise KeyboardInterrupt("what is finished is kept")
    if status == pytest.ExitCode.USAGE_ERROR:
        print("".join(f"{suite}: {complaint}\n" for complaint in asked.unknown), end="", file=sys.stderr)
    return STATUS.get(pytest.ExitCode(status), int(status))


def arguments(parser: argparse.ArgumentParser) -> None:
    shared_options(parser.add_argument)
    options(parser.add_argument)


def run(asked: argparse.Namespace) -> int:
    """Return 0 where every comparison passed, 1 where one did not, 2 for words that mean nothing."""
    return run_pytest("parity", asked)


COMMAND = Command("--subject mylib_adapter.py --module Conv2d -n 2", run, arguments, passes_on=True)
