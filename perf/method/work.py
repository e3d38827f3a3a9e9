"""What is timed: a work, and the side that makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor


def nothing() -> None:
    """Clear nothing: for works that accumulate nothing."""


@dataclass(frozen=True)
class Work:
    """A module built, with its tensors, ready to run.

    run      what is timed; may be called repeatedly, and does the same work each time
    outcome  output and gradients by name, of one run from cleared gradients; untimed
    clear    clears gradients; called before every block, outside the timed span
    saved    the tensors kept for backward after a forward; None where a subject does not show them
    before   what must come before each run, untimed; None where runs follow each other. Then each is timed by itself
    """

    run: Callable[[], object]
    outcome: Callable[[], Mapping[str, Tensor]]
    clear: Callable[[], None] = nothing
    saved: Callable[[], tuple[Tensor, ...]] | None = None
    before: Callable[[], object] | None = None

    def once(self) -> object:
        """Run once, with what must come before; untimed."""
        if self.before is not None:
            self.before()
        return self.run()


@dataclass(frozen=True)
class Side:
    """One of the two that are timed: a name, and a factory that builds the same work again."""

    name: str
    make: Callable[[], Work]
