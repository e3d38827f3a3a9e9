"""The backward sweep: every operator once, in the reverse order of its creation, without recursion."""

from operator import attrgetter

import torch
from torch import Tensor

from framework.tape.operators.operator import ConstantNode, GradOperator, Leaf

BY_AGE = attrgetter("serial")


def reachable(root: GradOperator) -> list[GradOperator]:
    """Return `root` and every operator below it, the newest first: an order in which none precedes what uses it."""
    seen, waiting = {root}, [root]
    while waiting:
        for child in waiting.pop().children:
            if child not in seen and isinstance(child, GradOperator):
                seen.add(child)
                waiting.append(child)
    return sorted(seen, key=BY_AGE, reverse=True)


def sweep(root: GradOperator, dy: Tensor) -> None:
    """Pass `dy`, the gradient of the root's output, down to the leaves, and add to the gradient of each.

    Gradients that meet are added into a new tensor, since an operator may pass one tensor to two children.
    Leaves are written to at the end, once each: an error on the way leaves them as they were.
    """
    arrived: dict[GradOperator | Leaf, Tensor] = {root: dy}
    for node in reachable(root):
        gradient = arrived.pop(node, None)
        if gradient is None:
            continue
        if node.variable is not None and (kept := node.variable()) is not None:
            kept.accumulate(gradient)
        for child, passed in zip(node.children, node.pass_grad(gradient), strict=True):
            if passed is not None and child.__class__ is not ConstantNode:
                earlier = arrived.get(child)
                arrived[child] = passed if earlier is None else earlier + passed
    deliver([(leaf, gradient) for leaf, gradient in arrived.items() if not isinstance(leaf, GradOperator)])


def deliver(gradients: list[tuple[Leaf, Tensor]]) -> None:
    """Add to the gradient of every leaf: in one call for those that have one, since a call costs as much as a sum."""
    ready = [(leaf.grad, gradient) for leaf, gradient in gradients if leaf.grad is not None]
    if ready:
        torch._foreach_add_([grad for grad, _ in ready], [gradient for _, gradient in ready])
    for leaf, gradient in gradients:
        if leaf.grad is None:
            leaf.accumulate(gradient)
