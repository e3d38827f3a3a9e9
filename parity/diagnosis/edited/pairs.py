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
    allowed = LOOSE * SLACK * limits.LIMIT * symptom.u * (sizes(symptom, at) + got.abs() + truth.abs())
    for one, other in agreeing(known, truth, got, allowed)[:MOST_PAIRS]:
        both = Edit(
            one.kind, f"two things are otherwise: {one.words}; and {other.words}", {**one.changes, **other.changes}
        )
        predicted = attempted(both)
        if predicted is not None and symptom.fit(predicted) >= BUT_FOR_ROUNDING:
            yield both.kind, both.words, predicted


def sizes(symptom: Symptom, at: Tensor) -> Tensor:
    size = symptom.trial.evidence.gauges[symptom.quantity].size.expand(symptom.truth.shape)
    return size.flatten()[at].nan_to_num(0.0, 0.0, 0.0)


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


def agreeing(known: Sequence[Tried], truth: Tensor, got: Tensor, allowed: Tensor) -> list[tuple[Edit, Edit]]:
    """Return the pairs of which the sampled elements are what came, the plainest first."""
    if len(known) < 2:
        return []
    given = torch.stack([one.sample for one in known])
    found = []
    for place, one in enumerate(known[:-1]):
        rest = given[place + 1 :]
        added = (one.sample + rest - truth - got).abs() <= allowed
        multiplied = (one.sample * rest / truth - got).abs() <= allowed
        for at in (added.all(1) | multiplied.all(1)).nonzero().flatten().tolist():
            other = known[place + 1 + at]
            if one.edit.changes.keys().isdisjoint(other.edit.changes):
                found.append((2 * place + 1 + at, one.edit, other.edit))
    return [(one, other) for _, one, other in sorted(found, key=lambda entry: entry[0])]
