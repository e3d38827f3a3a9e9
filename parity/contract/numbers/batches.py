"""Batches of none, one and another size, one after the other through the same module."""

from parity.verdict.check import Check
from parity.verdict.trial import Judged, Trial

SIZES = (1, 0, 5)


def run(trial: Trial) -> list[Judged]:
    """After the cell's own batch, run batches of other sizes through the same module, its gradients cleared between."""
    built, judged = trial.build(), []
    trial.observe(built)
    for size in SIZES:
        built.zero_grad()
        other = trial.at(trial.cell.with_x(f"batch{size}", size, *trial.cell.case.x[1:]))
        of_batch = other.judge(other.observe(built))
        judged += [one.noted(f"batch of {size}").told(case=trial.cell.case.name) for one in of_batch]
    return judged


CHECK = Check("batches", run, cost=2)  # it has a draw of its own for each size
