"""Every quantity agrees with the truth, and has the shape, dtype and device of torch's."""

from itertools import product

import torch

from parity.verdict import arithmetic
from parity.verdict.cell import DTYPES
from parity.verdict.check import Check
from parity.verdict.compare import compare
from parity.verdict.plan import why_degenerate
from parity.verdict.regimes import REGIMES
from parity.verdict.trial import Judged, Trial

COTANGENTS = (1e-4, 1.0, 1e3)


def run(trial: Trial) -> list[Judged]:
    """Compare output, dx and every parameter's gradient; where zeros would pass too, the case is at fault."""
    return [guarded(trial, one) for one in trial.judge(trial.observe(trial.build()))]


def guarded(trial: Trial, judged: Judged) -> Judged:
    """Return the judgement, as an error if the quantity passed but zeros would have passed as well."""
    cell, at, quantity = trial.cell, trial.evidence, judged.record.quantity
    if judged.fails or why_degenerate(cell, quantity):
        return judged
    reference, truth = at.reference[quantity], at.truth[quantity]
    if not truth.isfinite().any():
        return judged.told(verdict="error", detail="the case proves nothing: no true value is finite")
    u = arithmetic.of(cell.torch_dtype, cell.device).storage
    zeros = compare(torch.zeros_like(reference), reference, truth, at.gauges[quantity], u)
    if zeros.verdict == "fail":
        return judged
    return judged.told(verdict="error", detail="the case proves nothing: zeros would pass")


CHECK = Check(
    "values",
    run,
    concerns=lambda *_: True,
    dtypes=("float64", "float32"),
    wide_draws=(*product(DTYPES, REGIMES, (1.0,)), *product(DTYPES, ("normal",), COTANGENTS)),
    one_call=True,
    cost=0,
)
