"""Every quantity agrees with the truth, and has the shape, dtype and device of torch's."""

from dataclasses import replace

import torch

from parity.verdict import arithmetic
from parity.verdict.compare import compare
from parity.verdict.plan import is_degenerate
from parity.verdict.trial import Trial
from reports.record import Parity


def check(trial: Trial) -> list[Parity]:
    """Compare output, dx and every parameter's gradient; where zeros would pass too, the case is at fault."""
    return [guarded(trial, record) for record in trial.judge(trial.observe(trial.build()))]


def guarded(trial: Trial, record: Parity) -> Parity:
    """Return the record, as an error if it passed but zeros would have passed as well."""
    cell, at = trial.cell, trial.evidence
    if record.verdict == "fail" or is_degenerate(cell, record.quantity):
        return record
    reference, truth = at.reference[record.quantity], at.truth[record.quantity]
    if not truth.isfinite().any():
        return replace(record, verdict="error", detail="the case proves nothing: no true value is finite")
    u = arithmetic.of(cell.torch_dtype, cell.device).storage
    zeros = compare(torch.zeros_like(reference), reference, truth, at.gauges[record.quantity], u)
    if zeros.verdict == "fail":
        return record
    return replace(record, verdict="error", detail="the case proves nothing: zeros would pass")
