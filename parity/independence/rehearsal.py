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
        assert one.drawn.inputs[0].shape == other.drawn.inputs[0].shape
        return cls(subject, one, replace(other, given=replace(other.drawn, parameters=one.drawn.parameters)))

    def reversed(self) -> "Rehearsal":
        """Return the rehearsal with its draws in the other order."""
        return Rehearsal(self.subject, self.second, self.first)

    @cached_property
    def origin(self) -> str:
        """What a derivative must depend on that no cotangent goes into: the prediction, or, where that of a loss is the
        same for every prediction, its target."""
        cell, drawn = self.first.cell, self.first.drawn
        other = replace(drawn, inputs=(self.second.drawn.inputs[0], *drawn.inputs[1:]))
        one, two = (quantities(cell.page, cell.case, given, torch.float64)["dx"] for given in (drawn, other))
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
        inputs, dy = [slots[name] for name in slots if name != "dy"], slots.get("dy")
        with watch("forward"):
            output = built.forward(*inputs)
        observer.returned(call, "output", output, "x")
        with watch("backward"):
            dx = built.backward(dy)
        with watch("gradients"):
            gradients = dict(built.gradients())
        derivatives = {"dx": dx} | {f"d{name}": gradient for name, gradient in gradients.items()}
        for quantity, value in derivatives.items():
            observer.returned(call, quantity, value, self.origin if dy is None else "dy")
        found = {"output": output} | derivatives
        copies = {name: value.detach().clone() for name, value in found.items() if isinstance(value, Tensor)}
        with watch("zero_grad"):
            built.zero_grad()
        return copies


def given(trial: Trial) -> Given:
    """Return fresh copies of x, the target and dy, by name, where there are any."""
    dy = trial.dy()
    named = dict(zip(("x", "target"), trial.inputs(), strict=False))
    return named | ({} if dy is None else {"dy": dy})


@contextmanager
def eager() -> Iterator[None]:
    """Let compiled functions run uncompiled, where the trace can see into them.

    Where nothing has imported the compiler, nothing is compiled yet, and it stays unimported: it takes a second.
    """
    with torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext():
        yield
