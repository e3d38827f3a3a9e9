"""Networks described by data, so that they can be put together of any library's own layers.

Vocabulary  network (nodes in the order in which they are called), node (a module of the catalogue, or a joint, and
            where its inputs come from), joint (what is between modules and belongs to none: a sum, a concatenation,
            a choice; its derivative is a copy, a split, a scatter)

torch names the parameters of a network by its nodes: conv1.weight, self_attn.out_proj.bias.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple

import torch
from torch import Tensor

from parity.catalogue.page import Page


class Node(NamedTuple):
    """One step of a network. Its value is what it returns, of several outputs the first.

    name     torch's prefix for its parameters
    of       the name of a module of the catalogue, or of a joint
    inputs   the nodes, or inputs of the network, whose values it is given, as the module's signature orders them
    options  torch's of the module, or those of the joint
    """

    name: str
    of: str
    inputs: tuple[str, ...]
    options: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Network:
    """Nodes, of which the last gives the output, and the names of the inputs; the first alone gets a gradient."""

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...] = ("x",)

    @property
    def modules(self) -> dict[str, Node]:
        """The nodes that are modules, by their names."""
        return {node.name: node for node in self.nodes if node.of not in JOINTS}


class Joint(NamedTuple):
    """What is between modules: forward of the options and inputs; backward of the options, the inputs and dy."""

    forward: Callable[..., Tensor]
    backward: Callable[..., tuple[Tensor, ...]]


def parts(inputs: Sequence[Tensor], dim: int, dy: Tensor) -> tuple[Tensor, ...]:
    """Return the parts of dy that belong to what was concatenated."""
    return torch.split(dy, [value.shape[dim] for value in inputs], dim)


def scattered(x: Tensor, dim: int, dy: Tensor) -> Tensor:
    """Return dy as the last entry of an axis of x, among zeros."""
    dx = torch.zeros_like(x)
    dx.select(dim, -1).copy_(dy)
    return dx


JOINTS: Mapping[str, Joint] = {
    "sum": Joint(lambda _, a, b: a + b, lambda _options, _a, _b, dy: (dy, dy)),
    "concatenation": Joint(
        lambda options, *inputs: torch.cat(inputs, options["dim"]),
        lambda options, *given: parts(given[:-1], options["dim"], given[-1]),
    ),
    "last": Joint(
        lambda options, x: x.select(options["dim"], -1),
        lambda options, x, dy: (scattered(x, options["dim"], dy),),
    ),
}


class Wired(torch.nn.Module):
    """The reference: the modules of torch.nn, called node by node."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        for name, node in network.modules.items():
            self.add_module(name, page_of(node).reference(**node.options))

    def forward(self, *inputs: Tensor | None) -> Tensor:
        """Return the value of the last node."""
        values: dict[str, Any] = dict(zip(self.network.inputs, inputs, strict=False))
        for node in self.network.nodes:
            given = arguments(node, values)
            if node.of in JOINTS:
                values[node.name] = JOINTS[node.of].forward(node.options, *given)
                continue
            page = page_of(node)
            returned = page.call(self.get_submodule(node.name), *given)
            values[node.name] = page.signature.named_outputs(returned)[page.signature.output]
        output: Tensor = values[self.network.nodes[-1].name]
        return output


def arguments(node: Node, values: Mapping[str, Any]) -> list[Any]:
    """Return the inputs of a node: None for one that is left out before others, nothing for one at the end."""
    given = [values.get(name) for name in node.inputs]
    while given and given[-1] is None:
        given.pop()
    return given


def page_of(node: Node) -> Page:
    """Return the page of the module of a node."""
    from parity.catalogue import written  # which finds the pages of networks too

    return written()[node.of]


def reference(network: Callable[..., Network]) -> Callable[..., torch.nn.Module]:
    """Return what makes the reference of a network of the options that `network` takes."""

    @wraps(network)
    def made(*args: Any, **options: Any) -> torch.nn.Module:
        return Wired(network(*args, **options))

    return made
