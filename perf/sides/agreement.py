"""Whether both sides agree: a time is worth nothing where the result is wrong.

Parity is the harness's own verdict on every quantity, by truth and gauge, on the row's options; large inputs are cut
along the batch to what the gauge can be measured on in reasonable time. Beside it, what was timed itself, at full size,
is screened: the two sides' outputs and gradients must be near each other. The screen has no gauge and passes no verdict
on rounding; it catches a work that is not the same work."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from parity.catalogue.page import Case
from parity.subjects.contract import Subject
from parity.verdict import limits
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial, records


@dataclass(frozen=True)
class Agreement:
    """Whether both sides agree, on which input, and what is wrong if they do not."""

    passes: bool
    detail: str
    shape: tuple[int, ...]


def reduced(case: Case) -> Case:
    """Return the case with its first axis, the batch, cut so that x is of moderate size: in all that share it."""
    if not case.x:
        return case
    batch, rest = case.x[0], math.prod(case.x[1:])
    cut = min(batch, max(2, limits.TIMED_ELEMENTS // rest))
    others = {name: (cut, *shape[1:]) if shape[:1] == (batch,) else shape for name, shape in case.others.items()}
    return replace(case, x=(cut, *case.x[1:]), others=others)


def parity(cell: Cell, subject: Subject) -> Agreement:
    """Judge every quantity of the row's options; what the subject raises is a disagreement with its words."""
    smaller = replace(cell, case=reduced(cell.case))
    trial = Trial(smaller, subject)
    shape = smaller.case.x
    judged = records(trial.judge(trial.observe(trial.build())))
    wrong = [record for record in judged if record.verdict not in ("pass", "same-route")]
    if not judged:
        return Agreement(False, "nothing was compared", shape)
    detail = "; ".join(f"{record.quantity}: {record.detail}" for record in wrong)
    return Agreement(not wrong, detail, shape)


def distance(got: Tensor, wanted: Tensor) -> float:
    """Return |got - wanted| / |wanted|, as 2-norms over all elements; infinity where the shapes differ."""
    if got.shape != wanted.shape:
        return math.inf
    off, size = (float(torch.linalg.vector_norm(value.double())) for value in (got - wanted, wanted))
    return off / size if size else off


def screened(got: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """Return what is far apart in the outcomes of two works; empty if nothing is."""
    lacking = [name for name in wanted if name not in got]
    if lacking or not wanted:
        return f"at full size: {', '.join(lacking) or 'nothing'} to compare"
    far = {name: distance(got[name], value) for name, value in wanted.items()}
    apart = (f"{name} is {off:.3g} of its size away" for name, off in far.items() if not off <= limits.SCREEN)
    return "; ".join(f"at full size: {words}" for words in apart)
