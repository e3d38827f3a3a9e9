"""A row made ready: its two sides, its parity, and the least that a run of it must move and compute."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.catalogue.page import Case
from parity.subjects.contract import Subject, Unsupported
from parity.verdict.cell import Cell
from parity.verdict.draw import draw
from perf.bench.rows import STEPS, Row, timings
from perf.method.work import Side
from perf.physics.memory import autograd_saved_bytes, saved_bytes
from perf.physics.traffic import flops, moved
from perf.sides import agreement, modules, steps
from perf.sides.agreement import Agreement
from perf.sides.modules import BACKWARD, BOTH, FORWARD, Given
from perf.sides.needs import Needs, needs_of

SEED = 0


@cache
def given(cell: Cell) -> Given:
    return Given.of(cell, draw(cell))


@dataclass(frozen=True)
class Contest:
    """The cells of a row: one of a module, two (network, loss) of a training step."""

    row: Row
    cells: tuple[Cell, ...]
    given: tuple[Given, ...]
    needs: Needs = field(default_factory=Needs)  # of the subject's backward, so that it can be repeated

    @property
    def is_step(self) -> bool:
        return self.row.module == STEPS

    @property
    def shape(self) -> tuple[int, ...]:
        return self.cells[0].case.x

    def subject_side(self, subject: Subject, mode: str = "") -> Side:
        """Return the side of a subject, in the row's mode or another."""
        if self.is_step:
            return steps.subject_side(self.given[0], self.given[1], subject)
        return modules.subject_side(self.given[0], mode or self.row.mode, subject, *self.needs)

    def reference_side(self, mode: str = "") -> Side:
        """Return the side of torch."""
        if self.is_step:
            return steps.reference_side(self.given[0], self.given[1])
        anew, apart = self.needs.forward, any(self.needs)
        return modules.reference_side(self.given[0], mode or self.row.mode, anew=anew, apart=apart)

    def repeatable(self, subject: Subject) -> "Contest":
        """Return the row with what each run of the subject needs before it; raise Unsupported where none can have it.

        In a run of forward and backward each backward has its forward already.
        """
        if self.is_step or self.row.mode == FORWARD:
            return self
        found = needs_of(self.given[0], subject)
        needs = found if self.row.mode == BACKWARD else Needs(clear=found.clear)
        if any(needs) and self.row.device != "cpu":
            raise Unsupported(f"{needs.words}, which cannot be kept out of the time of a device")
        return replace(self, needs=needs)

    def parity(self, subject: Subject) -> Agreement:
        """Judge every cell of the row; the first that does not pass speaks for the row."""
        agreements = [agreement.parity(cell, subject) for cell in self.cells]
        return next((one for one in agreements if not one.passes), agreements[0])

    def screened(self, subject: Side, reference: Side) -> str:
        """Return how far the two sides are apart at full size; empty where they are near."""
        got = subject.make().outcome()
        return agreement.screened(got, (self.given_what(got) or reference).make().outcome())

    def given_what(self, got: Mapping[str, Tensor]) -> Side | None:
        """Return torch's side given what the subject drew; None where nothing is drawn."""
        (cell, *_), (given, *_) = self.cells, self.given
        if self.is_step or cell.page.conditioned is None or not cell.page.draws(cell.case):
            return None
        made = cell.page.conditioned(cell.case, given.drawn.inputs, got)
        page = replace(cell.page, reference=made.reference, conditioned=None)
        return modules.reference_side(Given.of(replace(cell, page=page), given.drawn), BOTH)

    def saved(self, subject: Subject) -> tuple[int | None, int]:
        """Return what the subject and torch keep for their backward, in bytes."""
        sides = self.subject_side(subject, FORWARD), self.reference_side(FORWARD)
        return saved_bytes(sides[0].make()), autograd_saved_bytes(sides[1].make())

    def moved(self) -> int:
        """Return a lower bound of the bytes that a run moves; 0 for a step, whose tensors may all stay in a cache.

        Where an input holds indices, no more need be read of the others than what they name.
        """
        if self.is_step:
            return 0
        given, mode = self.given[0], self.row.mode
        inputs, signature = given.inputs(), given.page.signature
        reads = [*(value for value in inputs if value is not None), *given.parameters().values()]
        indices = [value for value in reads if value.dtype == torch.int64]
        with torch.no_grad():
            returned = given.page.call(given.reference(), *inputs)
        outputs = list(signature.named_outputs(returned).values())
        if moved(reads, outputs) == 0:
            return 0
        reads = indices or reads
        arriving = [dy for dy in given.cotangents() if dy is not None]
        differentiated = [value for _, value in signature.differentiated(inputs)]
        gradients = [torch.empty_like(value) for value in (*differentiated, *given.parameters().values())]
        writes = outputs if mode == FORWARD else gradients if mode == BACKWARD else [*outputs, *gradients]
        return moved(arriving if mode == BACKWARD else reads if mode == FORWARD else [*reads, *arriving], writes)

    def flops(self) -> int:
        """Return the operations of products in a run."""
        return flops(self.reference_side().make())


def contest(row: Row) -> Contest:
    """Return a row made ready."""
    if row.module == STEPS:
        cells: tuple[Cell, ...] = steps.NETWORKS[row.case].cells(row.device, SEED)
    else:
        timing = timings(row.module)[row.case]
        case = Case(timing.name, timing.x, timing.options, timing.target, timing.others)
        cells = (cell_of(row.module, row.case, row.device, case),)
    return Contest(row, cells, tuple(given(cell) for cell in cells))


_CELLS: dict[tuple[str, str, str], Cell] = {}


def cell_of(module: str, name: str, device: str, case: Case) -> Cell:
    """Return the one cell of a timing, so that its modes share a draw."""
    return _CELLS.setdefault((module, name, device), Cell(pages()[module], case, device=device, seed=SEED))
