"""Gradients that can be differentiated in their turn: the sweep once more, on Variables in place of tensors."""

import copy
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from framework.tape.operators.operator import CONSTANT, OUTPUT, ConstantNode, GradOperator, Leaf, writes
from framework.tape.sweep import reachable
from framework.tape.variable import Variable, cotangent


class DifferentiableOnceError(RuntimeError):
    """An operator whose gradient the tape cannot differentiate."""

    def __init__(self, operator: str, why: str) -> None:
        super().__init__(f"{operator}: cannot be differentiated twice, since {why}")


def grad(y: Variable, inputs: Sequence[Variable], dy: Variable | Tensor | None = None) -> list[Variable]:
    """Return the gradient of `y` for each of `inputs`, for the cotangent `dy`; 1 if y is a single element.

    Each is a Variable made by operators on what y was made from, and on dy, so that it can be differentiated again:
    as torch.autograd.grad with create_graph. Nothing is added to the gradients of leaves.
    Raises ValueError if dy is missing or does not fit; DifferentiableOnceError for an operator with no second
    derivative here.
    """
    seed = dy if isinstance(dy, Variable) else constant(cotangent("grad", y.tensor, dy))
    cotangent("grad", y.tensor, seed.tensor)
    arrived: dict[GradOperator | Leaf, Variable] = {key(y): seed}
    for node in reachable(y.grad_op) if y.grad_op is not None and y.depends else ():
        if node in arrived:
            for child, passed in zip(node.children, passed_on(node, arrived[node]), strict=True):
                if passed is not None and not isinstance(child, ConstantNode):
                    arrived[child] = arrived[child] + passed if child in arrived else passed
    return [arrived.get(key(one), constant(one.tensor.new_zeros(one.shape))) for one in inputs]


def key(variable: Variable) -> GradOperator | Leaf:
    """Return what the gradient of a Variable arrives at: the operator that made it, or the leaf itself."""
    return variable if variable.grad_op is None else variable.grad_op


def constant(tensor: Tensor) -> Variable:
    return Variable(tensor, constant=True)


def passed_on(node: GradOperator, dy: Variable) -> list[Variable | None]:
    """Return what an operator passes on to its children, as Variables; a tensor among it is a constant."""
    again: Any = linked(node)
    try:
        passed = again.pass_grad(dy)
    except (AttributeError, TypeError) as error:
        why = f"its backward is not written in what Variables have ({str(error).partition(chr(10))[0]})"
        raise DifferentiableOnceError(node.name, why) from error
    return [constant(one) if isinstance(one, Tensor) else one for one in passed]


def linked(node: GradOperator) -> GradOperator:
    """Return a copy of an operator in which what it saved is Variables, linked to what they were made from."""
    if node.keeps is None:
        raise DifferentiableOnceError(node.name, "it is one operator that calls a layer; framework.tape.composed helps")
    saved = node.recall()
    if len(saved) != len(node.keeps):
        raise DifferentiableOnceError(node.name, "it does not say what it keeps")
    other = copy.copy(node)
    other.saved = tuple(as_made(node, value, kept) for value, kept in zip(saved, node.keeps, strict=True))
    other.written = writes(other.saved)
    return other


def as_made(node: GradOperator, value: Any, kept: int) -> Any:
    """Return what an operator saved as the Variable that it was: an operand, or the operator's own output."""
    if not isinstance(value, Tensor) or kept == CONSTANT:
        return value
    source = node if kept == OUTPUT else node.children[kept]
    if not isinstance(source, GradOperator):
        return source
    made = constant(value)
    made.grad_op = source
    return made
