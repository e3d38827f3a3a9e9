"""Options, the header, and the way of records to the report: wiring only."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch

from parity import manifest
from parity.session import Selection, devices_for, run_record
from parity.subjects import load
from parity.subjects.contract import Subject
from reports import parity_page, record

FINDINGS = pytest.StashKey[list[Any]]()
ORDER = ("kind", "table", "module", "case", "check", "device", "dtype", "regime", "cotangent", "seed")


class Asked:
    """What the command line asked for, checked."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.getoption
        self.devices, self.not_run = devices_for(option("--device"))
        words = [option(f"--{name}") for name in ("module", "case", "check", "dtype")]
        self.selection = Selection.of(*words, self.devices, option("--seed"))
        self.runs: int = option("--runs")
        if self.runs < 2:
            raise ValueError(f"--runs must be at least 2, was {self.runs}")
        self.subject: Subject = load(option("--subject"))


ASKED = pytest.StashKey[Asked]()


class Reporter:
    """Keeps the records that come in with the tests' reports, and writes them and the page at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.asked = config.stash[ASKED]
        self.path: Path = config.getoption("--out") / "parity.jsonl"
        self.running = self.path.with_suffix(".jsonl.running")
        self.records: list[dict[str, Any]] = []
        self.shortfall: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep records as they come, on disk too: a run that is killed loses none."""
        lines: list[str] = getattr(report, "findings", [])
        if lines:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.running.open("a" if self.records else "w", encoding="utf-8") as stream:
                stream.writelines(f"{line}\n" for line in lines)
            self.records += [json.loads(line) for line in lines]

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the records in a fixed order, whatever the order of the workers, and the page."""
        if not self.records:
            return
        complete = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not session.shouldstop
        asked, not_run = self.asked, list(self.asked.not_run)
        deselected = len(session.config.stash.get(DESELECTED, []))
        if deselected:
            not_run.append(f"{deselected} cells that the command line deselected")
        everything = complete and asked.selection.whole and not deselected and "::" not in "".join(session.config.args)
        if everything and any(found["kind"] == "parity" for found in self.records):
            self.shortfall = manifest.shortfall(self.records, asked.devices)
            not_run += self.shortfall
        if self.shortfall:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self.records.sort(key=lambda found: [str(found.get(name, "")) for name in ORDER])
        header = run_record(asked.subject.name, asked.selection.seed, not_run, complete)
        record.write(self.path, [header, *self.records])
        self.running.unlink(missing_ok=True)
        self.path.with_suffix(".md").write_text(parity_page.render(record.read(self.path)), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for sentence in self.shortfall:
            terminalreporter.write_line(f"FAILED manifest: {sentence}", red=True)
        if self.records:
            terminalreporter.write_line(
                f"{len(self.records)} records in {self.path}, report in {self.path.with_suffix('.md')}"
            )


DESELECTED = pytest.StashKey[list[pytest.Item]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradparity", "parity of gradients")
    group.addoption("--subject", default="framework", help="library under test: a known name or a Python file")
    group.addoption("--device", default="auto", help="cpu, cuda, or auto: every device there is (default)")
    group.addoption("--seed", type=int, default=0, help="seed of every draw (default 0)")
    group.addoption("--runs", type=int, default=20, help="runs behind the tables of paper 004 (default 20; full 10000)")
    group.addoption("--out", type=Path, default=Path("reports/out"), help="folder of records and report")
    for name, shown in {"module": "Conv2d", "case": "plain", "check": "accumulates", "dtype": "float32"}.items():
        group.addoption(f"--{name}", default="all", help=f"run one {name} only, e.g. {shown} (default all)")


def pytest_configure(config: pytest.Config) -> None:
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        config.stash[ASKED] = Asked(config)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(config), "gradparity-reporter")


def pytest_report_header(config: pytest.Config) -> list[str]:
    asked = config.stash[ASKED]
    where = f"subject {asked.subject.name}, seed {asked.selection.seed}, on {' and '.join(asked.devices)}"
    return [f"gradparity: {where}, torch {torch.__version__}", *(f"not run: {reason}" for reason in asked.not_run)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "cell" in metafunc.fixturenames:
        metafunc.parametrize("cell", metafunc.config.stash[ASKED].selection.cells(), ids=str)
    if "device" in metafunc.fixturenames:
        metafunc.parametrize("device", metafunc.config.stash[ASKED].devices)


def pytest_deselected(items: list[pytest.Item]) -> None:
    if items:
        items[0].config.stash.setdefault(DESELECTED, []).extend(items)


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest) -> Subject:
    """The library under test."""
    return request.config.stash[ASKED].subject


@pytest.fixture
def asked_subject(request: pytest.FixtureRequest) -> str:
    """The library under test in the words of the command line."""
    return str(request.config.getoption("--subject"))


@pytest.fixture
def runs(request: pytest.FixtureRequest) -> int:
    """How many runs the tables of paper 004 average over."""
    return request.config.stash[ASKED].runs


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of every draw."""
    return request.config.stash[ASKED].selection.seed


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> list[Any]:
    """The records of this test; they travel with its report, from a worker process too."""
    return request.node.stash.setdefault(FINDINGS, [])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and FINDINGS in item.stash:
        report.findings = [record.line(found) for found in item.stash[FINDINGS]]
    return report
