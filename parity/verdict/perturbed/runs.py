"""The runs behind a gauge: of perturbed inputs and of perturbed operations, all made at once where torch can."""

from collections.abc import Sequence
from functools import partial
from operator import itemgetter

import torch

from parity.catalogue.page import Case
from parity.verdict.arithmetic import Arithmetic
from parity.verdict.draw import Draw, Tensors, mapped
from parity.verdict.perturbed.followed import Followed, Programs
from parity.verdict.perturbed.operations import MonteCarloArithmetic
from parity.verdict.perturbed.program import Program, recorded, stacked
from parity.verdict.reference import Reference

PROGRAMS = Programs(most=64)


def made(
    case: Case,
    reference: Reference,
    drawn: Draw,
    others: Draw,
    truth: Tensors,
    arithmetic: Arithmetic,
    generator: torch.Generator,
    steps: Sequence[float],
) -> tuple[Tensors, Tensors]:
    """Return what comes of one run for each row of others, and of one for each step, with an axis of runs first.

    others  draws of the case, stacked, as many as there are steps: the inputs perturbed
    steps   by how much the operations on `drawn` are perturbed, of which the truth comes unperturbed
    """
    program = followed(case, reference, drawn, truth, arithmetic)
    if program and program.gives(truth) and (together := program.at_once(generator, steps, others.leaves)):
        ends = 1 + len(steps)
        of_others = {name: value[ends:] for name, value in together.items()}
        return of_others, {name: value[1:ends] for name, value in together.items()}
    each = [mapped(others, itemgetter(run)) for run in range(len(steps))]
    of_others = stacked(list(map(reference.quantities, each)))
    if program and (together := program.at_once(generator, steps)):  # what is given alone may be what it cannot map
        return of_others, {name: value[1:] for name, value in together.items()}
    run = partial(program.run, generator) if program else partial(live, reference, drawn, arithmetic, generator)
    return of_others, stacked(list(map(run, steps)))


def live(reference: Reference, drawn: Draw, arithmetic: Arithmetic, generator: torch.Generator, step: float) -> Tensors:
    """Return what comes of a run of the reference itself."""
    module = reference.holding(drawn)
    with MonteCarloArithmetic(arithmetic, generator, step):
        return reference.differentiated(module, drawn)


def followed(case: Case, reference: Reference, drawn: Draw, truth: Tensors, arithmetic: Arithmetic) -> Followed | None:
    """Return the program of the reference on a draw; None where it has none."""
    module, key = reference.holding(drawn), (reference.page, case)

    def record() -> Program | None:
        return recorded(lambda: reference.differentiated(module, drawn), lambda: reference.leaves(drawn), arithmetic)

    if case.large:  # which is drawn once, and whose program is large too
        program = record()
        return None if program is None else Followed(program, arithmetic)
    return PROGRAMS.followed(key, record, reference.leaves(drawn), truth, arithmetic)
