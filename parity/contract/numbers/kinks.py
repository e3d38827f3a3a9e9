"""At a kink the subject takes the subgradient that torch.nn takes. Any other is right too, but differs from torch."""

from collections.abc import Iterator

import torch

from parity.subjects.contract import Unsupported
from parity.verdict import limits
from parity.verdict.check import CONVENTIONS, Check
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Compare gradients with torch's where the truth is a set; a subject that does not promise torch's choice may
    differ."""
    (quantity, *_) = trial.signature.gradients(trial.drawn.inputs)
    gauge, wanted = trial.evidence.gauges[quantity], trial.evidence.truth[quantity]
    got = trial.observe(trial.build())[quantity].detach().cpu().double()
    if gauge.low is None or gauge.high is None:
        yield trial.claim(quantity, False, "the case has no kink")
        return
    at = gauge.low != gauge.high
    same = torch.isclose(got[at], wanted[at], rtol=limits.SAME_SUBGRADIENT, atol=0.0)
    if not same.all() and not trial.subject.explains:
        raise Unsupported("at kinks the subject takes another subgradient than torch.nn, which is right too")
    words = f"{int((~same).sum())} of {len(same)} subgradients are not those of torch.nn"
    yield trial.claim(quantity, bool(same.all()) and len(same) > 0, words, len(same))


CHECK = Check("kinks", run, CONVENTIONS, concerns=lambda page, case: case.widely and page.kinks, regime="ties")
