"""Cases of an optimiser whose options a subject has in part: it is asked what it has of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations

import torch

from parity.stepping.course import StepCell, options_of
from parity.stepping.trial import StepTrial
from parity.subjects.contract import Subject, Unsupported

LEAST = 2  # options: one alone has a case of its own


def fitted(cell: StepCell, subject: Subject) -> StepCell:
    """Return a cell with as many of the options of its case as the subject has together; the cell itself where it has
    all of them, or too few for a case that is no other's."""
    if len(cell.case.groups) > 1 or has(cell, subject):
        return cell
    return next((one for one in narrower(cell) if has(one, subject)), cell)


def narrower(cell: StepCell) -> Iterator[StepCell]:
    """Yield the cell with fewer options, of which torch has all; those with most, and those that are named first, go
    first."""
    options = cell.case.options
    for count in range(len(options) - 1, LEAST - 1, -1):
        for names in combinations(options, count):
            one = replace(cell, case=replace(cell.case, options={name: options[name] for name in names}))
            make: Callable[..., object] = cell.page.reference
            try:
                make([torch.nn.Parameter(torch.zeros(1))], **options_of(one)[0])
            except (ValueError, RuntimeError):
                continue
            yield one


def has(cell: StepCell, subject: Subject) -> bool:
    """Return whether a subject has an optimiser of these options. What else it raises is for the check to meet."""
    values = {name: torch.zeros(shape, dtype=cell.torch_dtype) for name, shape in cell.case.shapes.items()}
    try:
        StepTrial(cell, subject).built(values, {name: torch.zeros_like(value) for name, value in values.items()})
    except Unsupported:
        return False
    except Exception:
        return True
    return True
