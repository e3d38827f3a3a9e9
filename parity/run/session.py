"""What the command line asked for, checked; and the record of the run."""

import os
import platform
import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from parity import stepping
from parity.catalogue import pages
from parity.catalogue.added import files
from parity.catalogue.optimisers.page import OptimiserPage
from parity.catalogue.page import Page
from parity.contract import CHECKS
from parity.run.asked.complaints import Complaints
from parity.run.asked.words import chosen_of as chosen_of
from parity.run.asked.words import devices_for as devices_for
from parity.run.asked.words import names_in as names_in
from parity.run.asked.words import one_of as one_of
from parity.run.gate import origin
from parity.run.quick.questions import is_asked
from parity.stepping.checks import cells as step_cells
from parity.stepping.course import StepCell
from parity.subjects.mistakes import alike
from parity.verdict import arithmetic
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.check import Check
from parity.verdict.plan import cells
from reports.command import IN_CHECKOUT, called
from reports.record import Run

AUDIT = "independence"  # a check of modules, not of cells: parity/test_independence.py
NARROWING = ("case", "check", "dtype")  # options by which cells of every module are left out
PACKAGES = ("torch", "numpy", "scipy", "pytest", "scikit-image", "tabulate")


@dataclass(frozen=True)
class Selection:
    """Which cells the command line selects; a word that names nothing is an error, not an empty run."""

    modules: Sequence[str]
    case: str
    check: str
    dtype: str
    devices: Sequence[str]
    seed: int
    offered: Mapping[str, Page]
    mistaken: Mapping[str, str] = field(default_factory=dict)  # module -> what is wrong with its adapter: it is not run
    optimisers: Mapping[str, OptimiserPage] = field(default_factory=dict)  # offered beside the modules; chosen as they
    checks: Mapping[str, Check] = field(default_factory=lambda: CHECKS)  # that the subject is asked
    quick: bool = False  # whether only what notices most is asked

    @classmethod
    def of(
        cls,
        modules: Sequence[str] | None,
        case: str,
        check: str,
        dtype: str,
        devices: Sequence[str],
        seed: int,
        offered: Mapping[str, Page] | None = None,
        optimisers: Mapping[str, OptimiserPage] | None = None,
        checks: Mapping[str, Check] = CHECKS,
        quick: bool = False,
    ) -> "Selection":
        """Check every word against the pages offered (None: the modules); raise ValueError if one names nothing."""
        offered, optimisers = pages() if offered is None else offered, optimisers or {}
        wrong = Complaints()
        names = wrong.of(lambda: chosen_of(modules, [*offered, *optimisers])) or [*offered, *optimisers]
        chosen: list[Page | OptimiserPage] = [offered[n] if n in offered else optimisers[n] for n in names]
        if case != "all":
            wrong.of(lambda: one_of("--case", case, dict.fromkeys(c.name for page in chosen for c in page.cases)))
        if check != "all":
            wrong.of(lambda: one_of("--check", check, [*CHECKS, *(stepping.CHECKS if optimisers else ()), AUDIT]))
        if check in CHECKS and check not in checks:
            wrong.add(f"--check {check} is of subjects that say {CHECKS[check].trait}, which this one does not")
        if dtype != "all":
            wrong.of(lambda: one_of("--dtype", dtype, DTYPES))
        if seed < 0:
            wrong.add(f"--seed must be at least 0, was {seed}")
        wrong.end()
        selection = cls(names, case, check, dtype, devices, seed, offered, {}, optimisers, checks, quick)
        if not selection.cells() and not selection.step_cells() and (quick or check != AUDIT):
            asked = f"module {' or '.join(modules or ['all'])}, case {case}, check {check} and dtype {dtype}"
            raise ValueError(f"no cell has {asked} all at once{', of those that --quick asks' * quick}")
        return selection

    @property
    def whole(self) -> bool:
        """Whether nothing was left out."""
        every = {*pages(), *self.optimisers}
        return self.case == self.check == self.dtype == "all" and set(self.modules) >= every and not self.quick

    def wants(self, cell: Cell | StepCell) -> bool:
        """Return whether a cell has the case and the dtype that were asked for, and is one of a quick run if it is."""
        named = self.case in ("all", cell.case.name) and self.dtype in ("all", cell.dtype)
        return named and (not self.quick or is_asked(cell))

    def everything(self) -> list[Cell | StepCell]:
        """Return every cell of all modules and optimisers, on these devices."""
        every: list[Cell | StepCell] = []
        for page in self.offered.values():
            every += cells(page, self.checks.values(), self.devices, self.seed)
        for of_optimiser in self.optimisers.values():
            every += step_cells(of_optimiser, list(stepping.CHECKS), self.devices, self.seed)
        return every

    def selected(self) -> list[Cell | StepCell]:
        """Return every selected cell, of modules and of optimisers, those of a mistaken adapter too."""
        return [*self.cells(mistaken=True), *self.step_cells()]

    def left_out(self) -> list[str]:
        """Return a sentence on the modules, and one on the cells of the others, that the command line left out."""
        every, selected = Counter(cell.page.module for cell in self.everything()), len(self.selected())
        names = [*self.offered, *self.optimisers]
        without = [name for name in names if name not in self.modules]
        of_others, sentences = sum(every[name] for name in without), []
        if without:
            sentences.append(
                f"{len(without)} of {len(names)} modules, with {of_others:,} of {every.total():,} cells, which "
                f"--module left out: {', '.join(without)}"
            )
        narrower = [f"--{name} {asked}" for name in NARROWING if (asked := getattr(self, name)) != "all"]
        narrower += ["--quick"] * self.quick
        if narrower:
            of_chosen = every.total() - of_others
            of = "cells of the others" if without else "cells"
            sentences.append(f"{of_chosen - selected:,} of {of_chosen:,} {of}, which {' and '.join(narrower)} left out")
        if self.quick:
            sentences.append("the audit of independence, and tables of papers, which --quick left out")
        return sentences

    def pages(self, mistaken: bool = False) -> list[Page]:
        """Return the pages of the modules selected; those of which the adapter is wrong only where it is wanted."""
        chosen = (name for name in self.modules if name in self.offered)
        return [self.offered[name] for name in chosen if mistaken or name not in self.mistaken]

    def faults(self) -> list[str]:
        """Return a sentence on every mistake of the adapter, with the modules that are not run for it."""
        lost = Counter(cell.page.module for cell in self.cells(mistaken=True))
        said, modules = dict[str, str](), dict[str, list[str]]()
        for module, mistake in self.mistaken.items():
            if module in self.modules:
                key = alike(mistake, module)
                said.setdefault(key, mistake)
                modules.setdefault(key, []).append(module)
        return [
            f"{said[key]} ({', '.join(of)}: {sum(lost[name] for name in of):,} cells not run)"
            for key, of in modules.items()
        ]

    def cells(self, mistaken: bool = False) -> list[Cell]:
        """Return every selected cell, in the order of the catalogue; `mistaken` as for pages."""
        checks = [check for check in self.checks.values() if self.check in ("all", check.name)]
        return [
            cell
            for page in self.pages(mistaken)
            for cell in cells(page, checks, self.devices, self.seed)
            if self.wants(cell)
        ]

    def step_cells(self) -> list[StepCell]:
        """Return every selected cell of an optimiser, in the order of the catalogue."""
        checks = [name for name in stepping.CHECKS if self.check in ("all", name)]
        return [
            cell
            for name in self.modules
            if name in self.optimisers
            for cell in step_cells(self.optimisers[name], checks, self.devices, self.seed)
            if self.wants(cell)
        ]


def processor() -> str:
    """Return the name of the processor, as the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def command() -> str:
    """Return the command line of this process."""
    ours = called() != IN_CHECKOUT or Path(sys.argv[0]).parts[-2:] == ("parity", "__main__.py")
    return shlex.join([*(called().split() if ours else ["pytest"]), *sys.argv[1:]])


def machine() -> dict[str, str]:
    """Return what machine this is."""
    description = {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}",
    }
    if torch.cuda.is_available():
        description["gpu"] = torch.cuda.get_device_name()
    return description


def run_record(
    subject: str,
    seed: int,
    not_run: Sequence[str],
    complete: bool,
    started: datetime | None = None,
    source: str = "",
    packages: Sequence[origin.Package] = (),
) -> Run:
    """Return the record that opens a file of records; a run that does not say when it started starts now.

    source    the file of the subject's adapter, if it has one; `packages` what the adapter says that its library is
    """
    return Run(
        subject=subject,
        seed=seed,
        started=(started or datetime.now(UTC)).isoformat(timespec="seconds"),
        command=command(),
        commit=origin.of_library(source, packages),
        suite=origin.of_suite(),
        machine=machine(),
        versions={"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        settings={
            "threads": str(torch.get_num_threads()),
            "tf32": "allowed" if arithmetic.tf32_allowed() else "off",
            "float32 matmul precision": torch.get_float32_matmul_precision(),
        },
        not_run=tuple(not_run),
        complete=complete,
        source=source,
        pages=tuple(map(str, files())),
        ends=True,
    )
