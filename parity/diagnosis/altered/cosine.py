"""Hypotheses of a loss of the cosine between two vectors: a norm that is left out of the derivative, or its square."""

import torch
from torch import Tensor

from parity.diagnosis.symptom import Explanation, Explanations, Symptom

PAIR = ("input1", "input2")


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives to the gradient of one of two vectors a, b whose cosine is looked at."""
    names = tuple(entry.name for entry in symptom.trial.signature.inputs[:2])
    wanted = symptom.quantity.removeprefix("d")
    if names != PAIR or not symptom.trial.cell.page.is_loss or wanted not in PAIR or symptom.of_forward:
        return
    vectors = dict(zip(PAIR, (value.double() for value in symptom.drawn.inputs[:2]), strict=True))
    a, b = vectors.pop(wanted), next(iter(vectors.values()))
    other = PAIR[1 - PAIR.index(wanted)]
    of_a, of_b = (value.norm(dim=-1, keepdim=True) for value in (a, b))
    if a.shape != symptom.truth.shape or not (of_a * of_b).all():
        return
    along, cosine = b / (of_a * of_b), (a * b).sum(-1, keepdim=True) / (of_a * of_b)
    right = along - cosine * a / of_a.square()
    times = (symptom.truth * right).sum(-1, keepdim=True) / right.square().sum(-1, keepdim=True).clamp_min(1e-300)
    if not torch.allclose(times * right, symptom.truth, rtol=1e-6, atol=1e-9):
        return
    for kind, words, value in variants(a, along, cosine, (wanted, other), (of_a, of_b)):
        yield Explanation(kind, words, times * value)


def variants(
    a: Tensor, along: Tensor, cosine: Tensor, names: tuple[str, str], norms: tuple[Tensor, Tensor]
) -> list[tuple[str, str, Tensor]]:
    """Return the kind of a cause, its words, and what then stands for b / (|a| |b|) - cos a / |a|^2."""
    (own, other), (of_a, of_b) = names, norms
    turned = cosine * a
    return [
        ("term missing", f"the derivative of the norm of {own} is left out", along),
        (
            "factor missing",
            f"the norm of {own} is not squared in the term cos · {own} / |{own}|^2",
            along - turned / of_a,
        ),
        ("factor missing", f"the cosine is missing in the term cos · {own} / |{own}|^2", along - a / of_a.square()),
        ("factor missing", f"cos · {own} is not divided by |{own}|^2", along - turned),
        ("wrong tensor", f"the norm of {other} stands for that of {own}", along - turned / of_b.square()),
        ("factor missing", f"it is not divided by the norm of {other}", (along - turned / of_a.square()) * of_b),
        ("sign", f"the derivative of the norm of {own} has the wrong sign", along + turned / of_a.square()),
    ]
