"""What a backward of a subject needs before it, so that it can be repeated: found out by trying, outside any span."""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from parity.catalogue.signature import several
from parity.subjects.contract import Built, Subject
from perf.sides.modules import Given


class Needs(NamedTuple):
    """Before each backward but the first of a module: what comes before it is not timed, on either side.

    forward  a forward of its own: it uses up what that left
    clear    gradients that were cleared: by the library's convention the last ones are taken before
    """

    forward: bool = False
    clear: bool = False

    @property
    def words(self) -> str:
        """What the row says of it; empty where a backward needs nothing."""
        before = ["gradients are cleared"] * self.clear + ["a forward runs"] * self.forward
        return f"before each backward {' and '.join(before)}, outside its time" if before else ""


WAYS = (Needs(), Needs(forward=True), Needs(clear=True))  # which are tried, in this order


def needs_of(given: Given, subject: Subject) -> Needs:
    """Return what a second backward needs, to raise nothing and to return what the first did.

    Where not even both help, or the first does not run, the row itself tells.
    """
    return next((way for way in WAYS if is_enough(way, lambda: given.built(subject), given)), Needs(True, True))


def is_enough(way: Needs, build: Callable[[], Built], given: Given) -> bool:
    """Return whether a second backward gives what the first did, after no more than this."""
    built, inputs, dys = build(), given.inputs(), given.cotangents()
    built.forward(*inputs)
    first = kept(built.backward(*dys))
    try:
        if way.clear:
            built.zero_grad()
        if way.forward:
            built.forward(*inputs)
        second = kept(built.backward(*dys))
    except Exception:  # whatever a library raises that has nothing left to differentiate
        return False
    drawn = way.forward and given.page.draws(given.case)  # then the second forward may draw something else
    return drawn or alike(first, second)


def kept(returned: Any) -> list[Any]:
    """Return what backward returned, copied: a library may write over it."""
    values = several(returned, len(returned) if isinstance(returned, (tuple, list)) else 1)
    return [value.detach().clone() if isinstance(value, Tensor) else value for value in values]


def alike(one: list[Any], other: list[Any]) -> bool:
    """Return whether two backwards returned the same, nan where nan is."""
    return len(one) == len(other) and all(
        a.shape == b.shape and bool(((a == b) | (a.isnan() & b.isnan())).all())
        if isinstance(a, Tensor) and isinstance(b, Tensor)
        else a is b
        for a, b in zip(one, other, strict=True)
    )
