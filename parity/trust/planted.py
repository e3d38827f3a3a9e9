"""A module of the subject with one fault planted in it: honest but for what the fault changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import operators, pages
from parity.catalogue.page import Page
from parity.subjects import load
from parity.subjects.contract import Built, Stateful, Subject
from parity.verdict.draw import Tensors

HOST = "framework"  # the subject that the faults are planted in: its own cells all pass
HOST_OF_OPERATORS = "tape"  # the same for the operators, which the layers have no use for


def hosted() -> dict[str, Page]:
    """Return the page of everything that faults are planted in: the modules, and after them the operators."""
    return pages() | operators()


def host(module: str = "") -> Subject:
    """Return the subject that the faults of a module, or of an operator, are planted in."""
    return load(HOST_OF_OPERATORS if module in operators() else HOST)


@dataclass(frozen=True)
class Site:
    """What a module was built from, so that it can be built again with other options."""

    module: str
    options: Mapping[str, Any]
    device: torch.device
    dtype: torch.dtype

    def build(self, options: Mapping[str, Any], parameters: Tensors) -> Built:
        """Build the honest module with other options."""
        return host(self.module).build(self.module, {**self.options, **options}, parameters, self.device, self.dtype)


@dataclass
class Call:
    """One forward and its backward, as a fault sees them.

    y is the honest output; previous holds the honest quantities of the call before; first is the first batch's shape.
    """

    site: Site
    parameters: Tensors
    inputs: tuple[Tensor, ...]
    y: Tensor
    first: torch.Size
    number: int
    previous: Tensors
    dy: Tensor | None = None
    honest: Tensors = field(default_factory=dict)

    @property
    def x(self) -> Tensor:
        """The input, or a loss's prediction p."""
        return self.inputs[0]

    @property
    def t(self) -> Tensor:
        """A loss's target."""
        return self.inputs[1]

    @property
    def cotangent(self) -> Tensor:
        """The cotangent; ones where a loss was given none."""
        return torch.ones_like(self.y) if self.dy is None else self.dy

    def option(self, name: str) -> Any:
        """Return the option of this name, None where it was left out."""
        return self.site.options.get(name)

    def again(
        self,
        *,
        x: Tensor | None = None,
        dy: Tensor | None = None,
        options: Mapping[str, Any] | None = None,
        parameters: Tensors | None = None,
    ) -> Tensors:
        """Return the quantities of an honest module in which something is different; dy is cut or padded to fit it."""
        built = self.site.build(options or {}, {**self.parameters, **(parameters or {})})
        y = built.forward(self.x if x is None else x, *self.inputs[1:])
        given = self.dy if dy is None else dy
        if given is None and y.dim():
            given = torch.ones_like(y)  # asked for from forward, before there is a dy: nobody reads the gradients
        dx = built.backward(None if given is None else fitted(given, y))
        return {"output": y, "dx": dx} | {f"d{name}": grad for name, grad in built.gradients().items()}


def fitted(value: Tensor, like: Tensor) -> Tensor:
    """Return `value` cut, or padded with zeros, to the shape of `like`, which has as many axes."""
    if value.shape == like.shape:
        return value
    kept = tuple(slice(min(pair)) for pair in zip(value.shape, like.shape, strict=True))
    out = torch.zeros_like(like)
    out[kept] = value[kept]
    return out


# What a fault makes of the honest value of its quantity. Out of place: the honest tensor may be the module's memory.
Change = Callable[[Tensor, Call], Tensor]


def unchanged(value: Tensor, _: Call) -> Tensor:
    return value


@dataclass(frozen=True)
class Mutant:
    """One planted fault.

    quantity  the quantity that is wrong: output, dx, d<parameter>; or contract
    cause     what is wrong with it, in the words of causes.py, for a diagnosis to be judged by
    change    what becomes of the quantity
    planted   the class that carries a fault of another kind: of accumulation, memory, refusal ...
    """

    id: str
    module: str
    quantity: str
    cause: str
    change: Change = unchanged
    planted: "type[Planted] | None" = None


class Planted:
    """The built module of a mutant; with `unchanged` it is the honest module, call by call."""

    def __init__(self, built: Built, site: Site, mutant: Mutant) -> None:
        assert isinstance(built, Stateful)
        self.built, self.site, self.mutant = built, site, mutant
        self.shown: Stateful = built
        self.call: Call | None = None
        self.first: torch.Size | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return replant, (self.mutant.id, self.site, self.built)

    def changed(self, quantity: str, value: Tensor, call: Call) -> Tensor:
        """Return the quantity as the fault leaves it; keep the honest one."""
        call.honest[quantity] = value.clone()
        return self.mutant.change(value, call) if self.mutant.quantity == quantity else value

    def forward(self, *inputs: Tensor) -> Tensor:
        """Call the honest forward; change its output."""
        y = self.built.forward(*inputs)
        before, self.first = self.call, self.first or inputs[0].shape
        number, previous = (before.number + 1, before.honest) if before else (0, {})
        state = {name: value.clone() for name, value in self.state_dict().items()}
        self.call = Call(self.site, state, inputs, y, self.first, number, previous)
        return self.changed("output", y, self.call)

    def backward(self, dy: Tensor | None) -> Tensor:
        """Call the honest backward; change dx and what is added to each gradient."""
        kept = {name: grad.clone() for name, grad in self.built.gradients().items()}
        self.built.zero_grad()
        try:
            dx = self.built.backward(dy)
            assert self.call is not None
            self.call.dy = dy
            for name, grad in self.built.gradients().items():
                grad.copy_(self.changed(f"d{name}", grad.clone(), self.call))
            return self.changed("dx", dx, self.call)
        finally:
            for name, grad in self.built.gradients().items():
                grad.copy_(self.accumulated(name, kept[name], grad))

    def accumulated(self, name: str, kept: Tensor, added: Tensor) -> Tensor:  # noqa: ARG002 - for those that override it
        """Return the gradient after `added` has come to `kept`."""
        return kept + added

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Return the live (value, gradient) pairs."""
        return self.shown.param()

    def state_dict(self) -> Mapping[str, Tensor]:
        """Return every parameter's value by name."""
        return self.shown.state_dict()

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values in `state`."""
        self.shown.load_state_dict(state)

    def gradients(self) -> Mapping[str, Tensor]:
        """Return the live gradients."""
        return self.built.gradients()

    def zero_grad(self) -> None:
        """Clear the gradients."""
        self.built.zero_grad()


def replant(identity: str, site: Site, built: Built) -> Planted:
    """Return a pickled mutant: its fault is looked up by its name."""
    from parity.trust.mutants import find  # the catalogue imports this file

    return plant(find(identity), built, site)


def plant(mutant: Mutant, built: Built, site: Site) -> Planted:
    """Plant the fault in a built module."""
    return (mutant.planted or Planted)(built, site, mutant)


@dataclass
class MutantSubject:
    """The subject that has one fault."""

    mutant: Mutant
    name: str = HOST
    explains: bool = True

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> Built:
        """Build the honest module and plant the fault in it."""
        forgiving = getattr(self.mutant.planted, "forgiving", None)
        try:
            built = host(module).build(module, options, parameters, device, dtype)
        except (TypeError, ValueError):
            if forgiving is None:
                raise
            return forgiving(module, device, dtype)  # type: ignore[no-any-return]  # looked up by name
        return plant(self.mutant, built, Site(module, options, device, dtype))
