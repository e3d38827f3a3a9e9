"""Everything that is wrong with a command line, told at once."""

from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


class Complaints:
    """Collects what several readers of words complain of: nobody should mend one mistake to hear of the next."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def of(self, read: Callable[[], Value]) -> Value | None:
        """Return what a reader returns; None where it complains, by a ValueError with a sentence a line."""
        try:
            return read()
        except ValueError as error:
            self.add(str(error))
            return None

    def add(self, said: str) -> None:
        self.said += [line for line in said.splitlines() if line not in self.said]

    def end(self) -> None:
        """Raise ValueError, with a sentence a line, if there was any complaint."""
        if self.said:
            raise ValueError("\n".join(self.said))
