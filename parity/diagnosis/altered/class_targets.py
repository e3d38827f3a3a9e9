"""Hypotheses of a loss of classes: its target is smoothed in another way, or stands in every sample at once."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.catalogue.constants import built_in
from parity.diagnosis.altered.activations import options_of
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, vanishing


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives."""
    page, target = symptom.trial.cell.page, symptom.trial.cell.case.target
    if not page.is_loss or symptom.quantity not in ("output", "dx") or not target.endswith("classes"):
        return
    yield from smoothed(symptom)
    yield from unweighted(symptom)
    yield from in_every_sample(symptom)
    yield from of_the_hit_alone(symptom)


def unweighted(symptom: Symptom) -> Explanations:
    """Yield, for dx: the weight of a sample's class is missing in it, and counts where the mean is taken alone."""
    weight = built_in(symptom.trial.cell.case.options, torch.float64).get("weight")
    x, target = symptom.drawn.x, symptom.drawn.inputs[1]
    if symptom.quantity == "dx" and isinstance(weight, Tensor) and (weight != 0).all():
        own = weight[target.clamp(0, len(weight) - 1)].unsqueeze(min(1, x.dim() - 1))
        words = "the weight of a sample's class is missing in its gradient"
        yield Explanation("factor missing", words, symptom.truth / own)


def of_the_hit_alone(symptom: Symptom) -> Explanations:
    """Yield, for dx: the weight of a class, and that a target is ignored, count for the one-hot, not the softmax."""
    options, x = built_in(symptom.trial.cell.case.options, torch.float64), symptom.drawn.x.double()
    target, dy, at = symptom.drawn.inputs[1], symptom.drawn.dy, min(1, x.dim() - 1)
    if symptom.quantity != "dx" or options.get("label_smoothing") or target.is_floating_point():
        return
    known = target != options.get("ignore_index", -100)
    weight = options.get("weight")
    weight = weight if isinstance(weight, Tensor) else torch.ones(x.shape[at], dtype=torch.float64)
    chosen = target.clamp(0, x.shape[at] - 1)
    own = weight[chosen] * known
    count = own.sum() if options.get("reduction", "mean") == "mean" else 1.0
    hit = torch.zeros_like(x).scatter(at, chosen.unsqueeze(at), own.unsqueeze(at))
    given = 1.0 if dy is None else dy.double().unsqueeze(at) if dy.dim() else dy.double()
    words = "the weight of a class, and what is ignored, count for the one-hot alone, not for the softmax"
    yield Explanation("factor missing", words, (x.softmax(at) - hit) / count * given, vanishing("weight"))


def smoothed(symptom: Symptom) -> Explanations:
    """Yield: what label_smoothing takes off the right class is spread over others than all classes, or not taken off.

    The loss is linear in its target: (1 - e) times that of the right class, and e times the mean over all classes.
    """
    x, e = symptom.drawn.x, options_of(symptom).get("label_smoothing", 0.0)
    hard = symptom.reference(options={"label_smoothing": 0.0}) if 0 < e < 1 else None
    classes = x.shape[min(1, x.dim() - 1)]
    if hard is None or classes < 2:
        return
    even = (symptom.truth - (1 - e) * hard) / e
    others = e * classes / (classes - 1)
    shares = {
        "label_smoothing is divided by the number of classes less one, and spread over all": (1 - e, others),
        "label_smoothing is spread over the other classes alone": (1 - e - e / (classes - 1), others),
        "label_smoothing is spread over all classes, and the share of the right one is lost": (1 - e - e / classes, e),
        "label_smoothing is spread, and not taken off the right class": (1.0, e),
        "label_smoothing is taken off the right class, and not spread": (1 - e, 0.0),
        "label_smoothing and 1 - label_smoothing are exchanged": (e, 1 - e),
    }
    probability = of_probability(symptom, hard, even) if symptom.quantity == "dx" else 0.0
    for words, (of_hard, of_even) in shares.items():
        value = of_hard * hard + of_even * even
        yield Explanation("target", words, value, vanishing("label_smoothing"))
        if symptom.quantity == "dx":  # as who takes the target off the probability, whatever it adds up to
            value = value + (1 - of_hard - of_even) * probability
            yield Explanation("target", words, value, vanishing("label_smoothing"))


def of_probability(symptom: Symptom, hard: Tensor, even: Tensor) -> Tensor:
    """Return what the probabilities alone bring to dx, of that for the right classes and that for all of them."""
    at = min(1, symptom.drawn.x.dim() - 1)
    classes, target = symptom.drawn.x.shape[at], symptom.drawn.inputs[1]
    known = ((target >= 0) & (target < classes)).unsqueeze(at)
    chosen = torch.zeros_like(hard).scatter(at, target.clamp(0, classes - 1).unsqueeze(at), 1.0) * known
    each = ((even - hard) * chosen).sum(at, keepdim=True) / (1 - 1 / classes)
    brought: Tensor = hard + chosen * each
    return brought


def in_every_sample(symptom: Symptom) -> Explanations:
    """Yield, for dx of (N, C): what belongs to the class of one sample stands in that column in every sample.

    As where dx[:, t] is written in place of dx[range(n), t].
    """
    x, target = symptom.drawn.x, symptom.drawn.inputs[1]
    if symptom.quantity != "dx" or x.dim() != 2 or target.shape != x.shape[:1]:
        return
    for right in of_hits(symptom):
        hit = torch.zeros(x.shape, dtype=torch.bool)
        known = (target >= 0) & (target < x.shape[1])
        hit[torch.arange(len(target))[known], target[known]] = True
        own = torch.where(hit, right, 0.0)
        columns = torch.where(hit.any(0), own.sum(0) / hit.sum(0).clamp_min(1), 0.0)
        words = "what belongs to the class of a sample stands in every sample: dx[:, t] in place of dx[range(n), t]"
        yield Explanation("every sample", words, symptom.truth - own + columns)


def of_hits(symptom: Symptom) -> Iterator[Tensor]:
    """Yield what a target may bring to dx at its class: all that stands there, or all but the probability."""
    yield symptom.truth
    soft = symptom.drawn.x.double().softmax(1)
    scale = symptom.truth / (soft - 1)
    yield symptom.truth - scale * soft
