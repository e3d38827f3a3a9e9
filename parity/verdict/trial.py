"""One cell asked of one subject: build, observe, judge."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any, ClassVar

import torch
from torch import Tensor

from parity.catalogue.constants import built_in
from parity.catalogue.page import Conditioned, Page
from parity.catalogue.signature import Signature
from parity.subjects.composed import build
from parity.subjects.contract import Buffered, Built, Modal, Subject, Unsupported
from parity.verdict import arithmetic, limits
from parity.verdict.cell import Cell
from parity.verdict.chance.judged import by_luck, implausible
from parity.verdict.compare import Comparison, compare
from parity.verdict.draw import Draw, Tensors, drawn_for, seeded
from parity.verdict.gauge import Evidence, gauge
from parity.verdict.pairing import Pairing
from parity.verdict.reading import Reading, buffers, computed, gradients, lacking, poison
from parity.verdict.reference import all_placed, placed, quantities
from reports.record import Parity
from reports.text import one_line

DRAWN = "drawn numbers"  # what is claimed of a module that draws


def weigh(cell: Cell, drawn: Draw) -> Evidence:
    """Return what `drawn` gives in torch.nn: reference, truth and gauge.

    Raises Unsupported where torch has no kernel of the cell's dtype on its device: there is nothing to compare with.
    """
    truth = quantities(cell.page.exact, cell.case, drawn, torch.float64)
    asked = arithmetic.of(cell.torch_dtype, cell.device)
    try:
        reference = quantities(cell.page, cell.case, drawn, cell.torch_dtype, cell.device)
    except NotImplementedError as error:
        raise Unsupported(f"torch has no kernel for it on {cell.device}: {one_line(str(error))}") from error
    return Evidence(drawn, reference, truth, partial(gauge, cell.page.exact, cell.case, drawn, truth, asked))


@lru_cache(maxsize=256)
def _evidence(cell: Cell, _settings: bool) -> Evidence:
    return weigh(cell, drawn_for(cell))


def evidence(cell: Cell) -> Evidence:
    """Return draw, reference, truth and gauge for `cell`; cells that differ only in their check share them."""
    return _evidence(replace(cell, check=""), arithmetic.tf32_allowed())


def forget() -> None:
    """Drop the evidence of cells that were asked: who asks each of many once has no more use of it."""
    _evidence.cache_clear()


@dataclass(frozen=True)
class Trial:
    """A cell and the subject that it is asked of."""

    cell: Cell
    subject: Subject
    given: Draw | None = None  # in place of the cell's own draw
    known: Conditioned | None = None  # of a module that draws: what it drew, by which it is judged
    judges: ClassVar[bool] = True  # one that makes its calls alone judges nothing

    @cached_property
    def evidence(self) -> Evidence:
        if self.given is None and self.known is None:
            return evidence(self.cell)
        return weigh(replace(self.cell, page=self.page), self.drawn)

    @property
    def page(self) -> Page:
        """The page by whose reference the subject is judged: of a module that draws, given what it drew."""
        page = self.cell.page
        return page if self.known is None else replace(page, reference=self.known.reference, conditioned=None)

    @property
    def signature(self) -> Signature:
        return self.cell.page.signature

    @cached_property
    def drawn(self) -> Draw:
        return drawn_for(self.cell) if self.given is None else self.given

    def at(self, cell: Cell) -> "Trial":
        """Return the trial of another cell with the same subject."""
        return Trial(cell, self.subject)

    def build(self) -> Built:
        """Return the subject's module in the case's mode, holding the drawn parameters and buffers.

        Raises Unsupported where it has no mode of evaluation, or hides what evaluation reads.
        """
        cell, device = self.cell, torch.device(self.cell.device)
        parameters = self.placed(self.drawn.parameters)
        if cell.page.draws(cell.case):  # so that what a subject draws by torch is drawn again with the cell
            torch.manual_seed(seeded(cell.seed, str(cell)).initial_seed())
        options = built_in(cell.case.options, cell.torch_dtype, device)
        built = build(self.subject, cell.page.module, options, parameters, device, cell.torch_dtype)
        if isinstance(built, Modal) and cell.page.has_modes:
            built.train(cell.case.training)
        elif not cell.case.training:
            raise Unsupported("the subject has no mode of evaluation")
        self.restore(built)
        hidden = self.drawn.buffers.keys() - buffers(built, self.drawn).keys()
        if hidden and not cell.case.training:
            raise Unsupported(f"evaluation reads {', '.join(sorted(hidden))}, which the subject does not let be set")
        return built if cell.page.pairs is None else Pairing(built, cell.page.pairs, parameters)

    def placed(self, values: Tensors) -> Tensors:
        """Return copies of tensors by name, where and as the subject needs them."""
        return {name: placed(value, self.cell.torch_dtype, self.cell.device) for name, value in values.items()}

    def restore(self, built: Built) -> None:
        """Have the subject's module hold the drawn buffers, if it shows any."""
        if self.drawn.buffers and isinstance(built, Buffered):
            built.load_buffers(self.placed(self.drawn.buffers))

    def inputs(self) -> tuple[Any, ...]:
        """Return fresh copies of the drawn inputs, where and as the subject needs them; None for one left out."""
        return all_placed(self.drawn.inputs, self.cell.torch_dtype, self.cell.device)

    def dy(self) -> Tensor | None:
        """Return a fresh copy of the first cotangent."""
        return self.cotangents()[0]

    def cotangents(self) -> tuple[Tensor | None, ...]:
        """Return fresh copies of the drawn cotangents, one for each output that is differentiated."""
        return all_placed(self.drawn.cotangents, self.cell.torch_dtype, self.cell.device)

    def forward(self, built: Built, inputs: Sequence[Any]) -> Tensors:
        """Call forward; return what came, by name."""
        return self.signature.named_outputs(built.forward(*inputs))

    def backward(self, built: Built, cotangents: Sequence[Any]) -> Tensors:
        """Call backward; return the gradients of the inputs that came, by name."""
        return self.signature.named_gradients(self.drawn.inputs, built.backward(*cotangents))

    def gradients(self, built: Built) -> Tensors:
        """Return copies of the gradients of the parameters, by name."""
        return gradients(built, self.signature.prefix)

    def called(self, built: Built, inputs: Sequence[Any], cotangents: Sequence[Any]) -> Tensors:
        """Call forward and backward; return every quantity."""
        outputs = self.forward(built, inputs)
        kept = buffers(built, self.drawn)
        return outputs | self.backward(built, cotangents) | self.gradients(built) | kept

    def observe(self, built: Built) -> Tensors:
        """Run forward and backward once on the drawn inputs, in poisoned memory; return every quantity.

        An exception of the subject passes through.
        """
        reading = self.read(built)
        if reading.error is not None:
            raise reading.error
        return reading

    def read(self, built: Built) -> "Reading":
        """Do the same, but keep what could be read where backward or a gradient ends in an exception."""
        given, dys = self.inputs(), self.cotangents()
        self.restore(built)
        poison(given)
        reading = Reading(self.forward(built, given))
        poison((*given, *reading.values()))
        try:
            reading |= buffers(built, self.drawn)
            reading |= self.backward(built, dys)
        except Exception as error:
            reading.error = error
        try:
            read = self.gradients(built)
        except Exception as error:
            reading.error = reading.error or error
            return reading
        reading |= {name: value for name, value in read.items() if not reading.error or computed(value)}
        return reading

    def verdicts(self, built: Built) -> Iterator["Judged"]:
        """Run forward and backward once; judge every quantity that can be read, the others with what kept them back.

        Raises Unsupported, after what could be read, if that is what kept them back.
        """
        reading = self.read(built)
        unsupported = reading.error if isinstance(reading.error, Unsupported) else None
        yield from (one for one in self.judge(reading) if not unsupported or one.record.quantity in reading)
        if unsupported:
            raise unsupported

    def judge(self, got: Mapping[str, object]) -> list["Judged"]:
        """Compare every quantity that the reference has; what the subject does not show fails.

        Of a reading that an exception cut short, the others end in that error.
        """
        found, judged = self.conditioned(got), []
        at, cell = found.evidence, self.cell
        u = arithmetic.of(cell.torch_dtype, cell.device).storage
        for name, truth in at.truth.items():
            if name not in got:
                judged.append(Judged(self.record(name, lacking(name, got, self.drawn, self.signature))))
                continue
            comparison = compare(got[name], at.reference[name], truth, at.gauges[name], u)
            by_chance = cell.torch_dtype.itemsize == 2 or at.gauges[name].unsettled is not None
            if comparison.verdict == "fail" and comparison.elements and by_chance:
                comparison = compare(got[name], at.reference[name], truth, at.looked_again[name], u)
            wrong = comparison.verdict == "fail" and comparison.elements
            judged.append(Judged(self.record(name, comparison), found.seen(name, got[name]) if wrong else None, found))
        return [*found.implausible(), *judged]

    def conditioned(self, got: Mapping[str, object]) -> "Trial":
        """Return the trial by whose evidence quantities are judged: of a module that draws, given what it drew.

        What the outputs tell counts; only where it is unlikely, and what the gradients tell is not, the outputs are to
        be doubted.
        """
        page, case = self.cell.page, self.cell.case
        if page.conditioned is None or not page.draws(case):
            return self
        made, of_forward = page.conditioned(case, self.drawn.inputs, got), {*self.signature.outputs}
        if (luck := by_luck(made)) < limits.UNLIKELY:
            gradients = {name: value for name, value in got.items() if name not in of_forward}
            other = page.conditioned(case, self.drawn.inputs, gradients)
            if other.known.all() and by_luck(other) * limits.UNLIKELY > luck:
                made = other
        return replace(self, known=made)

    def implausible(self) -> list["Judged"]:
        """Return the claim that fails where no right module would have drawn what the subject drew."""
        doubt = "" if self.known is None else implausible(self.known)
        return [self.claim(DRAWN, False, doubt)] if doubt else []

    def seen(self, quantity: str, value: object) -> "Seen":
        """Return a quantity that failed, as a diagnosis needs it."""
        assert isinstance(value, Tensor)  # its elements were compared
        return Seen(self, quantity, value.detach().cpu().clone())

    def record(self, quantity: str, comparison: Comparison) -> Parity:
        """Return a comparison as a record of this cell."""
        cell = self.cell
        return Parity(
            subject=self.subject.name,
            module=cell.page.module,
            case=cell.case.name,
            check=cell.check,
            quantity=quantity,
            device=cell.device,
            dtype=cell.dtype,
            regime=cell.regime,
            cotangent=cell.cotangent,
            seed=cell.seed,
            options={name: one_line(str(value), 60) for name, value in cell.case.options.items()},
            made_of=cell.page.made_of(cell.case),
            **vars(comparison),
        )

    def claim(self, quantity: str, holds: bool, otherwise: str, elements: int = 0) -> "Judged":
        """Return the judgement of a yes-or-no check: passes if `holds`, else fails with the words `otherwise`."""
        comparison = Comparison("pass" if holds else "fail", "" if holds else otherwise, elements)
        return Judged(self.record(quantity, comparison))


@dataclass(frozen=True)
class Seen:
    """A quantity that failed, as it came: a copy, on the CPU."""

    trial: Trial
    quantity: str
    got: Tensor


@dataclass(frozen=True)
class Judged:
    """The judgement on a quantity: its record, the quantity itself if its elements were compared and failed, and the
    trial by whose evidence they were."""

    record: Parity
    seen: Seen | None = None
    by: Trial | None = None

    @property
    def fails(self) -> bool:
        return self.record.verdict == "fail"

    def noted(self, note: str) -> "Judged":
        """Return the judgement; a failing one says where: the note, a colon, and what is wrong."""
        return self.told(detail=f"{note}: {self.record.detail}") if self.fails else self

    def told(self, **fields: Any) -> "Judged":
        """Return the judgement with fields of its record changed."""
        return replace(self, record=replace(self.record, **fields))


def records(judged: Iterable[Judged]) -> list[Parity]:
    """Return the records of what was judged."""
    return [one.record for one in judged]
