"""How far a run is, in place of pytest's letters: a bar with modules and the time left, in a log a line a minute."""

from collections.abc import Generator
from contextlib import ExitStack
from typing import IO, Any, cast

import pytest

from parity.progress import Advance, PytestTerminal, progress

MODULE = "gradparity_module"  # of a report: the module of its test
QUIET = ("", "")  # letter and word of a test that pytest is not to tell


class RunProgress:
    """Counts tests as they end, of the workers too; tells their modules, and how many tests failed."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.stack = config, ExitStack()
        self.advance: Advance | None = None
        self.total = 0
        self.failed: set[str] = set()
        self.module = ""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Take what a worker says there is to do: all of them say the same."""
        self.total = len(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        """Take the terminal over from pytest's letters, unless each test is to be told, or there is no terminal."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.advance is None and reporter is not None and self.config.get_verbosity() <= 0:
            reporter.showfspath = False
            reporter.ensure_newline()
            terminal = cast("IO[str]", PytestTerminal(reporter))
            self.advance = self.stack.enter_context(progress(self.total, terminal, alone=False))

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, tuple[str, Any, Any], tuple[str, Any, Any]]:
        category, letter, word = yield
        return (category, letter, word) if self.advance is None else (category, *QUIET)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.module = getattr(report, MODULE, self.module)
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_runtest_logfinish(self) -> None:
        if self.advance is not None:
            failed = f", {len(self.failed):,} failed" if self.failed else ""
            self.advance(f"{self.module or 'starting'}{failed}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self.stack.close()


def module_of(item: pytest.Item) -> str:
    """Return the module of a test of the suite, by what it is given; empty where it has none."""
    given = getattr(item, "callspec", None)
    params = given.params if given else {}
    cell = params.get("cell") or params.get("step_cell")
    page = cell.page if cell else params.get("page")
    return str(page.module) if page else ""
