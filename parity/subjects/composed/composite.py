"""A network as a built module: what it shows is what all of its modules show."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor

from parity.catalogue.network import JOINTS, Network, Node, arguments, page_of
from parity.subjects.contract import Buffered, Built, Modal, Settable, Stateful, Unsupported


@contextmanager
def needed_by(network: str, module: str) -> Iterator[None]:
    """Say of what is lacking which module of which network needs it."""
    try:
        yield
    except Unsupported as lack:
        raise Unsupported(f"{network} needs {module}, and {lack}") from None


class Composite:
    """Modules of a subject, called node by node.

    What a joint hands to several modules is one tensor, as in any library: a module that writes into it is found out.
    """

    def __init__(self, name: str, network: Network, modules: Mapping[str, Built]) -> None:
        self.name, self.network, self.modules = name, network, modules
        self.values: dict[str, Any] = {}  # of every node, and the inputs, in the last forward

    def forward(self, *inputs: Any) -> Any:
        """Return the value of the last node."""
        self.values = dict(zip(self.network.inputs, inputs, strict=False))
        for node in self.network.nodes:
            given = arguments(node, self.values)
            if node.of in JOINTS:
                self.values[node.name] = JOINTS[node.of].forward(node.options, *given)
                continue
            with needed_by(self.name, node.of):
                returned = self.modules[node.name].forward(*given)
            signature = page_of(node).signature
            self.values[node.name] = signature.named_outputs(returned)[signature.output]
        return self.values[self.network.nodes[-1].name]

    def backward(self, dy: Any) -> Any:
        """Return dx: the cotangents of a node that is used more than once are added."""
        if not self.values:
            raise RuntimeError("backward must follow a forward, but none was called")
        cotangents = {self.network.nodes[-1].name: dy}
        for node in reversed(self.network.nodes):
            for name, value in self.pulled_back(node, cotangents.pop(node.name)):
                cotangents[name] = cotangents[name] + value if name in cotangents else value
        return cotangents[self.network.inputs[0]]

    def pulled_back(self, node: Node, dy: Any) -> Iterator[tuple[str, Any]]:
        """Yield the gradients of the inputs of a node, by the nodes that they come from."""
        given = arguments(node, self.values)
        if node.of in JOINTS:
            yield from zip(node.inputs, JOINTS[node.of].backward(node.options, *given, dy), strict=True)
            return
        signature = page_of(node).signature
        with needed_by(self.name, node.of):
            returned = self.modules[node.name].backward(dy, *[None] * (len(signature.outputs) - 1))
        gradients = signature.named_gradients(given, returned)
        for entry, name in zip(signature.inputs, node.inputs, strict=False):
            quantity = f"d{entry.name}"
            if quantity in signature.gradients(given):
                if quantity not in gradients:
                    raise Unsupported(f"{self.name} needs {node.of}, and the library gives no {quantity} of it")
                yield name, gradients[quantity]

    def gradients(self) -> dict[str, Tensor]:
        """Return every gradient by torch's name."""
        return {f"{at}.{key}": grad for at, built in self.modules.items() for key, grad in built.gradients().items()}

    def zero_grad(self) -> None:
        """Clear the gradients of every module."""
        for built in self.modules.values():
            built.zero_grad()

    def train(self, mode: bool = True) -> None:
        """Switch every module that knows training from evaluation; raise Unsupported if one lacks what it should."""
        for name, built in self.modules.items():
            if isinstance(built, Modal):
                built.train(mode)
            elif not mode and page_of(self.network.modules[name]).has_modes:
                raise Unsupported("the subject has no mode of evaluation")

    def buffers(self) -> dict[str, Tensor]:
        """Return what the modules show of what they keep beside their parameters."""
        shown = ((at, built.buffers()) for at, built in self.modules.items() if isinstance(built, Buffered))
        return {f"{at}.{key}": value for at, kept in shown for key, value in kept.items()}

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        """Take over values in the modules that show what they keep."""
        for name, built in self.modules.items():
            if isinstance(built, Buffered):
                built.load_buffers(within(name, values))


class SettableComposite(Composite):
    """A network in which new parameters can be put."""

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values in `state`."""
        for name, built in self.modules.items():
            own = within(name, state)
            if own:
                built.load_state_dict(own)  # type: ignore[attr-defined]  # `composite` has seen to it


class StatefulComposite(SettableComposite):
    """A network of modules that show their parameters."""

    @property
    def stateful(self) -> dict[str, Stateful]:
        """The modules that show their parameters: all that have any."""
        return {name: built for name, built in self.modules.items() if isinstance(built, Stateful)}

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Return the live (value, gradient) pairs."""
        return [pair for built in self.stateful.values() for pair in built.param()]

    def state_dict(self) -> dict[str, Tensor]:
        """Return every parameter's value by name."""
        return {
            f"{at}.{key}": value for at, built in self.stateful.items() for key, value in built.state_dict().items()
        }


def within(name: str, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the values of one module, by its own names."""
    return {key[len(name) + 1 :]: value for key, value in values.items() if key.startswith(f"{name}.")}


def composite(name: str, network: Network, modules: Mapping[str, Built], owners: Collection[str]) -> Composite:
    """Return a network; it shows its parameters, or lets them be set, if each module that owns any does."""
    for protocol, kind in ((Stateful, StatefulComposite), (Settable, SettableComposite)):
        if all(isinstance(modules[owner], protocol) for owner in owners):
            return kind(name, network, modules)
    return Composite(name, network, modules)
