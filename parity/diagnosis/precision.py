"""Hypotheses of precision: the result, or what went in, was rounded to a coarser format."""

from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from parity.diagnosis.reruns import maybe
from parity.diagnosis.symptom import Explanations, Symptom
from parity.verdict.gauge import mapped

FORMATS = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def rounded(value: Tensor, name: str) -> Tensor:
    """Return `value` rounded to a format, in float64; TF32 keeps ten explicit bits of a float32."""
    if not value.is_floating_point():
        return value
    if name == "TF32":
        bits = value.float().contiguous().view(torch.int32)
        return ((bits + 0x1000) & ~0x1FFF).view(torch.float32).double()
    return value.to(FORMATS[name]).double()


def coarser(symptom: Symptom) -> list[str]:
    """Return the formats coarser than the subject's, finest first."""
    names = ["float64", "float32", "TF32", "float16", "bfloat16"]
    own = symptom.trial.cell.dtype
    return names[names.index(own) + 1 :] if own in names else []


def lower_precision(symptom: Symptom) -> Explanations:
    """Yield: inputs rounded to a coarser format, or the result itself."""
    for name in coarser(symptom):
        if torch.equal(symptom.got[symptom.finite], rounded(symptom.got, name)[symptom.finite]):
            yield f"the result is rounded to {name}", rounded(symptom.truth, name)
    for name in coarser(symptom):
        less = mapped(symptom.trial.drawn, partial(rounded, name=name))
        yield from maybe(f"its inputs are rounded to {name}", symptom.reference(less))
        only_x = replace(symptom.trial.drawn, inputs=less.inputs)
        yield from maybe(f"its input x is rounded to {name}", symptom.reference(only_x))
