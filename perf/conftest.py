"""Options, the shared measurement of a row, progress, and the way into perf.json and its page: wiring only."""

import json
import warnings
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from parity.run.gate.whole import DEVICE, MODULE, narrowing
from parity.run.planning import add_pages
from parity.run.session import chosen_of, devices_for, run_record
from parity.settle import keep_freed_memory, settle
from parity.subjects import load
from parity.verdict import limits
from perf import suite
from perf.bench.measure import Allowance, Bench
from perf.bench.rows import Row, quick, rows
from perf.confirm import in_fresh_process
from perf.cuda.device import CudaDevice
from perf.cuda.watch import least_seconds
from perf.group_gate import exceeded, gates
from perf.method.duel import Duel
from perf.physics import ceiling
from perf.progress import Progress
from perf.statistics.gate import SLOWER, TIMED, UNCLEAR, checked
from reports import record
from reports.ci import job_summary, times_summary
from reports.command import in_words
from reports.html import index
from reports.perf import figure as perf_figure
from reports.perf import reading as perf_reading
from reports.perf.reading import Timed
from reports.perf.record import RowFinding
from reports.record import write_text
from reports.running import begin, finish
from reports.runs import claimed, show

Measured = Callable[[Row], tuple[RowFinding, Duel | None]]
KIND = "perf.json"  # the usual name of the file
SIDES = ("subject", "torch")
FULL_SECONDS, QUICK_SECONDS = 860.0, 80.0  # of a run, ceilings, parity, memory and torch.compile among it
PATIENCE = 4  # an unclear row under a gate is measured once more, for this many times as long


class Session:
    """What the command line asked for, and every row measured so far."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.getoption
        settle()
        self.freed = keep_freed_memory()
        self.gate = checked(option("--gate"))
        self.group_gates = gates(option("--group-gate") or ())
        self.devices, self.not_run = devices_for(option("--device"))
        self.subject_name: str = option("--subject")
        add_pages(option("--pages"))
        self.rows = rows(self.devices)
        if option("--quick"):
            self.rows = quick(self.rows)
        modules = chosen_of(option("--module"), dict.fromkeys(row.module for row in self.rows))
        chosen = [row for row in self.rows if row.module in modules]
        if len(chosen) < len(self.rows):
            self.not_run.append(f"{len(self.rows) - len(chosen)} of {len(self.rows)} rows, which --module left out")
        self.rows = chosen
        self.seconds: float = option("--seconds") or (QUICK_SECONDS if option("--quick") else FULL_SECONDS)
        compile_seconds = 0.0 if option("--quick") else option("--compile-seconds")
        self.allowance = Allowance(self.seconds, len(self.rows))
        self.bench = Bench(load(self.subject_name), self.gate, compile_seconds=compile_seconds)
        self.measured: dict[Row, tuple[RowFinding, Duel | None]] = {}
        started = datetime.now(UTC)
        header = run_record(self.bench.subject.name, 0, self.not_run, False, started)
        self.header = replace(header, settings={**header.settings, "freed memory": self.freed})
        self.out: Path = option("--out")
        narrowed = narrowing(option, (MODULE, DEVICE))
        self.narrowed_by = (*narrowed, *(["--quick"] if option("--quick") else []))  # words that leave rows out
        named = option("benchmark_json")  # a file of the user's own: then it is that run's folder and front in one
        self.folder = None if named else claimed(self.out, self.bench.subject.name, started)
        self.file: Path = self.folder.own / KIND if self.folder else named
        self.file.parent.mkdir(parents=True, exist_ok=True)

    def begin(self, chosen: Sequence[Row]) -> None:
        """Take the rows that the command line left."""
        self.narrowed_by += ("rows by name",) if len(chosen) < len(self.rows) else ()
        self.rows = list(chosen)
        self.allowance = Allowance(self.seconds, len(self.rows))
        self.save()
        begin(self.file, self.saved(), KIND)

    def save(self) -> None:
        """Write what is measured so far: pytest-benchmark writes the file of a run that ends, none of a killed one."""
        timed = [{"extra_info": finding.as_dict() | {"role": "subject"}} for finding in self.findings if finding.time]
        write_text(self.file, json.dumps({"benchmarks": timed, "gradparity": self.run()}) + "\n")
        if self.folder and len(self.measured) == 1:
            show(self.folder, KIND, self.saved(), goes_on=True)

    def finish(self) -> Path:
        """Write the pages and the figure; return the folder that shows them."""
        finish(self.file, self.saved(), KIND)
        self.drawn = perf_figure.draw(list(perf_reading.read(self.file)), self.file.parent / "figures")
        shown = self.folder is not None and show(self.folder, KIND, self.saved())
        return self.out if shown else self.file.parent

    def saved(self) -> Timed:
        """Return what the file holds."""
        return perf_reading.gather(next(perf_reading.read(self.file)))

    def run(self) -> dict[str, Any]:
        """Return the run, its ceilings, what was not timed, and this machine's self-test if it was run."""
        at = replace(self.header, complete=len(self.measured) == len(self.rows), narrowed_by=self.narrowed_by)
        selftest = self.out / "perf_selftest.json"
        whole = {
            "run": json.loads(record.line(at)),
            "gate": self.gate,
            "margin": limits.TIME_MARGIN,
            "rows": len(self.rows),
            "ceilings": {
                device: {
                    "bytes_per_second": {str(size): rate for size, rate in reached.bytes_per_second.items()},
                    "flops_per_second": reached.flops_per_second,
                }
                for device, reached in self.bench.ceilings.items()
            },
            "not_timed": [finding.as_dict() for finding in self.findings if finding.time is None],
            "selftest": json.loads(selftest.read_text(encoding="utf-8")) if selftest.is_file() else None,
        }
        return cast("dict[str, Any]", record.plain(whole))

    def measure(self, row: Row) -> tuple[RowFinding, Duel | None]:
        """Return the row's finding, measured at the first call; ceilings are measured before the first row."""
        if row not in self.measured:
            if row.device not in self.bench.ceilings:
                self.bench.ceilings[row.device] = ceiling.measure(row.device, fastest_on(row.device))
            self.measured[row] = self.judged(row)
            self.save()
        return self.measured[row]

    def judged(self, row: Row) -> tuple[RowFinding, Duel | None]:
        """Measure a row; under a gate, once more and longer if unclear, and in a fresh process too if slower."""
        seconds = self.allowance.next()
        finding, times = self.bench.measure(row, seconds)
        self.allowance.took(times.seconds if times else 0.0)
        if self.gate is not None and finding.verdict == UNCLEAR:
            finding, times = self.bench.measure(row, PATIENCE * seconds)
        if self.gate is not None and finding.verdict == SLOWER:
            agreed, words = in_fresh_process(str(row), self.subject_name, self.gate)
            finding = replace(finding, confirmed=words, verdict=SLOWER if agreed else UNCLEAR)
        return finding, times

    @property
    def findings(self) -> list[RowFinding]:
        return [finding for finding, _ in self.measured.values()]


def fastest_on(device: str) -> ceiling.Seconds:
    """Return how a run is timed for the ceilings of a device."""
    return partial(least_seconds, device=CudaDevice()) if device == "cuda" else ceiling.on_host


SESSION = pytest.StashKey[Session]()


def pytest_addoption(parser: pytest.Parser) -> None:
    suite.options(parser.getgroup("gradparity").addoption)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # A row that parity makes void, or that an interruption leaves untimed, does not use it; warnings are errors here.
    config.addinivalue_line("filterwarnings", "ignore:Benchmark fixture was not used")
    try:
        config.stash[SESSION] = Session(config)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    except OSError as error:
        raise pytest.UsageError(f"--out cannot be written to: {in_words(error)}") from error
    config.option.benchmark_json = config.stash[SESSION].file
    if config.getoption("benchmark_columns") is None:
        config.option.benchmark_columns = ["median", "iqr", "rounds"]
    config.pluginmanager.register(Progress(config, len(SIDES)), "gradparity-progress")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "row" in metafunc.fixturenames:
        metafunc.parametrize(
            ("row", "side"), [(r, s) for r in metafunc.config.stash[SESSION].rows for s in SIDES], ids=str
        )


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> Measured:
    """How to measure a row: once, whoever asks first."""
    return request.config.stash[SESSION].measure


@pytest.fixture(scope="session")
def gate(request: pytest.FixtureRequest) -> float | None:
    """The ratio above which a row fails; None where none was given."""
    return request.config.stash[SESSION].gate


def pytest_report_header(config: pytest.Config) -> list[str]:
    asked = config.stash[SESSION]
    gate = "no gate: ratios are reported, nothing fails for its time" if asked.gate is None else f"gate {asked.gate:g}"
    return [f"timing: {len(asked.rows)} rows, {gate}, {torch.get_num_threads()} thread, TF32 off"]


def pytest_collection_finish(session: pytest.Session) -> None:
    chosen = {item.callspec.params["row"] for item in session.items if isinstance(item, pytest.Function)}
    asked = session.config.stash[SESSION]
    if chosen and not session.config.option.collectonly:
        asked.begin([row for row in asked.rows if row in chosen])


def pytest_benchmark_update_json(config: pytest.Config, output_json: dict[str, Any]) -> None:
    output_json["gradparity"] = config.stash[SESSION].run()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Where no row was timed pytest-benchmark warns that it saves nothing; the summary says so, and it is no error.

    A summary for a job is appended when the file and its pages are whole; where that cannot be done, the run fails. So
    it does where a group of rows is above its gate.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Not saving anything")
        yield
    asked, summary = session.config.stash[SESSION], session.config.getoption("--summary")
    troubles = list(exceeded(asked.group_gates, asked.findings))
    if summary and asked.findings and (trouble := job_summary.append(summary, times_summary.render(asked.saved()))):
        troubles.append(trouble)
    for trouble in troubles:
        session.config.get_terminal_writer().line(f"FAILED {trouble}", red=True)
    if troubles and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    asked = config.stash[SESSION]
    counts = Counter(finding.verdict for finding in asked.findings)
    if not counts:
        if asked.folder:
            asked.folder.forget()
        return
    words = ", ".join(f"{counts[name]} {name}" for name in (*TIMED, *sorted(set(counts) - set(TIMED))))
    terminalreporter.write_line(f"{len(asked.measured)} of {len(asked.rows)} rows: {words}")
    file = asked.finish() / asked.file.name
    pages = f"{file.with_suffix('.md')} and {file.with_name(index.NAME)}"
    figures = f", figure in {file.parent / 'figures' / asked.drawn[0].name}" if asked.drawn else ""
    terminalreporter.write_line(f"Times in {file}, report in {pages}{figures}")
