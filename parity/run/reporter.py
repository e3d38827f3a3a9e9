"""How records get from the tests to the file and the page: a plugin of the process that the user started."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from parity.run import manifest
from parity.run.session import run_record
from parity.run.tested import Tested
from reports import record
from reports.parity import page as parity_page
from reports.parity.referee import speed as referee_speed

ORDER = ("subject", "kind", "table", "module", "case", "check", "device", "dtype", "regime", "cotangent", "seed")
COMPARED = ("pass", "fail", "same-route")


class Reporter:
    """Keeps the records that come in with the tests' reports, and writes them and the page at the end."""

    def __init__(self, tested: Sequence[Tested], out: Path, not_run: Sequence[str]) -> None:
        self.tested, self.not_run = tested, list(not_run)
        self.started = datetime.now(UTC)
        self.path = out / "parity.jsonl"
        self.records: list[dict[str, Any]] = []
        self.silent: list[str] = []  # tests that failed without a record that says so
        self.faults: list[str] = []  # what is wrong with the run as a whole

    @property
    def running(self) -> Path:
        """The file that holds the records of a run that is not over."""
        return self.path.with_suffix(".jsonl.running")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep records as they come, on disk too: a run that is killed loses none."""
        lines: list[str] = getattr(report, "findings", [])
        records = [json.loads(line) for line in lines]
        if lines:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.running.open("a" if self.records else "w", encoding="utf-8") as stream:
                stream.writelines(f"{line}\n" for line in lines)
            self.records += records
        if report.failed and report.nodeid.startswith("parity/") and not any(map(is_wrong, records)):
            self.silent.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the records in a fixed order, whatever the order of the workers, and the page."""
        measured = [entry for entry in self.records if entry["kind"] == "parity"]
        if not self.records and not self.silent:
            return
        stopped = bool(session.shouldstop or session.shouldfail)
        complete = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not stopped
        self.void_rows()
        self.faults = [f"{nodeid} failed without a record" for nodeid in self.silent]
        if measured and not any(entry["verdict"] in COMPARED for entry in measured):
            self.faults.append("nothing was compared")
        left_out = {one.word: left_out_of(one, of_subject(measured, one)) for one in self.tested}
        for one in self.tested:
            if complete and of_subject(measured, one) and not left_out[one.word] and one.selection.whole:
                self.faults += manifest.shortfall(
                    of_subject(self.records, one), one.selection.devices, one.selection.offered
                )
        if self.faults and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self.write(left_out, complete and not self.faults)

    def void_rows(self) -> None:
        """Make void what agrees only because it calls the reference: every row of a module whose audit is void."""
        audits = [entry for entry in self.records if entry["kind"] == "audit" and entry["verdict"] == "void"]
        void = {(entry["subject"], entry["module"]) for entry in audits}
        for entry in self.records:
            row = entry["subject"], entry["module"]
            if entry["kind"] == "parity" and row in void and entry["verdict"] in ("pass", "same-route"):
                entry |= {"verdict": "void", "detail": "the subject's own work could not be told from the reference's"}

    def write(self, left_out: Mapping[str, Sequence[str]], complete: bool) -> None:
        """Write records, a run record of each subject first, and the page."""
        self.records.sort(key=lambda entry: [str(entry.get(name, "")) for name in ORDER])
        headers = [
            run_record(
                subject=one.subject.name,
                seed=one.selection.seed,
                not_run=[*self.not_run, *one.unmet, *left_out[one.word], *self.faults],
                complete=complete,
                started=self.started,
                source=one.source,
            )
            for one in self.tested
        ]
        record.write(self.path, [*headers, *self.records])
        self.running.unlink(missing_ok=True)
        timed = referee_speed.beside(self.path.parent)
        self.path.with_suffix(".md").write_text(parity_page.render(record.read(self.path), timed), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what is wrong with the run as a whole, and where the report is."""
        for sentence in self.faults:
            terminalreporter.write_line(f"FAILED {sentence}", red=True)
        if self.records:
            page = self.path.with_suffix(".md")
            terminalreporter.write_line(f"{len(self.records)} records in {self.path}, report in {page}")


def of_subject(records: Sequence[dict[str, Any]], one: Tested) -> list[dict[str, Any]]:
    return [entry for entry in records if entry["subject"] == one.subject.name]


def left_out_of(one: Tested, measured: Sequence[dict[str, Any]]) -> list[str]:
    """Return a sentence on the cells of the whole plan that have no record; none if all have one."""
    planned = len(one.selection.everything())
    ran = len({(entry["module"], entry["device"], manifest.cell_of(entry)) for entry in measured})
    if not measured or ran >= planned:
        return []
    return [f"{planned - ran:,} of {planned:,} cells, which the command line left out or the run did not reach"]


def is_wrong(entry: dict[str, Any]) -> bool:
    """Return whether a record itself says that something is wrong."""
    return entry.get("verdict") in ("fail", "error", "void")
