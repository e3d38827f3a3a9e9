"""A module that lives in the subject's process, as the harness holds it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from torch import Tensor

from parity.subjects.adapters.lacking import signature_of
from parity.subjects.contract import Buffered, Modal, Settable, Stateful, TwiceDifferentiable
from parity.subjects.process.wire import Foreign

if TYPE_CHECKING:
    from parity.subjects.process.isolated import Isolated


class IsolatedModule:
    """A built module; each method is one message to the worker and one back."""

    def __init__(self, subject: "Isolated", name: str, number: int) -> None:
        self.subject, self.name, self.number = subject, name, number
        self.given: tuple[Any, ...] = ()  # the inputs of the last forward

    def ask(self, action: str, *arguments: Any) -> Any:
        """Call a method over there."""
        return self.subject.ask(action, self.name, self.number, *arguments)

    def tensor(self, value: object, what: str) -> Tensor:
        """Return `value`; raise TypeError unless it is a tensor."""
        if not isinstance(value, Tensor):
            found = value.type_name if isinstance(value, Foreign) else type(value).__name__
            raise TypeError(f"{what} of {self.name} must return a torch.Tensor, returned {found}")
        return value

    def named(self, action: str, *arguments: Any) -> dict[str, Tensor]:
        """Return a dictionary of tensors; raise TypeError for anything else."""
        found = self.ask(action, *arguments)
        if not isinstance(found, Mapping):
            name = found.type_name if isinstance(found, Foreign) else type(found).__name__
            raise TypeError(f"{action} of {self.name} must return a dictionary, returned {name}")
        return {name: self.tensor(value, f"{action}, at {name},") for name, value in found.items()}

    def returned(self, action: str, *arguments: Any) -> Any:
        """Return the tensor, or the tensors, that a call returned; raise TypeError for anything else."""
        value = self.ask(action, *arguments)
        if not isinstance(value, list):
            return self.tensor(value, action)
        return tuple(None if each is None else self.tensor(each, action) for each in value)

    def forward(self, *inputs: Any) -> Any:
        """Return the output, or the outputs."""
        self.given = inputs
        return self.returned("forward", *inputs)

    def backward(self, *cotangents: Any) -> Any:
        """Return the gradient of the input, or those of the inputs; None where no input of the last forward has one."""
        if self.given and not signature_of(self.name).gradients(self.given):
            value = self.ask("backward", *cotangents)
            return None if value == Foreign("NoneType") else self.tensor(value, "backward")
        return self.returned("backward", *cotangents)

    def gradients(self) -> dict[str, Tensor]:
        """Return the accumulated gradients by name."""
        return self.named("gradients")

    def zero_grad(self) -> None:
        """Clear the gradients."""
        self.ask("zero_grad")

    def __deepcopy__(self, memo: object) -> "IsolatedModule":
        return self.subject.module(self.name, self.ask("deepcopy"))

    def __reduce__(self) -> tuple[Any, ...]:
        return unpickled, (self.subject, self.name, self.ask("pickled"))


class SettableModule(IsolatedModule):
    """A module in which new parameters can be put."""

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values in `state`."""
        self.ask("load_state_dict", dict(state))


class StatefulModule(SettableModule):
    """A module that shows its parameters and its state: the worker's live tensors, kept alike on both sides."""

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Return the live (value, gradient) pairs."""
        return [(self.tensor(value, "param"), self.tensor(grad, "param")) for value, grad in self.ask("param")]

    def state_dict(self) -> dict[str, Tensor]:
        """Return every parameter's value by name."""
        return self.named("state_dict")


class BufferedModule(IsolatedModule):
    """A module that shows what it keeps beside its parameters."""

    def buffers(self) -> dict[str, Tensor]:
        """Return every buffer by name."""
        return self.named("buffers")

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        """Take over values by name."""
        self.ask("load_buffers", dict(values))


class ModalModule(IsolatedModule):
    """A module with a mode of training and one of evaluation."""

    def train(self, mode: bool = True) -> None:
        """Switch the mode."""
        self.ask("train", mode)


class TwiceModule(IsolatedModule):
    """A module whose gradients can be differentiated."""

    def second(self, cotangents: Sequence[Tensor | None], directions: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the second derivatives by name; what is None is left out."""
        return self.named("second", list(cotangents), list(directions))


# What a built module may also show, and the proxy of one that does.
SHOWN: Mapping[str, type] = {
    "state": Stateful,
    "settable": Settable,
    "buffers": Buffered,
    "modes": Modal,
    "twice": TwiceDifferentiable,
}
PROXIES = {
    "state": StatefulModule,
    "settable": SettableModule,
    "buffers": BufferedModule,
    "modes": ModalModule,
    "twice": TwiceModule,
}


@cache
def proxy_type(*shows: str) -> type[IsolatedModule]:
    """Return the class of proxies for modules that show these."""
    bases = tuple(proxy for name, proxy in PROXIES.items() if name in shows)
    return type(IsolatedModule.__name__, bases or (IsolatedModule,), {})


def unpickled(subject: "Isolated", name: str, content: bytes) -> IsolatedModule:
    """Have the worker unpickle a module that it pickled; nothing of it is unpickled here."""
    return subject.module(name, subject.ask("unpickle", name, 0, content))
