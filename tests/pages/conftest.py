"""A browser, and the pages that it opens: made of records of every kind, with everything that may go wrong in them."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.html import index
from reports.record import Parity, Run, write
from tests.pages.browser import Browser, missing, started
from tests.reports.damage import document, files
from tests.reports.test_parity_page import BAD, GOOD, LACKING, REFUSES, RUN

HERE = Path(__file__).parent
AXE = Path(os.environ.get("AXE") or HERE / "node_modules" / "axe-core" / "axe.min.js")
FIGURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
MODULES, FULL, CASES = 4, 60, 40


def lacking() -> str:
    """Return in one sentence what the tests need and what is not there; empty if all is."""
    if not AXE.is_file():
        return missing() or f"the tests of pages need axe-core, not in {AXE}; make pagetests gets it, or AXE names it"
    return missing()


def pytest_sessionstart() -> None:
    if lacking():
        pytest.exit(lacking(), pytest.ExitCode.USAGE_ERROR)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if lacking():
        pytest.fail(lacking(), pytrace=False)  # where the session began elsewhere
    with started() as window:
        yield window


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of everything: a few modules, some of them wrong, with times, trust and papers beside them."""
    return of_modules(tmp_path_factory.mktemp("pages"), MODULES, 3)


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of as many modules and cases as a full run has."""
    return of_modules(tmp_path_factory.mktemp("full"), FULL, CASES)


def of_modules(folder: Path, modules: int, cases: int) -> Path:
    files(folder)
    (folder / "perf.json").write_text(json.dumps(timed()), encoding="utf-8")
    write(folder / "parity.jsonl", [replace(RUN, source="a library.py", ends=True), *measured(modules, cases)])
    (folder / "figures").mkdir()
    (folder / "figures" / "a.svg").write_text(FIGURE, encoding="utf-8")
    return index.write(folder)


def timed() -> dict[str, Any]:
    """Return timings of a row with names as long as they come, so that its table is wider than a small window."""
    whole = document()
    names = {"module": "ScaledDotProductAttention", "case": "a-size-of-practice", "mode": "forward+backward"}
    whole["benchmarks"][0]["extra_info"] |= names
    return whole


def measured(modules: int, cases: int) -> Iterator[Parity]:
    """Yield the records of modules of which one has a wrong gradient, one is void, and one is not there."""
    for place in range(modules):
        name = f"Module{place:02}"
        for case in range(cases):
            for dtype in ("float64", "float32", "bfloat16"):
                common = {"module": name, "case": f"case {case}", "dtype": dtype, "subject_error": 0.15 * 2**case}
                for quantity in ("output", "dx", "dweight", "dbias"):
                    yield replace(GOOD, quantity=quantity, **common)
            yield replace(REFUSES, module=name, case=f"case {case}", quantity=f"padding {case}")
    for case in range(9):
        found = {"detail": "<b>3 of 9</b> are wrong", "fits": ("cause: transposed", "right if: stride=1")}
        yield replace(BAD, module="Wrong", case=f"case {case}", script="minimal/Wrong-dx.py", **found)
        yield replace(BAD, module="Wrong", case=f"case {case}", check="accumulates")
    yield replace(GOOD, module="Void", elements=0)
    yield LACKING


@pytest.fixture(scope="session")
def unfinished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run that was stopped, beside a file that cannot be read."""
    folder = tmp_path_factory.mktemp("unfinished")
    write(folder / "parity.jsonl", [replace(RUN, complete=False), GOOD])
    (folder / "trust.jsonl").write_bytes(b"{")
    return index.write(folder)


@pytest.fixture(scope="session")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two subjects side by side."""
    folder = tmp_path_factory.mktemp("several")
    runs: list[Run] = [RUN, replace(RUN, subject="other")]
    write(folder / "parity.jsonl", [*runs, GOOD, BAD, *(replace(one, subject="other") for one in (GOOD, LACKING))])
    return index.write(folder)
