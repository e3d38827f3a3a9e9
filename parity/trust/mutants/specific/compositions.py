"""Faults of networks: a way past is left out or counted twice, parts are in the wrong order, the end is not read."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from torch import Tensor

from parity.catalogue import pages
from parity.catalogue.network import Network, Node
from parity.catalogue.page import Page
from parity.subjects.composed import put_together
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant, host
from parity.verdict.draw import Tensors

Rewired = Callable[[Network], Network]


def last_of(network: Network, joint: str) -> Node | None:
    """Return the last node that is a joint of this name."""
    return next((node for node in reversed(network.nodes) if node.of == joint), None)


def main_and_past(network: Network, joined: Node) -> tuple[str, str]:
    """Return which of two values that are summed comes by the longer way, and which by the way past it."""
    places = {node.name: at for at, node in enumerate(network.nodes)}
    past, main = sorted(joined.inputs, key=lambda name: places.get(name, -1))
    return main, past


def put(network: Network, joined: Node, *nodes: Node) -> Network:
    """Return the network with other nodes in the place of one, of which the last has its name."""
    at = network.nodes.index(joined)
    return replace(network, nodes=(*network.nodes[:at], *nodes, *network.nodes[at + 1 :]))


def past_left_out(network: Network) -> Network:
    joined = last_of(network, "sum")
    assert joined is not None
    main, _ = main_and_past(network, joined)
    return put(network, joined, Node(joined.name, "concatenation", (main,), {"dim": 0}))


def past_twice(network: Network) -> Network:
    joined = last_of(network, "sum")
    assert joined is not None
    main, past = main_and_past(network, joined)
    return put(network, joined, Node("twice", "sum", (past, past)), joined._replace(inputs=(main, "twice")))


def parts_turned_round(network: Network) -> Network:
    joined = last_of(network, "concatenation")
    assert joined is not None
    return put(network, joined, joined._replace(inputs=joined.inputs[::-1]))


def of(quantity: str, rewired: Rewired) -> Change:
    """Return the change to what a network that is put together otherwise gives."""

    def change(_: Tensor, call: Call) -> Tensor:
        site, make = call.site, pages()[call.site.module].network
        assert make is not None
        network = rewired(make(**site.options))
        built = put_together(host(), site.module, network, call.parameters, site.device, site.dtype)
        built.train(site.training)
        built.load_buffers(call.kept)
        y: Tensor = built.forward(*call.given)
        dx = built.backward(call.cotangent)
        found: Tensors = {"output": y, "dx": dx, **{f"d{name}": grad for name, grad in built.gradients().items()}}
        return found[quantity]

    return change


def end_not_read(quantity: str) -> Change:
    return lambda _, call: call.again(x=call.x[:-1])[quantity]


def table(page: Page, quantity: str) -> Table:
    """Return the faults of a quantity of a network, by what it is joined of."""
    assert page.network is not None
    network, faults = page.network(**page.cases[0].options), dict[str, tuple[str, Change]]()
    if last_of(network, "sum") and quantity in ("output", "dx"):  # no gradient before it need know of the way past
        faults["the last way past left out"] = ("missing term", of(quantity, past_left_out))
        faults["the last way past twice"] = ("extra term", of(quantity, past_twice))
    if last_of(network, "concatenation"):
        faults["parts in the wrong order"] = ("wrong order", of(quantity, parts_turned_round))
    if last_of(network, "last") and quantity != "dx":
        faults["the last moment is not read"] = ("shifted by one", end_not_read(quantity))
    return faults


def mutants() -> Iterator[Mutant]:
    """Yield every fault of a network: in its output, its dx, and the gradient of its first parameter."""
    for page in pages().values():
        if page.network is not None:
            first = next(name for name, _ in page.reference(**page.cases[0].options).named_parameters())
            for quantity in ("output", "dx", f"d{first}"):
                yield from planted(page.module, quantity, table(page, quantity))
