"""Variable: a tensor that knows what made it."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Union
from weakref import ref

import torch
from torch import Tensor

from framework import arguments
from framework.tape.methods.elementwise import Elementwise
from framework.tape.methods.indexing import Indexing
from framework.tape.methods.reductions import Reductions
from framework.tape.methods.shapes import Shapes
from framework.tape.operators import arithmetic, matrix
from framework.tape.operators.operator import REFUSALS, STATE, ConstantNode, GradOperator, refusal
from framework.tape.sweep import sweep

if TYPE_CHECKING:
    from graphviz import Digraph

Operand = Union["Variable", Tensor, float]


class Variable(Elementwise, Indexing, Reductions, Shapes):
    """A tensor, the gradient of the loss for it, and the operator that made it.

    tensor   of any floating-point dtype
    grad     of the shape of tensor, or None before the first backward; gradients accumulate in place
    grad_op  the GradOperator of which this is the output; None for a leaf, which is where gradients end up
    Operators  + - * / ** @ and unary minus, with Variables, tensors and numbers on either side, broadcast as torch does
    Source   Paper 002, 2.1; broadcasting and the sweep without recursion are ours.
    Raises   TypeError if tensor is no floating-point tensor, or the dtypes of two operands differ.
    """

    __slots__ = ("__weakref__", "grad", "grad_op", "name", "tensor")
    __array_ufunc__: ClassVar[None] = None  # numpy leaves the reversed operators to us

    def __init__(self, tensor: Tensor, *, constant: bool = False, name: str = "") -> None:
        self.tensor = arguments.floating("Variable", "tensor", tensor)
        self.grad: Tensor | None = None
        self.grad_op: GradOperator | None = ConstantNode(tensor, name) if constant else None
        self.name = name

    @property
    def depends(self) -> bool:
        """Whether this is a leaf or depends on one, so that gradients pass."""
        return self.grad_op is None or not isinstance(self.grad_op, ConstantNode)

    def item(self) -> float:
        """Return the one element as a number."""
        return float(self.tensor.item())

    def detach(self) -> "Variable":
        """Return the same tensor as a constant: no gradient passes it."""
        return Variable(self.tensor, constant=True, name=self.name)

    def zero_grad(self) -> None:
        """Set the gradient to zero, in place."""
        if self.grad is not None:
            self.grad.zero_()

    def retain_grad(self) -> "Variable":
        """Keep the gradient of this Variable too although an operator made it; return self."""
        if self.grad_op is not None:
            self.grad_op.variable = ref(self)
        return self

    def gradient(self) -> Tensor:
        """Return the gradient, zeros if none has arrived: the very tensor, in which later gradients accumulate."""
        if self.grad is None:
            self.grad = torch.zeros_like(self.tensor)
        return self.grad

    def accumulate(self, dy: Tensor) -> None:
        """Add `dy` to the gradient; the tensor `dy` itself is neither kept nor written to."""
        if self.grad is None:
            self.grad = dy.clone()
        else:
            self.grad.add_(dy)

    def backward(self, dy: Tensor | None = None) -> None:
        """Add the gradient of every leaf, for the cotangent `dy` of this Variable; 1 if it is a single element.

        The graph stays, so that a second call adds the same gradients once more.
        Raises ValueError if dy is missing or does not fit; RuntimeError if this Variable depends on no leaf.
        """
        if not self.depends:
            raise RuntimeError("backward: the Variable must depend on a leaf, but it is a constant")
        dy = cotangent("backward", self.tensor, dy)
        if self.grad_op is None:
            self.accumulate(dy)
        else:
            sweep(self.grad_op, dy)

    def draw_graph(self, module: Any = None) -> "Digraph":
        """Return the graph of operators below this Variable, as framework.tape.drawing draws it."""
        from framework.tape.drawing import draw_graph

        return draw_graph(self, module)

    def __repr__(self) -> str:
        made = "leaf" if self.grad_op is None else self.grad_op.name
        return f"Variable({self.name or made}, shape={tuple(self.shape)}, {self.tensor.dtype})"

    def __len__(self) -> int:
        return len(self.tensor)

    def __iter__(self) -> "Iterator[Variable]":
        return (self[position] for position in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.tensor)

    def through(self, kind: type[GradOperator], *options: object) -> "Variable":
        return apply(kind, (self,), *options)

    def __neg__(self) -> "Variable":
        return self.through(arithmetic.Neg)

    def neg(self) -> "Variable":
        """Return -x."""
        return -self

    if TYPE_CHECKING:

        def __add__(self, other: Operand) -> "Variable": ...
        def __radd__(self, other: Operand) -> "Variable": ...
        def __sub__(self, other: Operand) -> "Variable": ...
        def __rsub__(self, other: Operand) -> "Variable": ...
        def __mul__(self, other: Operand) -> "Variable": ...
        def __rmul__(self, other: Operand) -> "Variable": ...
        def __truediv__(self, other: Operand) -> "Variable": ...
        def __rtruediv__(self, other: Operand) -> "Variable": ...
        def __pow__(self, other: Operand) -> "Variable": ...
        def __rpow__(self, other: Operand) -> "Variable": ...
        def __matmul__(self, other: Operand) -> "Variable": ...
        def __rmatmul__(self, other: Operand) -> "Variable": ...
        def add(self, other: Operand) -> "Variable": ...
        def sub(self, other: Operand) -> "Variable": ...
        def mul(self, other: Operand) -> "Variable": ...
        def div(self, other: Operand) -> "Variable": ...
        def pow(self, other: Operand) -> "Variable": ...
        def matmul(self, other: Operand) -> "Variable": ...


def cotangent(asker: str, tensor: Tensor, dy: Tensor | None) -> Tensor:
    """Return `dy` if it fits the output `tensor`; a one if it is None and the output a single element."""
    if dy is None:
        if tensor.numel() != 1:
            raise ValueError(f"{asker}: dy must be given for an output of shape {tuple(tensor.shape)}, was None")
        return torch.ones_like(tensor)
    arguments.shaped(asker, "dy", arguments.floating(asker, "dy", dy), tensor.shape)
    return arguments.alike(asker, "dy", dy, tensor, "the output")


def apply(kind: type[GradOperator], operands: Sequence[Operand], *options: object) -> Variable:
    """Return the output of one operator, recorded if an operand depends on a leaf and the tape is on.

    Raises what torch raises where the operands do not fit, in one line that names the operator and their shapes.
    """
    node = kind()
    given: list[object] = []
    children: list[Any] = []
    recorded = False
    for operand in operands:
        if operand.__class__ is Variable:
            given.append(operand.tensor)
            child = operand if operand.grad_op is None else operand.grad_op
            recorded = recorded or child.__class__ is not ConstantNode
        else:
            given.append(operand)
            child = ConstantNode(operand)
        children.append(child)
    node.children = tuple(children)
    try:
        tensor = node.forward(*given, *options)
    except REFUSALS as error:
        if node.explains:
            raise
        raise refusal(node, error, given, options) from None
    y = Variable.__new__(Variable)
    y.grad, y.name, y.tensor = None, "", tensor
    if recorded and STATE.recording:
        node.shape = tensor.shape
        y.grad_op = node
    else:
        y.grad_op = ConstantNode(tensor)
    return y


@contextmanager
def no_tape() -> Generator[None]:
    """Inside this context nothing is recorded, and every output is a constant."""
    earlier, STATE.recording = STATE.recording, False
    try:
        yield
    finally:
        STATE.recording = earlier


def mixed(a: Tensor, b: Tensor) -> str:
    return f"Variable: operands must be of one dtype, were {a.dtype} and {b.dtype}"


def constant_like(other: Tensor, model: Tensor) -> Tensor:
    """Return a plain tensor in the dtype of `model`: whole numbers and single elements are cast, the rest refused."""
    if other.is_complex() or (other.dim() and other.is_floating_point() and other.dtype != model.dtype):
        raise TypeError(mixed(model, other))
    return other.to(model.dtype)


def operand_for(model: Tensor, operator: str, other: Operand) -> Operand:
    """Return an operand that goes with `model`; raise TypeError for one of another kind or dtype."""
    if isinstance(other, Tensor):
        return constant_like(other, model)
    if isinstance(other, Variable):
        if other.tensor.dtype != model.dtype:
            raise TypeError(mixed(model, other.tensor))
    elif not isinstance(other, Real):
        raise TypeError(f"{operator}: operand must be a Variable, a tensor or a number, was {type(other).__name__}")
    return other


def binary(kind: type[GradOperator], reverse: bool = False) -> Callable[[Variable, Operand], Variable]:
    """Return the method of Variable that applies `kind` to itself and another operand."""

    def method(self: Variable, other: Operand) -> Variable:
        other = operand_for(self.tensor, kind.name, other)
        return apply(kind, (other, self) if reverse else (self, other))

    return method


BINARY: dict[str, type[GradOperator]] = {
    "add": arithmetic.Add,
    "sub": arithmetic.Sub,
    "mul": arithmetic.Mul,
    "truediv": arithmetic.Div,
    "pow": arithmetic.Pow,
    "matmul": matrix.Matmul,
}
for _name, _kind in BINARY.items():
    setattr(Variable, f"__{_name}__", binary(_kind))
    setattr(Variable, f"__r{_name}__", binary(_kind, reverse=True))
    setattr(Variable, _name.removeprefix("true"), binary(_kind))
