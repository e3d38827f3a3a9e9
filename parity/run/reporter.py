"""How records get from the tests to the file and the page: a plugin of the process that the user started."""

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from parity.catalogue import pages
from parity.run import manifest
from parity.run.gate.demands import COMPARED, Gate
from parity.run.gate.whole import UNREACHED, narrowing, of_pytest, usual_modules
from parity.run.quick.questions import sentence
from parity.run.session import run_record
from parity.run.tested import Tested
from reports import record
from reports.command import in_words
from reports.reading import Recorded, gather
from reports.record import Run, printable
from reports.running import RunningFile, finish
from reports.runs import RunFolder, claimed, show

KIND = "parity.jsonl"
ORDER = ("subject", "kind", "table", "module", "case", "check", "device", "dtype", "regime", "cotangent", "seed")
SUITE = Path(__file__).resolve().parents[1]
NOTHING_RAN = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.USAGE_ERROR)
TABLES = "parity/test_papers.py"  # tables of a paper: no part of what a library is tested for


class Reporter:
    """Keeps the records that come in with the tests' reports, and writes them and the page at the end.

    What stands in the file meanwhile is there for a run that is killed; it is never read back.
    """

    def __init__(self, tested: Sequence[Tested], out: Path, not_run: Sequence[str], gate: Gate | None = None) -> None:
        self.tested, self.not_run, self.gate = tested, list(not_run), gate or Gate()
        self.started = datetime.now(UTC)
        self.out = out
        self.running: RunningFile | None = None
        self.narrowed_by: tuple[str, ...] = ()  # words that leave something out of what a run without words does
        self.shown = False  # whether the front of the folder shows this run
        self.records: list[dict[str, Any]] = []
        self.recorded = Recorded()  # the run records and the others, when the run has ended
        self.silent: list[str] = []  # tests that failed without a record that says so
        self.faults: list[str] = []  # what the run did not compare as planned
        self.troubles: list[str] = []  # why what was recorded could not be written
        self.over = False  # whether the tests came to their end

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Take a folder of this run's own, before anything runs."""
        config = session.config
        if not config.option.collectonly and any(map(is_of_suite, config.args)):
            if config.option.setuponly:
                word = "--setup-plan" if config.option.setupplan else "--setup-only"
                pytest.exit(f"{word} asks nothing of a subject: its run would pass", pytest.ExitCode.USAGE_ERROR)
            quick = ("--quick",) if config.getoption("--quick") else ()
            self.narrowed_by = (*narrowing(config.getoption), *of_pytest(config, SUITE), *quick)
            self.begin()

    def begin(self) -> None:
        try:
            folder = claimed(self.out, "+".join(one.subject.name for one in self.tested), self.started)
            self.running = RunningFile(folder, KIND, self.headers(complete=False), gather)
        except OSError as error:
            pytest.exit(f"--out cannot be written to: {printable(in_words(error))}", pytest.ExitCode.USAGE_ERROR)

    @property
    def folder(self) -> Path:
        """The folder that this run writes into."""
        return self.running.folder.own if self.running else self.out

    @property
    def path(self) -> Path:
        """The records that a reader finds: in front if this run is shown there, else in its own folder."""
        return (self.out if self.shown else self.folder) / KIND

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep records as they come, on disk too: a run that is killed loses none."""
        lines: list[str] = getattr(report, "findings", [])
        records = [json.loads(line) for line in lines]
        self.records += records
        if self.running and not self.troubles:
            self.kept(partial(self.running.add, lines))
        if report.failed and report.nodeid.startswith("parity/") and not any(map(is_wrong, records)):
            self.silent.append(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Note that the tests came to their end: whatever stops them passes by here as an exception."""
        result = yield
        self.over = True
        return result

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the records in a fixed order, whatever the order of the workers, and the page."""
        if not self.records and not self.silent:
            if self.running and exitstatus in NOTHING_RAN:
                self.running.forget()
            return
        measured = [entry for entry in self.records if entry["kind"] == "parity"]
        complete = self.over and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        self.void_rows()
        self.faults = [f"{nodeid} failed without a record" for nodeid in self.silent if not is_of_tables(nodeid)]
        self.not_run += [f"a table of paper 004: {nodeid} failed" for nodeid in self.silent if is_of_tables(nodeid)]
        if measured and not any(entry["verdict"] in COMPARED for entry in measured):
            self.faults.append("nothing was compared")
        self.faults += [f"the adapter is wrong: {said}" for one in self.tested for said in one.selection.faults()]
        for one in self.tested if complete else ():
            self.faults += self.gate.faults(one, of_subject(self.records, one))
            if of_subject(measured, one) and not left_out_of(one, measured) and one.selection.whole:
                tried = {n: page for n, page in one.selection.offered.items() if n not in one.selection.mistaken}
                self.faults += manifest.shortfall(
                    of_subject(self.records, one),
                    one.selection.devices,
                    tried,
                    one.selection.optimisers,
                    one.selection.checks,
                )
        self.write(self.headers(complete))
        if (self.faults or self.troubles) and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def void_rows(self) -> None:
        """Make void what agrees only because it calls the reference: every row of a module whose audit is void."""
        audits = [entry for entry in self.records if entry["kind"] == "audit" and entry["verdict"] == "void"]
        void = {(entry["subject"], entry["module"]) for entry in audits}
        for entry in self.records:
            row = entry["subject"], entry["module"]
            if entry["kind"] == "parity" and row in void and entry["verdict"] in ("pass", "same-route"):
                entry |= {"verdict": "void", "detail": "the subject's own work could not be told from the reference's"}

    def headers(self, complete: bool) -> list[Run]:
        """Return the run record of each subject."""
        measured = [entry for entry in self.records if entry["kind"] == "parity"]
        return [
            replace(
                run_record(
                    one.subject.name,
                    one.selection.seed,
                    self.not_run,
                    complete,
                    self.started,
                    one.source,
                    one.told.library.get("packages", ()),
                ),
                not_run=(*self.not_run, *one.unmet, *left_out_of(one, measured)),
                let_pass=one.told.let_pass(),
                faults=tuple(self.faults),
                fail_on=self.gate.fail_on,
                narrowed_by=self.narrowed_by or (() if all_reached(self.tested, measured) else (UNREACHED,)),
                without=without(one),
                catalogue=tuple(pages()),
                unnamed=tuple(one.told.library.get("unnamed", ())),
                quick=sentence() if one.selection.quick else "",
            )
            for one in self.tested
        ]

    def write(self, headers: Sequence[Run]) -> None:
        """Write records, a run record of each subject first, and the page, from what is held here alone.

        Where the records cannot be written there is no new page either: what lies there says that it is incomplete.
        """
        self.troubles = []  # of what was written meanwhile: here it is written again
        self.records.sort(key=lambda entry: [str(entry.get(name, "")) for name in ORDER])
        every = [*(record.plain(header) for header in headers), *self.records]
        self.recorded = gather(every)
        path, folder = self.folder / KIND, self.running.folder if self.running else None
        self.kept(lambda: record.write(path, every))
        if not self.troubles:
            self.kept(lambda: finish(path, self.recorded))
        if folder and not self.troubles:
            self.kept(lambda: self.show(folder))
        if self.running and not self.troubles:
            self.kept(self.running.close)

    def show(self, folder: RunFolder) -> None:
        self.shown = show(folder, KIND, self.recorded)

    def kept(self, writing: Callable[[], None]) -> None:
        """Write; where that cannot be done, say so at the end, and go on with what is held here."""
        try:
            writing()
        except OSError as error:
            self.troubles.append(f"what was recorded could not be written: {printable(in_words(error))}")


def is_of_suite(word: str) -> bool:
    """Whether a word of the command line names tests of the suite, or a folder that holds them."""
    path = Path(word.partition("::")[0]).resolve()
    return path == SUITE or SUITE in path.parents or path in SUITE.parents


def is_in_suite(word: str) -> bool:
    """Whether a word of the command line names tests of the suite, and no others."""
    path = Path(word.partition("::")[0]).resolve()
    return path == SUITE or SUITE in path.parents


def is_of_tables(nodeid: str) -> bool:
    return nodeid.startswith(TABLES)


def of_subject(records: Sequence[dict[str, Any]], one: Tested) -> list[dict[str, Any]]:
    return [entry for entry in records if entry["subject"] == one.subject.name]


def left_out_of(one: Tested, measured: Sequence[dict[str, Any]]) -> list[str]:
    """Return a sentence on the cells of the whole plan that have no record; none if all have one."""
    own = of_subject(measured, one)
    if not own:
        return []
    ran, selected = counts(one, own)
    unreached = (
        f"{selected - ran:,} of {selected:,} cells selected, which pytest's own words left out or the run did not reach"
    )
    return [*one.selection.left_out(), *([unreached] if ran < selected else [])]


def counts(one: Tested, own: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Return how many cells of a subject have a record, and how many were selected.

    Of a module with a mistake in its adapter a fault tells.
    """
    selected = len(one.selection.cells()) + len(one.selection.step_cells())
    return len({(entry["module"], entry["device"], manifest.cell_of(entry)) for entry in own}), selected


def all_reached(tested: Sequence[Tested], measured: Sequence[dict[str, Any]]) -> bool:
    """Return whether every selected cell of every subject has a record."""
    return all(ran >= selected for ran, selected in (counts(one, of_subject(measured, one)) for one in tested))


def without(one: Tested) -> tuple[str, ...]:
    """Return the modules of a subject that the command line leaves out."""
    usual = usual_modules((*one.selection.offered, *one.selection.optimisers))
    return tuple(name for name in usual if name not in one.selection.modules)


def is_wrong(entry: dict[str, Any]) -> bool:
    """Return whether a record itself says that something is wrong."""
    return entry.get("verdict") in ("fail", "error", "void") or (entry["kind"] == "paper-004" and bool(entry["detail"]))
