"""What the suite says of ten wrong layers: python tests/subjects/wrong_layers/table.py.

One row a layer: the first cell of the plan that fails, what it looks like, and the smallest case that shows it. Exit
status 1 if one is not reported, if fewer than eight are explained rightly, or if the correct library is accused.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch
from tabulate import tabulate

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.diagnosis.minimal import elements, smallest
from parity.subjects import load
from parity.subjects.contract import Subject
from parity.trust.explained.smallest import Counted
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.record import Parity

HERE = Path(__file__).parent
ASKED = 8  # layers of the ten that are to be explained rightly
# The module that has the mistake, and what an explanation must say to be right: it names the cause itself.
MISTAKES = {
    "batch-averaged db": ("Linear", r"divided by the batch size"),
    "kernel not transposed": ("Conv2d", r"weight is transposed"),
    "padding x stride mixed": ("Conv2d", r"padding is multiplied by the stride"),
    "in-place ReLU": ("ReLU", r"input 0 is changed in place by forward: it holds the output"),
    "momentum aliases gradient": ("Linear", r"as if the buffer of a momentum were the gradient"),
    "derivative at the cotangent": ("Sigmoid", r"the derivative is evaluated at the cotangent"),
    "max over the wrong axis": ("Softmax", r"the maximum is taken over another axis"),
    "loss divided by batch": ("MSELoss", r"divided by the batch size"),
    "gradient overwritten": ("Linear", r"not accumulated: a second backward overwrites"),
    "groups mixed": ("Conv2d", r"groups are mixed"),
}


@dataclass(frozen=True)
class Row:
    """What the suite says of one layer."""

    mistake: str
    where: str
    said: str
    right: bool
    size: int = 0
    steps: int = 0


def outside(folder: Path) -> Path:
    """Copy the library and its adapters to a folder outside the project; return it."""
    for name in ("layers.py", "wrong.py", "correct.py"):
        shutil.copy(HERE / name, folder)
    return folder


def failing(subject: Subject, module: str) -> Iterator[tuple[Trial, list[Parity]]]:
    """Yield the cells of a module that fail, in the order of the plan, with their failed records explained."""
    for cell in cells(pages()[module], CHECKS.values(), ["cpu"], 0):
        found, trial = of_cell(subject, cell)
        if found:
            yield trial, found


def of_cell(subject: Subject, cell: Cell) -> tuple[list[Parity], Trial]:
    trial = Trial(cell, subject)
    found = explain(trial, CHECKS[cell.check].judged(trial)[0])
    return [record for record in found if record.verdict in ("fail", "error")], trial


def row(mistake: str, folder: Path) -> Row:
    """Return what the suite says first of a wrong layer; an empty place if it says nothing."""
    module, words = MISTAKES[mistake]
    os.environ["WRONG"] = mistake
    first = next(failing(load(str(folder / "wrong.py")), module), None)
    if first is None:
        return Row(mistake, "", "", False)
    trial, records = first
    record = next((record for record in records if record.diagnosis), records[0])
    right = bool(re.match(f"[^;]*{words}", record.diagnosis.split(" or ")[0]))
    size, counted = 0, Counted()
    if CHECKS[trial.cell.check].one_call and record.elements:
        size = elements(smallest(trial, record.quantity, counted))
    return Row(mistake, f"{trial.cell}, {record.quantity}", record.diagnosis, right, size, len(counted.cases))


def accused(folder: Path) -> list[str]:
    """Return the cells in which the correct library is accused: its first case of each module, every check."""
    correct, found = load(str(folder / "correct.py")), []
    for module in dict.fromkeys(module for module, _ in MISTAKES.values()):
        page = pages()[module]
        planned = (cell for cell in cells(page, CHECKS.values(), ["cpu"], 0) if cell.case is page.cases[0])
        found += [str(cell) for cell in planned if of_cell(correct, cell)[0]]
    return found


def show(rows: Sequence[Row]) -> str:
    shown = [[r.mistake, r.where, r.said, r.right, r.size or "–", r.steps or "–"] for r in rows]
    header = ["mistake", "first failure", "looks like", "right", "smallest case, numbers", "steps"]
    return tabulate(shown, header, tablefmt="github", maxcolwidths=[None, 40, 60, None, None, None])


def main() -> int:
    """Print the table and what it comes to; return the exit status."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = outside(Path(name))
        sys.path.insert(0, name)
        rows, blamed = [row(mistake, folder) for mistake in MISTAKES], accused(folder)
    print(show(rows))
    sizes = [one.size for one in rows if one.size]
    right, reported = sum(one.right for one in rows), sum(bool(one.where) for one in rows)
    print(f"reported {reported} of {len(rows)}, explained rightly {right}, asked {ASKED}")
    print(f"cells in which the correct library is accused: {len(blamed)} {' '.join(blamed)}")
    print(f"smallest cases: median {median(sizes)} numbers, longest search {max(one.steps for one in rows)} steps")
    return 0 if reported == len(rows) and right >= ASKED and not blamed else 1


if __name__ == "__main__":
    sys.exit(main())
