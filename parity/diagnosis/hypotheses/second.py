"""Hypotheses of second derivatives: what was differentiated once more than it was, or not at all."""

from dataclasses import replace

import torch

from parity.catalogue.pairing import parted
from parity.diagnosis.symptom import COVERED, Explanation, Explanations, Symptom
from parity.verdict.reference import quantities


def constant_or_first(symptom: Symptom) -> Explanations:
    """Yield: what backward reads is taken for a constant; it is the first gradient; a direction, dx itself."""
    origin, drawn = symptom.trial.page.pairs, symptom.drawn
    if origin is None:
        return
    if (symptom.got[symptom.wrong] == 0).double().mean() >= COVERED:
        words = "it is zero: what backward reads, such as an output that was saved, is taken for a constant"
        yield Explanation("constant", words, torch.zeros_like(symptom.truth))
    own, (dy, *others), directions = parted(origin.signature, drawn.inputs)
    once = replace(drawn, inputs=tuple(own), dy=dy, others=tuple(others))
    name = symptom.quantity.removeprefix(symptom.trial.signature.prefix)
    first = quantities(origin, symptom.trial.cell.case, once, torch.float64)
    if f"d{name}" in first:
        yield Explanation("first derivative", f"it is d{name}, the first gradient", first[f"d{name}"])
    if name == "dy" and dy is not None:
        yield Explanation("first derivative", "it is the cotangent itself", dy.double())
    for v in directions:
        if v.shape == symptom.truth.shape:
            yield Explanation("first derivative", "it is the direction itself", v.double())
