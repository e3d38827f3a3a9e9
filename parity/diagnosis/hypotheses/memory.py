"""Hypotheses of memory: what a module gives is not its own, but what lay there before."""

import torch

from parity.diagnosis.symptom import Explanation, Explanations, Symptom, observed
from parity.verdict.reading import same_bits

CLOSE = 1e-3  # relative: it tells one explanation from another, and judges nothing


def drawn_anew(symptom: Symptom) -> Explanations:
    """Yield, of a module that drops elements: backward drops others than forward. The prediction is what came."""
    cell, dy = symptom.trial.cell, symptom.drawn.dy
    if not cell.page.draws(cell.case) or symptom.quantity != "dx" or dy is None or dy.shape != symptom.got.shape:
        return
    kept, wanted = symptom.got != 0, symptom.truth != 0
    scale = (symptom.truth / dy.double())[wanted]
    if not scale.numel() or not kept.any() or torch.equal(kept, wanted):
        return
    given = torch.where(kept, scale.median() * dy.double(), 0.0)
    if torch.allclose(given, symptom.got, rtol=CLOSE):
        yield Explanation("drawn anew", "backward drops other elements than forward did: it draws anew", symptom.got)


def not_repeatable(symptom: Symptom) -> Explanations:
    """Yield: two new modules give other numbers for the same input. The prediction is what came: it needs no fit."""
    cell = symptom.trial.cell
    if symptom.trial.given is not None or cell.page.draws(cell.case):
        return
    runs = [observed(symptom.trial).get(symptom.quantity) for _ in range(2)]
    first, second = (value.detach().cpu() if isinstance(value, torch.Tensor) else None for value in runs)
    if first is None or second is None or same_bits(first, second) or first.shape != second.shape:
        return
    apart = ~((first == second) | (first.isnan() & second.isnan()))
    words = (
        f"two identical runs of new modules differ, in {int(apart.sum())} of {first.numel()} elements: "
        "memory that was never written, or a number that is drawn"
    )
    yield Explanation("not repeatable", words, symptom.got)
