"""What a node of the tape is: an operator that remembers its operands and passes the gradient on to them."""

import threading
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, ClassVar, Protocol
from weakref import ReferenceType

from torch import Size, Tensor

Gradients = tuple[Tensor | None, ...]


class Leaf(Protocol):
    """Where a gradient ends up: a Variable that no operator made."""

    grad: Tensor | None

    def accumulate(self, dy: Tensor) -> None:
        """Add `dy` to the gradient."""


class CallScope:
    """One call of a module, inside the call of another or of none; a graph is drawn with these as clusters."""

    __slots__ = ("label", "module", "outer")

    def __init__(self, label: str, module: "ReferenceType[Any]", outer: "CallScope | None") -> None:
        self.label, self.module, self.outer = label, module, outer


class State(threading.local):
    """Whether the tape of this thread records, and inside which call of a module."""

    recording = True
    scope: CallScope | None = None


OUTPUT, CONSTANT = -1, -2  # of what an operator saves: its own output, and what gradients do not pass

STATE = State()
SERIAL = count()
REFUSALS = (IndexError, TypeError, ValueError, RuntimeError)


def writes(saved: Iterable[object]) -> int:
    """Return how often torch counted an in-place write to the tensors among `saved` (inference tensors: never)."""
    return sum([value._version for value in saved if isinstance(value, Tensor) and not value.is_inference()])


class GradOperator:
    """One application of an operator: y = forward(operands), and for dy the gradient of every operand.

    children  what made each operand: its GradOperator, or the leaf Variable itself
    saved     what pass_grad reads, and no other tensor
    serial    the order of creation: an operator always comes after its children
    variable  a weak reference to the output Variable, if that asked to keep its gradient
    A node holds its children but never its output, so that a graph is freed with the last Variable that needs it.

    pass_grad is written once, in operations that tensors and Variables both have (adjoint.py holds what else it needs):
    where gradients are to be differentiated in their turn (again.py), dy is a Variable, and so is of what was saved
    whatever depends on a leaf. `keeps` says which that is.

    keeps  for each value saved, in order: the position of an operand, OUTPUT, or CONSTANT for what has no derivative;
           None for an operator that cannot be differentiated twice
    """

    __slots__ = ("children", "saved", "scope", "serial", "shape", "variable", "written")

    name: ClassVar[str] = ""
    keeps: ClassVar[tuple[int, ...] | None] = ()
    explains: ClassVar[bool] = False  # whether an error of forward says by itself who refused what
    children: "tuple[GradOperator | Leaf, ...]"
    saved: tuple[Any, ...]
    shape: Size
    scope: CallScope | None
    variable: "ReferenceType[Leaf] | None"

    def __init_subclass__(cls) -> None:
        cls.name = cls.name if "name" in vars(cls) else cls.__name__.lower()

    def __init__(self) -> None:
        self.serial, self.scope = next(SERIAL), STATE.scope
        self.saved, self.written, self.variable = (), 0, None

    def forward(self, *arguments: Any) -> Tensor:
        """Return the output for the operands, which are tensors or numbers, and the options after them."""
        raise NotImplementedError

    def pass_grad(self, dy: Tensor) -> Gradients:
        """Return the gradient of every child, given that of the output; None for one that wants none."""
        raise NotImplementedError

    def wants(self, operand: int) -> bool:
        """Return whether an operand depends on a leaf."""
        return not isinstance(self.children[operand], ConstantNode)

    def save(self, *values: object) -> None:
        """Keep what pass_grad will read."""
        self.saved, self.written = values, writes(values)

    def tensors(self) -> tuple[Tensor, ...]:
        """Return the tensors that this node keeps for pass_grad."""
        return tuple(value for value in self.saved if isinstance(value, Tensor))

    def recall(self) -> tuple[Any, ...]:
        """Return what was saved; raise RuntimeError if a tensor of it was written to in the meantime."""
        if self.written != writes(self.saved):
            raise RuntimeError(
                f"{self.name}: the tensors of forward must be unchanged until backward, "
                f"but one was written to in place; compute the output again"
            )
        return self.saved


def briefly(value: object) -> str:
    """Return a tensor's shape, and anything else as it is written."""
    return str(tuple(value.shape)) if isinstance(value, Tensor) else repr(value)


def refusal(node: GradOperator, error: Exception, operands: Sequence[object], options: Sequence[object]) -> Exception:
    """Return the error with which torch refused operands, as one line that names the operator and what it was given."""
    shown = " and ".join(map(briefly, operands))
    chosen = f" with {', '.join(map(briefly, options))}" if options else ""
    kind = next(kind for kind in REFUSALS if isinstance(error, kind))
    return kind(f"{node.name}: cannot be applied to {shown}{chosen}: {str(error).partition(chr(10))[0]}")


class ConstantNode(GradOperator):
    """What no gradient passes: a number, a plain tensor, a detached Variable."""

    __slots__ = ("label",)
    name = "constant"

    def __init__(self, value: object, label: str = "") -> None:
        super().__init__()
        self.children, self.label = (), label
        if isinstance(value, Tensor):
            self.shape = value.shape
        else:
            self.shape = Size()
            self.label = f"{value:g}" if isinstance(value, (int, float)) else label or type(value).__name__
