"""Batches of none, one and another size, one after the other through the same module."""

from collections.abc import Iterator

from parity.catalogue.taken import answered_by_torch
from parity.subjects.contract import Stopped, Unsupported
from parity.verdict.cell import Cell
from parity.verdict.check import BEHAVIOUR, NUMBERS, Check, in_batches
from parity.verdict.compare import Comparison
from parity.verdict.reading import said
from parity.verdict.trial import Judged, Trial

SIZES = (1, 5, 0)  # none last: a library that stops there has been asked the others


def run(trial: Trial) -> Iterator[Judged]:
    """After the cell's own batch, run batches of other sizes through the same module, its gradients cleared between.

    A size that torch refuses is not run: there may be no variance of one number, or a state of other samples. What
    comes of no samples at all is behaviour: no number of theirs is wrong.

    Raises Unsupported where torch refuses every size.
    """
    built = trial.build()
    trial.observe(built)
    asked = False
    for size in SIZES:
        built.zero_grad()
        other = trial.at(trial.cell.with_x(f"batch{size}", size, *trial.cell.case.x[1:]))
        if not trial.cell.case.target and refuses(other.cell):
            continue
        asked = True
        try:
            for one in other.verdicts(built):
                aspect = one.record.aspect or ("" if size else BEHAVIOUR)
                yield one.noted(f"batch of {size}").told(case=trial.cell.case.name, aspect=aspect)
        except Exception as error:
            error.add_note(f"batch of {size}")
            if size or isinstance(error, (Stopped, Unsupported)):
                raise
            yield Judged(trial.record("all", Comparison("error", said(error), aspect=BEHAVIOUR)))
    if not asked:
        raise Unsupported("torch.nn takes no other number of samples beside the states of this case")


def refuses(cell: Cell) -> bool:
    """Return whether torch does not take so many samples."""
    try:
        answered_by_torch(cell.page, cell.case)
    except (RuntimeError, ValueError, AssertionError):  # torch has all three of a shape that does not fit
        return True
    return False


CHECK = Check("batches", run, NUMBERS, concerns=in_batches, cost=2)  # it has a draw of its own for each size
