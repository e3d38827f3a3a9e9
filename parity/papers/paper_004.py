"""Tables I and II of paper 004: |difference| to PyTorch over many runs of a (100, 3, 10, 10) tensor.

The paper's Conv2d and Upsampling leave their options open; here both map 3 to 3 channels by a 3 x 3 kernel, Upsampling
by a factor of 2. Its Table II omits ReLU; here every module has every quantity. Cotangents are drawn from N(0, 1).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Any

from parity.catalogue import pages
from parity.catalogue.page import Case
from parity.subjects.contract import Subject
from parity.verdict.cell import Cell
from parity.verdict.reference import quantities
from parity.verdict.trial import Trial
from reports.record import Paper004Difference, Parity

SHAPE = (100, 3, 10, 10)
CONVOLUTION = {"in_channels": 3, "out_channels": 3, "kernel_size": 3}


@dataclass(frozen=True)
class PrintedRow:
    """A module as the paper compared it, and the figures that it printed, by quantity."""

    module: str
    options: dict[str, Any]
    printed: dict[str, str]
    target: str = ""


ROWS = (
    PrintedRow("ReLU", {}, {"output": "0.00 ± 0.00", "dx": "left out as non-differentiable"}),
    PrintedRow("Sigmoid", {}, {"output": "0.00 ± 0.00", "dx": "(2.49991 ± 0.00001)e-1"}),
    PrintedRow("MSELoss", {}, {"output": "0.00 ± 0.00", "dx": "0.00 ± 0.00"}, target="like"),
    PrintedRow(
        "Conv2d",
        CONVOLUTION,
        {
            "output": "(3.77 ± 1.08)e-7",
            "dx": "(7.29 ± 2.17)e-10",
            "dweight": "(8.62 ± 1.34)e-8",
            "dbias": "(1.25 ± 1.11)e-8",
        },
    ),
    PrintedRow(
        "Upsampling",
        CONVOLUTION | {"scale_factor": 2},
        {"output": "0.00 ± 0.00", "dx": "(6.15 ± 1.73)e-12", "dweight": "(1.895 ± 0.844)e-7", "dbias": "0.00 ± 0.00"},
    ),
)


def one_run(row: PrintedRow, subject: Subject, device: str, seed: int) -> Iterator[tuple[str, float, float]]:
    """Yield every quantity with its mean |subject - torch.nn| and its mean |torch.nn|, in float32."""
    case = Case("paper-004", SHAPE, row.options, row.target)
    cell = Cell(pages()[row.module], case, "paper-004", device, seed=seed)
    trial = Trial(cell, subject)
    wanted = quantities(cell.page, case, trial.drawn, cell.torch_dtype, device)
    got = trial.observe(trial.build())
    for name, reference in wanted.items():
        yield name, float((got[name] - reference).abs().mean()), float(reference.abs().mean())


def judged(row: PrintedRow, subject: Subject, device: str, seed: int) -> list[Parity]:
    """Return the verdicts on the row's quantities in its first run, by the gauge as everywhere."""
    case = Case("paper-004", SHAPE, row.options, row.target)
    trial = Trial(Cell(pages()[row.module], case, "paper-004", device, seed=seed), subject)
    return trial.judge(trial.observe(trial.build()))


def tables(row: PrintedRow, subject: Subject, device: str, seed: int, runs: int) -> list[Paper004Difference]:
    """Return a row of the paper's tables: a record a quantity, over `runs` runs."""
    found: dict[str, list[tuple[float, float]]] = {}
    for run in range(runs):
        for name, difference, scale in one_run(row, subject, device, seed + run):
            found.setdefault(name, []).append((difference, scale))
    return [
        Paper004Difference(
            table="I" if name == "output" else "II",
            module=row.module,
            quantity=name,
            runs=runs,
            shape=SHAPE,
            mean=fmean(difference for difference, _ in figures),
            std=pstdev([difference for difference, _ in figures]),
            scale=fmean(scale for _, scale in figures),
            paper=row.printed[name],
            subject=subject.name,
            dtype="float32",
            device=device,
        )
        for name, figures in found.items()
    ]
