"""Faults of Sequential: layers in the wrong order, gradients that stop half-way."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant

Layers = Sequence[tuple[str, Any]]


def with_layers(quantity: str, changed: Callable[[Layers], Layers]) -> Change:
    """Return the change to what other layers give."""
    return lambda _, call: call.again(options={"layers": changed(call.option("layers"))})[quantity]


def replaced(old: str, new: str, options: dict[str, Any], at: int = 0) -> Callable[[Layers], Layers]:
    """Return layers in which the activation number `at` of the kind `old` is another."""

    def change(layers: Layers) -> Layers:
        places = [place for place, (name, _) in enumerate(layers) if name == old]
        chosen = places[at] if places else -1
        return tuple((new, options) if place == chosen else layer for place, layer in enumerate(layers))

    return change


def first_activation(quantity: str, slope: float, at: int = 0) -> Change:
    return with_layers(quantity, replaced("ReLU", "LeakyReLU", {"negative_slope": slope}, at))


def through_dx(value: Tensor, call: Call) -> Tensor:
    return value * call.x


def swapped(one: str, other: str) -> Change:
    """Return the change to the gradient of another layer, where the shapes are the same."""

    def change(value: Tensor, call: Call) -> Tensor:
        got = call.again()
        return got[other] if other in got and got[other].shape == value.shape else value

    assert one != other
    return change


def of_bias(name: str, value: float) -> Change:
    """Return the change to the output of a module in which one bias is multiplied by `value`."""

    def change(honest: Tensor, call: Call) -> Tensor:
        if name not in call.parameters:
            return honest
        return call.again(parameters={name: call.parameters[name] * value})["output"]

    return change


OUTPUT: Table = {
    "first activation left out": ("missing factor", first_activation("output", 1.0)),
    "last activation left out": ("missing factor", first_activation("output", 1.0, -1)),
    "first activation leaks": ("wrong formula", first_activation("output", 0.01)),
    "bias of the first layer missing": ("missing term", of_bias("0.bias", 0.0)),
    "bias of the last layer twice": ("doubled", of_bias("6.bias", 2.0)),
    "factors rounded to TF32": ("downcast tf32", c.of_factors("output", "tf32")),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
DX: Table = {
    "derivative of the first activation left out": ("missing factor", first_activation("dx", 1.0)),
    "derivative of the last activation left out": ("missing factor", first_activation("dx", 1.0, -1)),
    "derivative of the first activation leaks": ("wrong formula", first_activation("dx", 0.01)),
    "times x": ("extra term", through_dx),
    "factors rounded to TF32": ("downcast tf32", c.of_factors("dx", "tf32")),
}
DFIRST: Table = {
    "derivative of the first activation left out": ("missing factor", first_activation("d0.weight", 1.0)),
    "backward stops before the first layer": ("zero", c.nothing),
}
DSECOND: Table = {
    "gradient of the next layer": ("wrong order", swapped("d2.weight", "d4.weight")),
    "derivative of the activation left out": ("missing factor", first_activation("d2.weight", 1.0, 1)),
}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of Sequential."""
    for quantity, table in {"output": OUTPUT, "dx": DX, "d0.weight": DFIRST, "d2.weight": DSECOND}.items():
        yield from planted("Sequential", quantity, table)
