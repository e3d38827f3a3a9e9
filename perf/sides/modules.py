"""The two sides of a module or loss.

Both give the same: the output, in a forward that a backward can follow; and the gradients of the input and of every
parameter. Torch gives them as `torch.autograd.grad` does, fresh at each call, which is its fastest way and leaves
nothing to clear (as after `zero_grad()`, whose default sets gradients to None). A subject accumulates, as the papers'
interface has it; its gradients are cleared before each block, outside the timed span; its addition to them is timed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from parity.catalogue.constants import built_in
from parity.catalogue.page import Case, Page
from parity.subjects.contract import Built, Saves, Subject
from parity.verdict.cell import Cell
from parity.verdict.draw import Draw
from parity.verdict.reference import installed, placed
from perf.method.work import Side, Work

FORWARD, BACKWARD, BOTH, STEP = "forward", "backward", "forward+backward", "step"
MODES = (FORWARD, BACKWARD, BOTH)
REFERENCE = "torch"


@dataclass(frozen=True)
class Given:
    """What both sides are built from: a page, a case, their draw, and where it goes."""

    page: Page
    case: Case
    drawn: Draw
    device: str
    dtype: torch.dtype

    @classmethod
    def of(cls, cell: Cell, drawn: Draw) -> "Given":
        return cls(cell.page, cell.case, drawn, cell.device, cell.torch_dtype)

    def put(self, value: Tensor) -> Tensor:
        """Return a copy of a drawn tensor where it belongs."""
        return placed(value, self.dtype, self.device)

    def inputs(self) -> tuple[Tensor, ...]:
        return tuple(self.put(value) for value in self.drawn.inputs)

    def dy(self) -> Tensor | None:
        return None if self.drawn.dy is None else self.put(self.drawn.dy)

    def parameters(self) -> dict[str, Tensor]:
        return {name: self.put(value) for name, value in self.drawn.parameters.items()}

    def reference(self) -> torch.nn.Module:
        """Return the module of torch.nn, holding the drawn parameters."""
        return installed(self.page, self.case, self.drawn.parameters, self.dtype, self.device)

    def built(self, subject: Subject) -> Built:
        """Return the subject's module, holding the drawn parameters."""
        device = torch.device(self.device)
        options = built_in(self.case.options, self.dtype, device)
        return subject.build(self.page.module, options, self.parameters(), device, self.dtype)


Kept = Callable[[], tuple[Tensor, ...]] | None
Wrap = Callable[[torch.nn.Module], Callable[..., Tensor]]


def as_it_is(module: torch.nn.Module) -> Callable[..., Tensor]:
    return module


def reference_side(given: Given, mode: str, wrap: Wrap = as_it_is, name: str = REFERENCE) -> Side:
    """Return torch's side; `wrap` may put something around the module, torch.compile for instance."""

    def make() -> Work:
        module, dy = given.reference(), given.dy()
        call = wrap(module)
        x, *rest = given.inputs()
        x.requires_grad_()
        leaves = [x, *module.parameters()]
        names = ["dx", *(f"d{name}" for name, _ in module.named_parameters())]

        def forward() -> Tensor:
            return call(x, *rest)

        def both() -> tuple[Tensor, ...]:
            return torch.autograd.grad(call(x, *rest), leaves, dy)

        def outcome() -> dict[str, Tensor]:
            y = forward()
            return {"output": y.detach()} | dict(zip(names, torch.autograd.grad(y, leaves, dy), strict=True))

        if mode == FORWARD:
            return Work(forward, outcome)
        if mode == BOTH:
            return Work(both, outcome)
        y = forward()
        return Work(lambda: torch.autograd.grad(y, leaves, dy, retain_graph=True), outcome)

    return Side(name, make)


def subject_side(given: Given, mode: str, subject: Subject) -> Side:
    """Return the subject's side."""

    def make() -> Work:
        built, inputs, dy = given.built(subject), given.inputs(), given.dy()
        forward, backward = built.forward, built.backward

        def both() -> Tensor:
            forward(*inputs)
            return backward(dy)

        def outcome() -> dict[str, Tensor]:
            built.zero_grad()
            values = {"output": forward(*inputs).detach().clone(), "dx": backward(dy).detach().clone()}
            return values | {f"d{name}": grad.detach().clone() for name, grad in built.gradients().items()}

        saved = kept(built)
        if mode == FORWARD:
            return Work(lambda: forward(*inputs), outcome, built.zero_grad, saved)
        if mode == BOTH:
            return Work(both, outcome, built.zero_grad, saved)
        forward(*inputs)
        return Work(lambda: backward(dy), outcome, built.zero_grad, saved)

    return Side(subject.name, make)


def kept(built: Built) -> Kept:
    """Return how to read what a built module keeps for its backward, if it or the module inside shows `saved`."""
    holder = next((one for one in (built, getattr(built, "module", None)) if isinstance(one, Saves)), None)
    return None if holder is None else lambda: tuple(holder.saved)
