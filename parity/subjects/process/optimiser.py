"""An optimiser that lives in the subject's process, as the harness holds it; its pairs are tensors that both have."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from parity.subjects.process.isolated import Isolated


class IsolatedOptimiser:
    """A built optimiser; each method is one message to the worker and one back."""

    def __init__(self, subject: "Isolated", name: str, number: int) -> None:
        self.subject, self.name, self.number = subject, name, number

    def ask(self, action: str, *arguments: Any) -> Any:
        """Call a method over there."""
        return self.subject.ask(action, self.name, self.number, *arguments)

    def step(self) -> None:
        """Take a step: what it writes to the values comes back with the answer."""
        self.ask("step")

    def rates(self, rates: Sequence[float]) -> None:
        """Set the learning rate of each group."""
        self.ask("rates", list(rates))

    def states(self) -> list[dict[str, Tensor]]:
        """Return what is kept of each parameter; raise TypeError unless it is a list of dictionaries of tensors."""
        found = self.ask("states")
        entries = found if isinstance(found, list) else [found]
        if not all(isinstance(own, Mapping) for own in entries):
            raise TypeError(f"the states of {self.name} must be a list of dictionaries, one a parameter")
        wrong = [name for own in entries for name, value in own.items() if not isinstance(value, Tensor)]
        if wrong:
            raise TypeError(f"the states of {self.name} must be tensors, but {wrong[0]} is none")
        return [dict(own) for own in entries]

    def resumed(self) -> "IsolatedOptimiser":
        """Have the library save the state and load it into a new optimiser."""
        return self.subject.held_optimiser(self.name, self.ask("resumed"))
