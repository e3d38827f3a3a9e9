"""The two sides of a module or loss.

Both give the same: the output, in a forward that a backward can follow; and the gradients of the input and of every
parameter. Torch gives them as `torch.autograd.grad` does, fresh at each call, which is its fastest way and leaves
nothing to clear (as after `zero_grad()`, whose default sets gradients to None). A subject accumulates, as the papers'
interface has it; its gradients are cleared before each block, outside the timed span; its addition to them is timed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page
from parity.subjects.contract import Built, Saves, Subject
from parity.verdict.cell import Cell
from parity.verdict.draw import Draw
from parity.verdict.reference import all_placed, installed, placed
from parity.verdict.trial import Trial
from perf.method.work import Side, Work, nothing

FORWARD, BACKWARD, BOTH, STEP = "forward", "backward", "forward+backward", "step"
MODES = (FORWARD, BACKWARD, BOTH)
REFERENCE = "torch"


@dataclass(frozen=True)
class Given:
    """What both sides are built from: a page, a case, their draw, and where it goes."""

    cell: Cell
    drawn: Draw

    @classmethod
    def of(cls, cell: Cell, drawn: Draw) -> "Given":
        return cls(cell, drawn)

    @property
    def page(self) -> Page:
        return self.cell.page

    @property
    def case(self) -> Case:
        return self.cell.case

    @property
    def device(self) -> str:
        return self.cell.device

    @property
    def dtype(self) -> torch.dtype:
        return self.cell.torch_dtype

    def put(self, value: Tensor) -> Tensor:
        """Return a copy of a drawn tensor where it belongs."""
        return placed(value, self.dtype, self.device)

    def inputs(self) -> tuple[Any, ...]:
        return all_placed(self.drawn.inputs, self.dtype, self.device)

    def cotangents(self) -> tuple[Tensor | None, ...]:
        return all_placed(self.drawn.cotangents, self.dtype, self.device)

    def parameters(self) -> dict[str, Tensor]:
        return {name: self.put(value) for name, value in self.drawn.parameters.items()}

    def reference(self) -> torch.nn.Module:
        """Return the module of torch.nn, holding what was drawn."""
        return installed(self.page, self.case, self.drawn, self.dtype, self.device)

    def built(self, subject: Subject) -> Built:
        """Return the subject's module, holding what was drawn."""
        return Trial(self.cell, subject, self.drawn).build()


Kept = Callable[[], tuple[Tensor, ...]] | None
Wrap = Callable[[torch.nn.Module], Callable[..., Tensor]]


def as_it_is(module: torch.nn.Module) -> Callable[..., Tensor]:
    return module


def reference_side(
    given: Given, mode: str, wrap: Wrap = as_it_is, name: str = REFERENCE, anew: bool = False, apart: bool = False
) -> Side:
    """Return torch's side; `wrap` may put something around the module, torch.compile for instance.

    anew   each backward has a forward of its own, untimed
    apart  each run is timed by itself, as the subject's is
    """

    def make() -> Work:
        module, dys, signature = given.reference(), given.cotangents(), given.page.signature
        inputs = given.inputs()
        of_inputs = dict(signature.differentiated(inputs))
        for value in of_inputs.values():
            value.requires_grad_()
        named = of_inputs | {f"d{name}": value for name, value in module.named_parameters()}
        leaves = list(named.values())
        call = wrap(module) if signature.is_plain else partial(given.page.call, wrap(module))

        used = [at for at, dy in enumerate(dys) if dy is not None]
        several, given_dys = len(signature.outputs) > 1, [dys[at] for at in used] if len(dys) > 1 else dys[0]

        def forward() -> Any:
            return call(*inputs)

        def roots(returned: Any) -> Any:
            return [returned[at] for at in used] if several else returned

        def both() -> tuple[Tensor, ...]:
            return torch.autograd.grad(call(*inputs), leaves, given_dys)

        def both_of_several() -> tuple[Tensor, ...]:
            return torch.autograd.grad(roots(call(*inputs)), leaves, given_dys)

        def outcome() -> dict[str, Tensor]:
            returned = forward()
            outputs = {name: y.detach() for name, y in signature.named_outputs(returned).items()}
            gradients = torch.autograd.grad(roots(returned), leaves, given_dys)
            return outputs | dict(zip(named, gradients, strict=True))

        if mode == FORWARD:
            return Work(forward, outcome)
        before = nothing if apart else None
        if mode == BOTH:
            return Work(both_of_several if several else both, outcome, before=before)
        y = roots(forward())

        def graph() -> None:
            nonlocal y
            y = roots(forward())

        if anew:
            return Work(lambda: torch.autograd.grad(y, leaves, given_dys), outcome, before=graph)
        return Work(lambda: torch.autograd.grad(y, leaves, given_dys, retain_graph=True), outcome, before=before)

    return Side(name, make)


def subject_side(given: Given, mode: str, subject: Subject, anew: bool = False, clear: bool = False) -> Side:
    """Return the subject's side.

    anew   each backward has a forward of its own, untimed
    clear  the gradients are cleared before each run, untimed, and not before each block alone
    """

    def make() -> Work:
        built, inputs, dys = given.built(subject), given.inputs(), given.cotangents()
        forward, backward, signature = built.forward, built.backward, given.page.signature

        def both() -> Any:
            forward(*inputs)
            return backward(*dys)

        def outcome() -> dict[str, Tensor]:
            built.zero_grad()
            values = signature.named_outputs(forward(*inputs))
            values = {name: value.detach().clone() for name, value in values.items()}
            values |= signature.named_gradients(inputs, backward(*dys))
            values |= {f"d{name}": grad for name, grad in built.gradients().items()}
            return {name: value.detach().clone() for name, value in values.items()}

        saved = kept(built)
        if mode == FORWARD:
            return Work(lambda: forward(*inputs), outcome, built.zero_grad, saved)
        before = built.zero_grad if clear else None
        if mode == BOTH:
            return Work(both, outcome, built.zero_grad, saved, before)
        forward(*inputs)

        def ready() -> None:
            if clear:
                built.zero_grad()
            forward(*inputs)

        return Work(lambda: backward(*dys), outcome, built.zero_grad, saved, ready if anew else before)

    return Side(subject.name, make)


def kept(built: Built) -> Kept:
    """Return how to read what a built module keeps for its backward, if it or the module inside shows `saved`."""
    holder = next((one for one in (built, getattr(built, "module", None)) if isinstance(one, Saves)), None)
    return None if holder is None else lambda: tuple(holder.saved)
