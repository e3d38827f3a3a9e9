"""Every quantity agrees with the truth, and has the shape, dtype and device of torch's."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import torch

from parity.verdict import arithmetic, limits
from parity.verdict.cell import DTYPES
from parity.verdict.check import Check
from parity.verdict.compare import compare
from parity.verdict.plan import why_degenerate
from parity.verdict.regimes import REGIMES
from parity.verdict.trial import Judged, Trial

COTANGENTS = (1e-4, 1.0, 1e3)
SEEDS_APART = 10_000  # between the draws of a cell: farther than seeds that are asked for


def run(trial: Trial) -> Iterator[Judged]:
    """Compare output, dx and every parameter's gradient.

    A quantity of which zeros would pass too is drawn again, a few times: whether a draw proves something is chance.
    Where none does, and the page does not say that it is so by nature, the case is at fault.
    """
    weak = {}
    for one in trial.verdicts(trial.build()):
        words = proves_nothing(trial, one)
        if not words:
            yield one
        else:
            weak[one.record.quantity] = one.told(verdict="error", detail=f"the case proves nothing: {words}")
    for attempt in range(1, limits.DRAWS):
        if not weak:
            break
        at = trial.at(replace(trial.cell, seed=trial.cell.seed + attempt * SEEDS_APART))
        for one in at.verdicts(at.build()):
            if one.record.quantity in weak and not proves_nothing(at, one):
                del weak[one.record.quantity]
                yield one.told(seed=trial.cell.seed)
    yield from weak.values()


def proves_nothing(trial: Trial, judged: Judged) -> str:
    """Return why agreement in a quantity proves nothing; empty if it proves something, or cannot by nature."""
    cell, at, quantity = trial.cell, trial.evidence, judged.record.quantity
    if judged.record.verdict not in ("pass", "same-route") or why_degenerate(cell, quantity):
        return ""
    reference, truth = at.reference[quantity], at.truth[quantity]
    if not truth.isfinite().any():
        return "no true value is finite"
    u = arithmetic.of(cell.torch_dtype, cell.device).storage
    zeros = compare(torch.zeros_like(reference), reference, truth, at.gauges[quantity], u)
    return "" if zeros.verdict == "fail" else "zeros would pass"


CHECK = Check(
    "values",
    run,
    concerns=lambda *_: True,
    dtypes=("float64", "float32"),
    crossed=("bfloat16", "float16"),
    wide_draws=(*product(DTYPES, REGIMES, (1.0,)), *product(DTYPES, ("normal",), COTANGENTS)),
    one_call=True,
    cost=0,
)
