"""A recording: the kernels that lead to one quantity of the reference, in float64, to be run again with an edit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.signature import pulled_back
from parity.diagnosis.symptom import Symptom
from parity.verdict import arithmetic
from parity.verdict.draw import Draw, Tensors, cotangent_names, mapped
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.program import Program, Recorder, Slot, Step, filled, keep
from parity.verdict.reference import Reference

Values = dict[Slot, Tensor]
Change = Callable[[Values], Tensor]  # what a step gives in place of its result, of the values before it

SILENT = frozenset("clone _to_copy convert_element_type copy".split())  # the same numbers
HANDED_ON = SILENT | {"detach", "alias"}
FORM = "form"  # the name of what a function gives
NO_CHANGES: Mapping[int, Change] = {}


def done(step: Step, held: Values) -> Any:
    """Return what a step gives as it stands."""
    return step.kernel(*filled(step.args, held), **step.kwargs)


def is_view(step: Step) -> bool:
    """Return whether a step gives the numbers that it takes, all of them or some, in another shape or place."""
    return bool(step.kernel.is_view) or kernels.name_of(step.kernel) in SILENT


def slots_in(value: Any) -> Iterator[Slot]:
    """Yield the slots in the arguments or the results of a step."""
    if type(value) is Slot:
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from slots_in(item)


def recorded(symptom: Symptom) -> Program | None:
    """Return the program of the symptom's reference, unperturbed; None where it cannot be followed."""
    page, exact = symptom.trial.page, mapped(symptom.drawn, Tensor.double)
    reference = Reference(page, symptom.trial.cell.case, torch.float64)
    mode = Recorder(arithmetic.of(torch.float64, "cpu"))
    module = reference.holding(exact)
    with mode:
        results = reference.differentiated(module, exact)
    mode.lost = False  # a number that was read stays what it was: what is run again must be the truth, see `of`
    return mode.program(results)


@dataclass(frozen=True)
class Recording:
    """The steps that lead to one quantity, or to several, and everything that they were given.

    names   what was given, and what is known by a name, in words: x, dy, weight, y
    wanted  the slots that the steps lead to, by name
    """

    given: Values
    names: Mapping[Slot, str]
    steps: Sequence[Step]
    wanted: Mapping[str, Slot]

    @classmethod
    def of(cls, symptom: Symptom, *wanted: str) -> "Recording | None":
        """Return that of some quantities of a symptom's reference; None where it cannot be followed."""
        program = recorded(symptom)
        if program is None:
            return None
        beside = [name for name in symptom.trial.signature.outputs if name in program.results]
        made, truth = cls.leading(program, named(program, symptom), wanted, beside), symptom.trial.evidence.truth
        again = {name: made.values[slot] for name, slot in made.wanted.items()}
        return (
            made if all(torch.allclose(value, truth[name], equal_nan=True) for name, value in again.items()) else None
        )

    @classmethod
    def of_function(cls, function: Callable[[], Tensor], names: dict[str, Tensor]) -> "Recording | None":
        """Return that of a function of tensors that have these names; None where it cannot be followed."""
        mode = Recorder(arithmetic.of(torch.float64, "cpu"))
        with torch.no_grad(), mode:
            value = function()
        mode.lost = False
        program = mode.program({FORM: value})
        if program is None:
            return None
        known = {
            slot: name
            for name, own in reversed(names.items())
            for slot, given in program.given.items()
            if own.shape == given.shape and own.dtype == given.dtype and torch.equal(own, given)
        }
        return cls.leading(program, known, [FORM], [])

    @classmethod
    def leading(
        cls, program: Program, names: Mapping[Slot, str], wanted: Sequence[str], beside: Sequence[str]
    ) -> "Recording":
        """Return the part of a program that leads to some of its results; `beside` names what is made with them."""
        ends = {name: program.results[name] for name in wanted}
        needed, kept = {program.results[name] for name in (*wanted, *beside)}, []
        memory = sharing(program.steps)
        for step in reversed(program.steps):
            writes = step.kernel._schema.is_mutable and memory[step.results] in {memory.get(one, one) for one in needed}
            if writes or not needed.isdisjoint(slots_in(step.results)):
                kept.append(step)
                needed.update(slots_in(step.args))
        given = {slot: value for slot, value in program.given.items() if slot in needed}
        return cls(given, names, kept[::-1], ends)

    @cached_property
    def writes(self) -> bool:
        """Whether a step writes into a tensor that is there already: then each run needs tensors of its own."""
        return any(step.kernel._schema.is_mutable for step in self.steps)

    @cached_property
    def makers(self) -> Mapping[Slot, Step]:
        """The step that each slot's tensor comes of."""
        return {step.results: step for step in self.steps if type(step.results) is Slot}

    def origin(self, slot: Slot) -> Slot:
        """Return the slot that holds the same numbers in the same shape, and comes first."""
        step = self.makers.get(slot)
        if step is None or kernels.name_of(step.kernel) not in HANDED_ON or step.args[0] in (slot, None):
            return slot  # a view of the same numbers has the slot that it was made of
        return self.origin(step.args[0])

    @cached_property
    def computing(self) -> list[tuple[int, Step]]:
        """The steps that compute something on the way to what is wanted, each with its place."""
        leading = frozenset[Slot]().union(*(self.behind[slot] for slot in self.wanted.values()))
        return [
            (at, step)
            for at, step in enumerate(self.steps)
            if type(step.results) is Slot
            and not is_view(step)
            and (step.results in leading or step.kernel._schema.is_mutable)
        ]

    @cached_property
    def values(self) -> Values:
        """The value of every slot, as the reference has it."""
        return self.run()

    def run(self, changes: Mapping[int, Change] = NO_CHANGES, given: Values | None = None) -> Values:
        """Return the value of every slot, where steps give what changes say; `given` stands for what was given."""
        start = self.given if given is None else given
        held: Values = {slot: value.clone() if self.writes else value for slot, value in start.items()}
        for at, step in enumerate(self.steps):
            result = changes[at](held) if at in changes else done(step, held)
            if at in changes and step.kernel._schema.is_mutable:
                result = held[step.results].copy_(result)  # as the kernel does: what shares its memory changes too
            keep(step.results, result, held)
        return held

    def edited(self, changes: Mapping[int, Change]) -> Tensor:
        """Return the one quantity that is wanted, where steps give what changes say."""
        (wanted,) = self.wanted.values()
        if self.writes:
            return self.run(changes)[wanted]
        new: Values = {}
        for at, step in enumerate(self.steps):
            if at in changes:
                keep(step.results, changes[at](self.values | new), new)
            elif new and any(slot in new for slot in slots_in(step.args)):
                keep(step.results, done(step, self.values | new), new)
        return new.get(wanted, self.values[wanted])

    def differentiated(self, changes: Mapping[int, Change], leaf: Slot, drawn: Draw) -> Tensor:
        """Return the gradient by what was given in a slot, where the outputs that are wanted come of changed steps."""
        own = self.given[leaf].detach().clone().requires_grad_()
        held = self.run(changes, self.given | {leaf: own})
        outputs = [held[slot] for slot in self.wanted.values()]
        (gradient,) = pulled_back(outputs, [own], mapped(drawn, Tensor.double).cotangents)
        return gradient

    def leaf(self, name: str) -> Slot | None:
        """Return the slot of what was given by this name; None where nothing was."""
        return next((slot for slot in self.given if self.names.get(slot) == name), None)

    @cached_property
    def behind(self) -> Mapping[Slot, frozenset[Slot]]:
        """The slots that each slot's value comes of."""
        found: dict[Slot, frozenset[Slot]] = {slot: frozenset({slot}) for slot in self.given}
        for step in self.steps:
            of = frozenset[Slot]().union(*(found[slot] for slot in slots_in(step.args)))
            found |= {slot: of | {slot} for slot in slots_in(step.results)}
        return found

    def taken_at(self, step: Step, leaf: Slot, other: Slot, held: Values) -> Tensor:
        """Return what a step gives where another tensor stands for one that was given."""
        new: Values = {leaf: held[other]}
        for one in self.steps:
            if any(slot in new for slot in slots_in(one.args)):
                keep(one.results, done(one, held | new), new)
            if one is step:
                break
        result: Tensor = new[step.results]
        return result


def sharing(steps: Sequence[Step]) -> dict[Slot, Slot]:
    """Return, of every slot that shares its memory with one before it, the first that does."""
    first: dict[Slot, Slot] = {}
    for step in steps:
        if type(step.results) is Slot and (step.kernel.is_view or step.kernel._schema.is_mutable):
            first[step.results] = first.get(step.args[0], step.args[0])
    return first


def named(program: Program, symptom: Symptom) -> dict[Slot, str]:
    """Return the name of each tensor that is known by one: what was given by its value, what came as the reference."""
    drawn, signature = symptom.drawn, symptom.trial.signature
    inputs = zip((entry.name for entry in signature.inputs), drawn.inputs, strict=False)
    cotangents = zip(cotangent_names(drawn.cotangents), drawn.cotangents, strict=True)
    known: Tensors = {name: value for name, value in (*inputs, *cotangents) if value is not None}
    known |= drawn.parameters | drawn.buffers
    names: dict[Slot, str] = {}
    for slot, value in program.given.items():
        for name, own in known.items():
            if own.shape == value.shape and torch.equal(own.to(value.dtype), value):
                names.setdefault(slot, name)
    return names | {slot: "y" for name, slot in program.results.items() if name == signature.output}
