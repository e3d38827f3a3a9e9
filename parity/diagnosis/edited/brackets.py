"""The edits of brackets: (a + b) · c where a + b · c belongs, and the other way round."""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch import Tensor

from parity.diagnosis.edited.edit import Edit, floating
from parity.diagnosis.edited.expressions import Expressions
from parity.diagnosis.edited.recording import Recording, Values
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.program import Slot, Step

Operator = Callable[[Any, Any], Any]
SUMS: dict[str, tuple[str, Operator]] = {"add": ("+", operator.add), "sub": ("-", operator.sub)}
PRODUCTS: dict[str, tuple[str, Operator]] = {"mul": ("·", operator.mul), "div": ("/", operator.truediv)}


def brackets(steps: Sequence[tuple[int, Step]], said: Expressions, recording: Recording) -> Iterator[Edit]:
    """Yield: brackets are missing, or too many, around a sum beside a product or a quotient."""
    for at, step in steps:
        outer = operands(step)
        if outer is None or step.kwargs or not floating(recording, step.results):
            continue
        name, args = outer
        for place in (0, 1):
            inner = recording.makers.get(args[place]) if type(args[place]) is Slot else None
            within = operands(inner) if inner is not None and not inner.kwargs else None
            if within is not None and (name in SUMS) != (within[0] in SUMS):
                other = args[1 - place]
                yield from regrouped(at, step, (name, place, other), within, said)


def operands(step: Step) -> tuple[str, tuple[Any, Any]] | None:
    """Return the name and the two operands of a step that adds or multiplies two things."""
    name = kernels.name_of(step.kernel)
    if name == "rsub":
        return "sub", (step.args[1], step.args[0])
    return (name, (step.args[0], step.args[1])) if name in SUMS | PRODUCTS and len(step.args) > 1 else None


def regrouped(
    at: int, step: Step, outer: tuple[str, int, Any], inner: tuple[str, tuple[Any, Any]], said: Expressions
) -> Iterator[Edit]:
    """Yield the ways to read two operations without, or with, the brackets that they need."""
    (name, place, other), (within, (a, b)) = outer, inner
    (sign, combine), (inner_sign, inner_combine) = ((SUMS | PRODUCTS)[one] for one in (name, within))
    order: Callable[[Any, Any], tuple[Any, Any]] = (lambda x, y: (x, y)) if place == 0 else (lambda x, y: (y, x))
    for which in (0, 1):  # the operand of the inner operation that goes to the outer one
        taken, left = ((a, b), (b, a))[which]

        def change(held: Values, which: int = which, taken: Any = taken, left: Any = left) -> Tensor:
            now = [held[one] if type(one) is Slot else one for one in (taken, left, other)]
            together = combine(*order(now[0], now[2]))
            result: Tensor = inner_combine(*((together, now[1]) if which == 0 else (now[1], together)))
            return result

        first, second = order(said.part(taken), said.part(other))
        both = f"({first} {sign} {second})" if name in SUMS else f"{first} {sign} {second}"
        words = f"{both} {inner_sign} {said.part(left)}" if which == 0 else f"{said.part(left)} {inner_sign} {both}"
        yield Edit("brackets", f"brackets are wrong: it is {words} in place of {said.step(step)}", {at: change})
