"""Two edits at once: found by what each gives alone, then run together.

What two edits give is known without a run where they are in different terms, whose changes add up, or in different
factors, whose changes multiply. A pair is tried in earnest only where a few elements agree so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from parity.diagnosis.edited.edit import Edit
from parity.diagnosis.symptom import BUT_FOR_ROUNDING, SLACK, Symptom
from parity.verdict import limits

SAMPLED = 32  # elements by which pairs are sought
LEAST = 8  # of them that are wrong: of fewer, too many pairs agree by chance
MOST_EDITS = 600  # that give something of their own
MOST_PAIRS = 24  # that are run
LOOSE = 4.0  # times what rounding may leave, in the search
HALF = 0.5
MOST_OF_THEM = 0.6
TWO = "two things are otherwise: "
DISTINCT = 1e-9  # relative: edits that give less apart than that give the same


@dataclass(frozen=True)
class Tried:
    """An edit, and the elements by which it is known."""

    edit: Edit
    sample: Tensor

    @classmethod
    def of(cls, edit: Edit, predicted: Tensor, symptom: Symptom) -> "Tried":
        return cls(edit, predicted.flatten()[sampled(symptom)])

    def is_near(self, symptom: Symptom) -> bool:
        """Return whether it explains half of the error of most wrong elements: a glance, before it is weighed."""
        at = sampled(symptom)
        got, truth = symptom.got.flatten()[at], symptom.truth.flatten()[at]
        wrong = symptom.wrong.flatten()[at]
        return bool(((self.sample - got).abs() <= HALF * (truth - got).abs())[wrong].double().mean() >= MOST_OF_THEM)


def sampled(symptom: Symptom) -> Tensor:
    """Return the places of the elements by which edits are known: wrong ones, spread evenly, then right ones."""
    finite, wrong = symptom.finite.flatten(), (symptom.wrong & symptom.finite).flatten()
    return torch.cat([spread(wrong, SAMPLED), spread(finite & ~wrong, SAMPLED // 4)])


def spread(mask: Tensor, most: int) -> Tensor:
    places = mask.nonzero().flatten()
    return places[torch.linspace(0, max(0, len(places) - 1), min(most, len(places))).round().long()]


def pairs(
    symptom: Symptom, tried: Sequence[Tried], attempted: Callable[[Edit], Tensor | None]
) -> Iterator[tuple[str, str, Tensor]]:
    """Yield the two edits that together give what came: kind, words and what they give; the plainest pair first."""
    at = sampled(symptom)
    if int((symptom.wrong & symptom.finite).flatten()[at].sum()) < LEAST:
        return
    truth, got = symptom.truth.flatten()[at], symptom.got.flatten()[at]
    known = distinct(tried, truth)
    allowed = allowed_at(symptom, at)
    given = [one.sample for one in known]
    runs = 0
    for at_one, at_other in agreeing(given, truth, got, allowed):
        one, other = known[at_one].edit, known[at_other].edit
        if one.changes.keys().isdisjoint(other.changes) and (runs := runs + 1) <= MOST_PAIRS:
            words = f"{TWO}{one.words}; and {other.words}"
            both = Edit(one.kind, words, {**one.changes, **other.changes})
            predicted = attempted(both)
            if predicted is not None and symptom.fit(predicted) >= BUT_FOR_ROUNDING:
                yield both.kind, both.words, predicted


def allowed_at(symptom: Symptom, at: Tensor) -> Tensor:
    """Return what rounding may leave of elements in these places, with room for the search."""
    size = symptom.trial.evidence.gauges[symptom.quantity].size.expand(symptom.truth.shape)
    values = sum((side.flatten()[at].abs() for side in (symptom.got, symptom.truth)), start=torch.zeros(()))
    return LOOSE * SLACK * limits.LIMIT * symptom.u * (size.flatten()[at].nan_to_num(0.0, 0.0, 0.0) + values)


def distinct(tried: Sequence[Tried], truth: Tensor) -> list[Tried]:
    """Return the edits that change something, the first of those that give the same."""
    known: list[Tried] = []
    samples = torch.empty(0, len(truth), dtype=truth.dtype)
    size = truth.norm()
    for one in tried:
        new = one.sample.isfinite().all() and (one.sample - truth).norm() > DISTINCT * size
        if new and not ((samples - one.sample).norm(dim=1) <= DISTINCT * size).any():
            known.append(one)
            samples = torch.cat([samples, one.sample.unsqueeze(0)])
        if len(known) >= MOST_EDITS:
            break
    return known


def agreeing(given: Sequence[Tensor], truth: Tensor, got: Tensor, allowed: Tensor) -> list[tuple[int, int]]:
    """Return the places of the pairs whose changes, added or multiplied, give what came; the plainest first."""
    if len(given) < 2:
        return []
    every, found = torch.stack([*given]), []
    for place, one in enumerate(every[:-1]):
        rest = every[place + 1 :]
        added = (one + rest - truth - got).abs() <= allowed
        multiplied = (one * rest / truth - got).abs() <= allowed
        found += [(place, place + 1 + at) for at in (added.all(1) | multiplied.all(1)).nonzero().flatten().tolist()]
    return sorted(found, key=sum)
