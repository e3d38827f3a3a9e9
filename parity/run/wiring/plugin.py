"""Options, the header, and how records reach the report: the plugin of pytest that every run loads."""

import gc
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from parity.catalogue import operators, pages
from parity.catalogue.optimisers import optimisers
from parity.catalogue.optimisers.page import OptimiserPage
from parity.catalogue.page import Page
from parity.contract import CHECKS
from parity.run import suite
from parity.run.asked.complaints import Complaints
from parity.run.asked.words import devices_for
from parity.run.gate.aspects import FAIL_ON, aspects_of
from parity.run.gate.demands import Gate
from parity.run.planning import add_pages
from parity.run.reporter import Reporter, is_in_suite
from parity.run.session import AUDIT, Selection
from parity.run.tested import Tested, asked_of, subject_of, tell_apart, words
from parity.run.wiring.annotated import JobTeller
from parity.run.wiring.ending import LastLines
from parity.run.wiring.watching import MODULE, RunProgress, module_of
from parity.settle import settle
from parity.subjects.contract import Subject, traits
from parity.subjects.process import Limits
from parity.verdict.check import Check
from reports import record

ANSWERS = "gradparity_answers"  # what the subjects said of themselves, as the process that starts the others was told
FOLDER = "gradparity_folder"  # that the run writes into
FINDINGS = pytest.StashKey[list[Any]]()


class Asked:
    """What the command line asked for, checked."""

    def __init__(self, config: pytest.Config) -> None:
        option, wrong = config.getoption, Complaints()
        add_pages(option("--pages"))  # without them no other word can be judged
        self.devices, self.not_run = wrong.of(lambda: devices_for(option("--device"))) or (["cpu"], [])
        limits = Limits(option("--cell-seconds"), option("--cell-memory"))
        names = wrong.of(lambda: words(option("--subject"))) or []
        found = [wrong.of(partial(subject_of, name, option("--in-process"), limits)) for name in names]
        wrong.of(lambda: aspects_of(option("--fail-on")))
        self.runs: int = option("--runs")
        if self.runs < 2:
            wrong.add(f"--runs must be at least 2, was {self.runs}")
        if option("--out").exists() and not option("--out").is_dir():
            wrong.add(f"--out must be a folder, was the file {option('--out')}")
        answers = getattr(config, "workerinput", {}).get(ANSWERS)
        if wrong.said:  # there may be no subject to ask what it has: other words are held to the whole catalogue
            wrong.of(lambda: self.selection(config, "all", pages() | operators(), optimisers(), CHECKS))
        wrong.end()
        self.tested, left_out = self.asked_of(config, names, found, answers)
        self.not_run += left_out
        self.left_out = [*self.not_run, *(sentence for one in self.tested for sentence in one.unmet)]
        self.mistakes = [sentence for one in self.tested for sentence in one.selection.faults()]
        self.gate = Gate.of(option("--fail-on"), option("--require"), option("--at-least"), self.tested)

    def asked_of(self, config: pytest.Config, names: Sequence[str], found: Any, answers: Any) -> Any:
        """Return the subjects with what is asked of each, and what is asked of none of them."""
        tell_apart(found, names)
        chosen = partial(self.selection, config, config.getoption("--case"))
        return asked_of(names, found, chosen, config.getoption("--module"), answers)

    def selection(
        self,
        config: pytest.Config,
        case: str,
        offered: Mapping[str, Page],
        stepped: Mapping[str, OptimiserPage],
        checks: Mapping[str, Check],
    ) -> Selection:
        """Return the cells that the words select of what is offered; raise ValueError for words that select none."""
        modules, check, dtype, seed = (config.getoption(f"--{name}") for name in ("module", "check", "dtype", "seed"))
        quick = config.getoption("--quick")
        return Selection.of(modules, case, check, dtype, self.devices, seed, offered, stepped, checks, quick)


ASKED = pytest.StashKey[Asked]()
GARBAGE = 10_000, 20, 20  # records and tensors are many and hold no cycles: to search them often took a twentieth


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradparity", "parity of gradients")
    suite.shared_options(group.addoption)
    suite.options(group.addoption)


def pytest_configure(config: pytest.Config) -> None:
    settle()
    gc.set_threshold(*GARBAGE)
    try:
        config.stash[ASKED] = Asked(config)
        config.stash[FAIL_ON] = config.stash[ASKED].gate.fail_on
    except ValueError as error:
        raise pytest.UsageError(*str(error).splitlines()) from error
    if not hasattr(config, "workerinput"):
        asked, out = config.stash[ASKED], config.getoption("--out")
        reporter = Reporter(asked.tested, out, asked.not_run, asked.gate)
        config.pluginmanager.register(reporter, "gradparity-reporter")
        config.pluginmanager.register(LastLines(reporter), "gradparity-ending")
        if all(map(is_in_suite, config.args)):
            config.pluginmanager.register(RunProgress(config), "gradparity-progress")
        try:
            config.pluginmanager.register(JobTeller(reporter, config.getoption("--summary")), "gradparity-job")
        except ValueError as error:
            raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the run writes, and what the subjects said: it plans the same cells."""
    node.workerinput[ANSWERS] = {one.word: asdict(one.told) for one in node.config.stash[ASKED].tested}
    node.workerinput[FOLDER] = str(folder_of(node.config))


def folder_of(config: pytest.Config) -> Path:
    """Return the folder that the run writes into, in the process that keeps its records and in its workers."""
    if hasattr(config, "workerinput"):
        return Path(config.workerinput[FOLDER])
    reporter: Any = config.pluginmanager.get_plugin("gradparity-reporter")
    folder: Path = reporter.folder
    return folder


def pytest_report_header(config: pytest.Config) -> list[str]:
    asked = config.stash[ASKED]
    names = " and ".join(one.subject.name for one in asked.tested)
    where = f"subject {names}, seed {config.getoption('--seed')}, on {' and '.join(asked.devices)}"
    wrong = [f"the adapter is wrong: {said}" for said in asked.mistakes]
    left_out = [f"not run: {reason}" for reason in asked.left_out]
    return [f"gradparity: {where}, torch {torch.__version__}", *wrong, *left_out]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked, wanted = metafunc.config.stash[ASKED], metafunc.fixturenames
    if "cell" in wanted:
        against(metafunc, "cell", [(one, cell) for one in asked.tested for cell in one.selection.cells()], str)
    elif "step_cell" in wanted:
        stepped = [(one, cell) for one in asked.tested for cell in one.selection.step_cells()]
        against(metafunc, "step_cell", stepped, str)
    elif metafunc.function.__name__ == "test_independence":
        pages = [(one, page) for one in asked.tested for page in one.selection.pages()]
        against(metafunc, "page", pages, lambda page: str(page.module))
    elif "tested" in wanted:
        of_papers = [one for one in asked.tested if traits(one.subject).of_papers]
        metafunc.parametrize("tested", of_papers, ids=lambda one: one.subject.name, indirect=True)
    if "device" in wanted:
        metafunc.parametrize("device", asked.devices)


def against(
    metafunc: pytest.Metafunc, name: str, pairs: Sequence[tuple[Tested, Any]], words_of: Callable[[Any], str]
) -> None:
    """Give a test every pair of a subject and a thing; its id names the subject only where there are several."""
    several = len(metafunc.config.stash[ASKED].tested) > 1
    ids = [f"{one.subject.name}-{words_of(thing)}" if several else words_of(thing) for one, thing in pairs]
    metafunc.parametrize(("tested", name), pairs, ids=ids, indirect=["tested"])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep, among the tests that take no cell, those that the selected check concerns, and no test without a cell."""
    check, nothing = config.getoption("--check"), without_cells(config.stash[ASKED].tested)
    of_suite = [item for item in items if item.path.parent.name == "parity"]
    other = [item for item in of_suite if not concerned(item.path.name, check) or item.path.name in nothing]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave torch and the tests themselves out of every search for garbage: searching them took an eighth of a run."""
    gc.collect()
    gc.freeze()


def without_cells(tested: Sequence[Tested]) -> set[str]:
    """Return the files of the parity suite that have nothing to ask of what is selected."""
    selections = [one.selection for one in tested]
    asked = {
        "test_parity.py": any(selection.cells() for selection in selections),
        "test_independence.py": any(selection.pages() and not selection.quick for selection in selections),
        "test_optimisers.py": any(selection.step_cells() for selection in selections),
        "test_papers.py": any(traits(one.subject).of_papers and not one.selection.quick for one in tested),
    }
    return {file for file, any_cell in asked.items() if not any_cell}


def concerned(file: str, check: str) -> bool:
    """Return whether a file of the parity suite has to do with the selected check."""
    return {"test_independence.py": check in ("all", AUDIT), "test_papers.py": check == "all"}.get(file, check != AUDIT)


@pytest.fixture
def tested(request: pytest.FixtureRequest) -> Tested:
    """The library that this test tests, and its cells."""
    one: Tested = getattr(request, "param", request.config.stash[ASKED].tested[0])
    return one


@pytest.fixture
def subject(tested: Tested) -> Subject:
    """The library under test."""
    return tested.subject


@pytest.fixture
def asked_subject(tested: Tested) -> str:
    """The library under test as the command line names it."""
    return tested.word


@pytest.fixture
def run_folder(request: pytest.FixtureRequest) -> Path:
    """The folder that this run alone writes into."""
    return folder_of(request.config)


@pytest.fixture
def runs(request: pytest.FixtureRequest) -> int:
    """How many runs the tables of paper 004 average over."""
    return request.config.stash[ASKED].runs


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of every draw."""
    return int(request.config.getoption("--seed"))


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> list[Any]:
    """The records of this test; they travel with its report, from a worker process too."""
    of_test: list[Any] = request.node.stash.setdefault(FINDINGS, [])
    return of_test


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if named := module_of(item):
        vars(report)[MODULE] = named
    if report.when == "call" and FINDINGS in item.stash:
        vars(report)["findings"] = [record.line(finding) for finding in item.stash[FINDINGS]]
    return report
