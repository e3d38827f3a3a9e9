"""A module that lives in the subject's process, as the harness holds it."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from parity.subjects.process import wire

if TYPE_CHECKING:
    from parity.subjects.process.isolated import Isolated


class IsolatedModule:
    """A built module; each method is one message to the worker and one back."""

    def __init__(self, subject: "Isolated", name: str, number: int) -> None:
        self.subject, self.name, self.number = subject, name, number
        self.given: list[Tensor] = []  # the inputs of the last forward: backward may write to them
        self.mirrors: list[Tensor] = []  # the worker's live tensors
        self.known: list[bytes] = []  # their bytes when both sides last agreed

    def ask(self, action: str, *arguments: Any) -> Any:
        """Call a method in the worker, then copy what it changed to this side."""
        now = [wire.memory(mirror) for mirror in self.mirrors]
        written = {i: new for i, (new, old) in enumerate(zip(now, self.known, strict=True)) if new != old}
        reply = self.subject.ask(action, self.name, self.number, written, arguments)
        watched = [*self.given, *(value for value in arguments if isinstance(value, Tensor))]
        for position, content in reply.changed.items():
            wire.overwrite(watched[position], content)
        self.reflect(reply.live)
        return reply.result()

    def reflect(self, live: Iterable[Tensor]) -> None:
        """Bring the mirrors to what the worker's tensors hold; a mirror keeps its identity."""
        for position, tensor in enumerate(live):
            if position == len(self.mirrors):
                self.mirrors.append(tensor)
                self.known.append(wire.memory(tensor))
            else:
                self.known[position] = wire.memory(tensor)
                wire.overwrite(self.mirrors[position], self.known[position])

    def tensor(self, value: object, what: str) -> Tensor:
        """Return `value`; raise TypeError unless it is a tensor."""
        if not isinstance(value, Tensor):
            kind = value.type_name if isinstance(value, wire.Foreign) else type(value).__name__
            raise TypeError(f"{what} of {self.name} must return a torch.Tensor, returned {kind}")
        return value

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output; what the worker writes to the inputs is written here too."""
        self.given = []
        try:
            return self.tensor(self.ask("forward", *inputs), "forward")
        finally:
            self.given = [value for value in inputs if isinstance(value, Tensor)]

    def backward(self, dy: Tensor | None) -> Tensor:
        """Return dx; what the worker writes to the inputs or to dy is written here too."""
        return self.tensor(self.ask("backward", dy), "backward")

    def gradients(self) -> dict[str, Tensor]:
        """Return copies of the accumulated gradients by name."""
        gradients = self.ask("gradients")
        if not isinstance(gradients, Mapping):
            raise TypeError(f"gradients of {self.name} must return a dictionary, returned {gradients.type_name}")
        return {name: self.tensor(value, f"gradients, at {name},") for name, value in gradients.items()}

    def zero_grad(self) -> None:
        """Clear the gradients."""
        self.ask("zero_grad")

    def __deepcopy__(self, memo: object) -> "IsolatedModule":
        return self.subject.module(self.name, self.ask("deepcopy"))

    def __reduce__(self) -> tuple[Any, ...]:
        return unpickled, (self.subject, self.name, self.ask("pickled"))


class StatefulModule(IsolatedModule):
    """A built module that shows its live parameters; the tensors here are mirrors, brought up to date at every call."""

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Return the (value, gradient) pairs: the same mirrors for the same memory in the worker."""
        pairs = self.ask("param")
        return [(self.mirrors[value], self.mirrors[grad]) for value, grad in pairs]

    def state_dict(self) -> dict[str, Tensor]:
        """Return every parameter's value by name."""
        return {name: self.mirrors[number] for name, number in self.ask("state_dict").items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values in `state`."""
        self.ask("load_state_dict", dict(state))


def unpickled(subject: "Isolated", name: str, content: bytes) -> IsolatedModule:
    """Have the worker unpickle a module that it pickled."""
    return subject.module(name, subject.ask("unpickle", name, 0, {}, (content,)).result())
