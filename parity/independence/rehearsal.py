"""One subject, one module, two draws: the run that every witness watches.

Both draws go through the same built module and the same input tensors, which are overwritten for the second: a result
that was kept by the identity or the address of its input is then an old one.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from parity.subjects.contract import Built, Subject
from parity.verdict.cell import Cell
from parity.verdict.draw import cotangent_names
from parity.verdict.reading import poison
from parity.verdict.reference import quantities
from parity.verdict.trial import Trial

Watch = Callable[[str], AbstractContextManager[object]]  # of a call of the subject: build, forward, backward ...
Given = dict[str, Tensor]


class Observer:
    """Sees what is given and what comes back; this one looks at nothing."""

    def given(self, call: int, given: Given) -> None:
        """Called with the parameters before the module is built, call 0; with x, target and dy before calls 1 and 2."""

    def returned(self, call: int, quantity: str, value: object, needs: str) -> None:
        """Called with each quantity and the name of the tensor given that it must depend on."""


@dataclass(frozen=True)
class Outcome:
    """Copies of every quantity that is a tensor: of the first draw and of the second."""

    first: dict[str, Tensor]
    second: dict[str, Tensor]


@dataclass(frozen=True)
class Rehearsal:
    """A subject and two trials that differ in inputs and cotangent alone; both are drawn before anything is watched."""

    subject: Subject
    first: Trial
    second: Trial

    @classmethod
    def of(cls, subject: Subject, cell: Cell) -> "Rehearsal":
        one, other = Trial(cell, subject), Trial(replace(cell, seed=cell.seed + 1), subject)
        assert one.drawn.x.shape == other.drawn.x.shape
        held = replace(other.drawn, parameters=one.drawn.parameters, buffers=one.drawn.buffers)
        return cls(subject, one, replace(other, given=held))

    def reversed(self) -> "Rehearsal":
        """Return the rehearsal with its draws in the other order."""
        return Rehearsal(self.subject, self.second, self.first)

    @cached_property
    def origin(self) -> str:
        """What a derivative must depend on that no cotangent goes into: the prediction, or, where that of a loss is the
        same for every prediction, its target."""
        cell, drawn = self.first.cell, self.first.drawn
        (first, *_) = self.first.signature.gradients(drawn.inputs)
        other = replace(drawn, inputs=(self.second.drawn.x, *drawn.inputs[1:]))
        one, two = (quantities(cell.page, cell.case, given, torch.float64)[first] for given in (drawn, other))
        return "target" if torch.equal(one, two) else "x"

    def run(self, watch: Watch = nullcontext, observer: Observer | None = None) -> Outcome:
        """Build, then forward, backward and gradients for either draw; the subject's code alone runs under `watch`."""
        observer = observer or Observer()
        observer.given(0, self.first.drawn.parameters)
        with watch("build"):
            built = self.first.build()
        slots = {name: value.clone() for name, value in given(self.first).items()}
        return Outcome(*(self.once(call, built, slots, watch, observer) for call in (1, 2)))

    def once(self, call: int, built: Built, slots: Given, watch: Watch, observer: Observer) -> dict[str, Tensor]:
        for name, value in given((self.first, self.second)[call - 1]).items():
            slots[name].copy_(value)
        observer.given(call, slots)
        drawn, signature = self.first.drawn, self.first.signature
        inputs = [slots.get(name) for name, _ in zip(of_inputs(self.first), drawn.inputs, strict=True)]
        dys = [slots.get(name) for name in cotangent_names(drawn.cotangents)]
        poison(inputs)  # memory that was freed may still hold what is right
        with watch("forward"):
            returned = built.forward(*inputs)
        outputs = signature.named_outputs(returned)
        poison((*inputs, *outputs.values()))
        for quantity, value in outputs.items():
            observer.returned(call, quantity, value, "x")
        with watch("backward"):
            returned = built.backward(*dys)
        with watch("gradients"):
            gradients = dict(built.gradients())
        derivatives = signature.named_gradients(drawn.inputs, returned)
        derivatives |= {f"d{name}": gradient for name, gradient in gradients.items()}
        needs = next((name for name in cotangent_names(dys) if name in slots), "") or self.origin
        for quantity, value in derivatives.items():
            observer.returned(call, quantity, value, needs)
        found = outputs | derivatives
        copies = {name: value.detach().clone() for name, value in found.items() if isinstance(value, Tensor)}
        with watch("zero_grad"):
            built.zero_grad()
        return copies


def given(trial: Trial) -> Given:
    """Return fresh copies of the inputs and cotangents, by name, where there are any: x and dy are the first."""
    dys = trial.cotangents()
    named = [*zip(of_inputs(trial), trial.inputs(), strict=False), *zip(cotangent_names(dys), dys, strict=True)]
    return {name: value for name, value in named if value is not None}


def of_inputs(trial: Trial) -> list[str]:
    """Return what the inputs are called here."""
    named = ("target" if entry.name == "t" else entry.name for entry in trial.signature.inputs[1:])
    return ["x", *named][: len(trial.drawn.inputs)]


@contextmanager
def eager() -> Iterator[None]:
    """Let compiled functions run uncompiled, where the trace can see into them.

    Where nothing has imported the compiler, nothing is compiled yet, and it stays unimported: it takes a second.
    """
    with torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext():
        yield
