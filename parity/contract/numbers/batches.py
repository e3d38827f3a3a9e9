"""Batches of none, one and another size, one after the other through the same module."""

from dataclasses import replace

from parity.verdict.trial import Trial
from reports.record import Parity

SIZES = (1, 0, 5)


def check(trial: Trial) -> list[Parity]:
    """After the cell's own batch, put batches of other sizes through the same module, its gradients cleared between."""
    built, found = trial.build(), []
    trial.observe(built)
    for size in SIZES:
        built.zero_grad()
        other = trial.at(trial.cell.with_x(f"batch{size}", size, *trial.cell.case.x[1:]))
        found += [of_batch(size, trial, record) for record in other.judge(other.observe(built))]
    return found


def of_batch(size: int, trial: Trial, record: Parity) -> Parity:
    """Return the record as one of the trial's own cell; a failing one says at which batch size."""
    detail = f"batch of {size}: {record.detail}" if record.verdict == "fail" else record.detail
    return replace(record, case=trial.cell.case.name, detail=detail)
