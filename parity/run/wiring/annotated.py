"""What a run tells the service that runs it: the summary of the job, and annotations of the adapter's lines."""

import os
from pathlib import Path
from typing import Any

import pytest

from parity.run.reporter import Reporter
from reports.ci import annotations, job_summary

ON_GITHUB, REPOSITORY = "GITHUB_ACTIONS", "GITHUB_WORKSPACE"  # the folder from which annotated files are named


class JobTeller:
    """Appends the summary to a file when the run has ended, and prints an annotation for each wrong quantity."""

    def __init__(self, reporter: Reporter, summary: Path | None) -> None:
        """Take the reporter of the run; raise ValueError where the file is a folder."""
        self.reporter, self.summary, self.trouble = reporter, summary, ""
        if summary and summary.is_dir():
            raise ValueError(f"--summary must be a file, was the folder {summary}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Append the summary of what the reporter recorded; where that cannot be done, the run fails."""
        if self.summary and self.reporter.recorded.runs:
            self.trouble = job_summary.append(self.summary, job_summary.render(self.reporter.recorded))
            if self.trouble and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.trouble:
            terminalreporter.write_line(f"FAILED {self.trouble}", red=True)
        if os.environ.get(ON_GITHUB):
            terminalreporter.ensure_newline()
            for line in annotations.annotations(self.reporter.recorded, os.environ.get(REPOSITORY, "")):
                terminalreporter.write_line(line)
