"""Hypotheses of what is done to a quantity that is right otherwise: added to, cut off, weighed."""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from parity.catalogue.constants import Numbers
from parity.diagnosis.hypotheses.reruns import maybe
from parity.diagnosis.symptom import Explanation, Explanations, Symptom
from parity.verdict.compare import best_factor

OF_A_DECAY = ", as by a decay of weights"
LEAST, LEAST_OF_SIGNS = 3, 8  # wrong elements: of fewer, some multiple is near by chance
MOST_OF_INPUTS = 4  # axes of what is summed over its samples


def of_tensor(symptom: Symptom) -> Explanations:
    """Yield: a multiple of another tensor of the same shape, or of its signs, is added."""
    telling = int((symptom.wrong & symptom.finite).sum())
    rest = (symptom.got - symptom.truth).where(symptom.finite, torch.zeros(()).double())
    for name, value in tensors(symptom):
        for of, other, least in ((name, value, LEAST), (f"the sign of {name}", value.sign(), LEAST_OF_SIGNS)):
            count = best_factor(rest, other)
            decay = OF_A_DECAY if f"d{name}" == symptom.quantity else ""
            if count and telling >= least:
                words = f"{abs(count):.4g} · {of} is {'added' if count > 0 else 'taken off'}{decay}"
                yield Explanation("extra term", words, symptom.truth + count * other)


def tensors(symptom: Symptom) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors of the quantity's shape that have a name."""
    drawn, signature = symptom.drawn, symptom.trial.signature
    known = [(entry.name, value) for entry, value in zip(signature.inputs, drawn.inputs, strict=False)]
    known += [*drawn.parameters.items(), ("dy", drawn.dy)]
    known += [("the output", symptom.trial.evidence.truth.get(signature.output))] if not symptom.of_forward else []
    for name, value in known:
        if value is not None and value.is_floating_point() and value.shape == symptom.truth.shape:
            yield name, value.double()


def clipped(symptom: Symptom) -> Explanations:
    """Yield, of a gradient: it is cut off at some size."""
    most = symptom.got[symptom.finite].abs().max() if symptom.finite.any() else torch.zeros(())
    cut = symptom.got.abs() == most
    if not symptom.of_forward and int(cut.sum()) > 1 and bool((symptom.truth.abs() > most)[cut].all()):
        words = f"it is cut off at {float(most):g}, as by a clipping of gradients"
        yield Explanation("clamped", words, symptom.truth.clamp(-most, most))


def summed_before(symptom: Symptom) -> Explanations:
    """Yield, of the gradient of a parameter: x and the cotangent are each summed over samples, then multiplied."""
    drawn, x = symptom.drawn, symptom.drawn.x
    alone = len([value for value in drawn.inputs if value is not None]) == 1 and not drawn.others
    if not alone or symptom.of_forward or drawn.dy is None or not 1 < x.dim() <= MOST_OF_INPUTS:
        return
    if not x.is_floating_point() or symptom.quantity.removeprefix("d") not in drawn.parameters or len(x) < 2:
        return
    dy = drawn.dy.sum(0, keepdim=True)
    value = symptom.reference(replace(drawn, inputs=(x.sum(0, keepdim=True),), dy=dy))
    words = "x and the cotangent are each summed over the samples, and then multiplied"
    yield from maybe("order", words, value)


def weighed_as_a_whole(symptom: Symptom) -> Explanations:
    """Yield: the numbers of an option multiply all of it, where they belong to a part of the formula."""
    for name, numbers in symptom.trial.cell.case.options.items():
        if isinstance(numbers, Numbers):
            value, weight = symptom.reference(options={name: None}), numbers.tensor(torch.float64)
            places = [at for at, extent in enumerate(symptom.truth.shape) if extent == len(weight)]
            if value is None:
                continue
            for axis in places:
                by_axis = weight.view(-1, *[1] * (symptom.truth.dim() - 1 - axis))
                yield from maybe(
                    "factor", f"the option {name} multiplies all of it, not its own part alone", value * by_axis
                )
