"""A bar with the time left, where the run is watched on a terminal; drawn between rows, never while one is timed."""

from typing import IO, Any, cast

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from parity.progress import PytestTerminal, watched


class Progress:
    """Counts rows as their tests end, `tests_a_row` each."""

    def __init__(self, config: pytest.Config, tests_a_row: int) -> None:
        self.config, self.tests_a_row = config, tests_a_row
        self.bar: Bar | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or not session.items or not watched(cast("IO[str]", PytestTerminal(reporter))):
            return
        console = Console(file=cast("IO[str]", PytestTerminal(reporter)), force_terminal=True)
        columns: tuple[Any, ...] = TextColumn("timing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self.bar = Bar(*columns, console=console, auto_refresh=False, transient=True)
        self.task = self.bar.add_task("timing", total=len(session.items) // self.tests_a_row)
        self.bar.start()

    def pytest_runtest_logfinish(self) -> None:
        if self.bar is not None:
            self.bar.advance(self.task, 1 / self.tests_a_row)
            self.bar.refresh()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        if self.bar is not None:
            self.bar.stop()
