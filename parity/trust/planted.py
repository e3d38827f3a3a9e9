"""A module of the subject with one fault planted in it: honest but for what the fault changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.pairing import PREFIX
from parity.subjects.composed import build
from parity.subjects.contract import Buffered, Built, Modal, Stateful
from parity.trust.call import HOST as HOST
from parity.trust.call import Call as Call
from parity.trust.call import Site as Site
from parity.trust.call import host as host
from parity.trust.call import hosted as hosted
from parity.verdict.draw import Tensors
from parity.verdict.pairing import twice

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
        self.after = self.held()

    def __reduce__(self) -> tuple[Any, ...]:
        return replant, (self.mutant.id, self.site, self.built)

    def changed(self, quantity: str, value: Tensor, call: Call) -> Tensor:
        """Return the quantity as the fault leaves it; keep the honest one."""
        call.honest[quantity] = value.clone()
        return self.mutant.change(value, call) if self.mutant.quantity == quantity else value

    def forward(self, *inputs: Any) -> Any:
        """Call the honest forward; change its outputs, and what it keeps."""
        kept = {name: value.clone() for name, value in self.held().items()}
        random = torch.get_rng_state()
        returned = self.built.forward(*inputs)
        before, self.first = self.call, self.first or inputs[0].shape
        number, previous = (before.number + 1, before.honest) if before else (0, {})
        state = {name: value.clone() for name, value in self.state_dict().items() if name not in kept}
        outputs = hosted()[self.site.module].signature.named_outputs(returned)
        given = tuple(value.clone() if isinstance(value, Tensor) else value for value in inputs)
        call = self.call = Call(self.site, state, inputs, outputs, self.first, number, previous, kept, random, given)
        self.after = {name: self.changed(name, value, call) for name, value in self.held().items()}
        changed = tuple(self.changed(name, value, call) for name, value in outputs.items())
        return changed if len(changed) > 1 else changed[0]

    def held(self) -> Tensors:
        """Return what the honest module keeps beside its parameters."""
        return dict(self.built.buffers()) if isinstance(self.built, Buffered) else {}

    def buffers(self) -> Tensors:
        """Return the same, as the fault leaves it after a forward."""
        return self.after

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        """Take over the values in `values`."""
        assert isinstance(self.built, Buffered)
        self.built.load_buffers(values)
        self.after = self.held()

    def train(self, mode: bool = True) -> None:
        """Switch the honest module."""
        self.site = replace(self.site, training=mode)
        if isinstance(self.built, Modal):
            self.built.train(mode)

    def backward(self, *cotangents: Any) -> Any:
        """Call the honest backward; change dx and what is added to each gradient."""
        kept = {name: grad.clone() for name, grad in self.built.gradients().items()}
        self.built.zero_grad()
        try:
            returned = self.built.backward(*cotangents)
            assert self.call is not None
            self.call.dys = cotangents
            for name, grad in self.built.gradients().items():
                grad.copy_(self.changed(f"d{name}", grad.clone(), self.call))
            named = self.call.signature.named_gradients(self.call.inputs, returned)
            changed = tuple(self.changed(name, value, self.call) for name, value in named.items())
            return changed if len(changed) > 1 else changed[0] if changed else None
        finally:
            for name, grad in self.built.gradients().items():
                grad.copy_(self.accumulated(name, kept[name], grad))

    def second(self, cotangents: Sequence[Any], directions: Sequence[Any]) -> Tensors:
        """Call the honest second; change what it returns."""
        assert self.call is not None
        self.call.dys = tuple(cotangents)
        found = twice(self.built, cotangents, directions).items()
        return {name: self.changed(f"{PREFIX}{name}", value, self.call) for name, value in found}

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
            built = build(host(module), module, options, parameters, device, dtype)
        except (TypeError, ValueError):
            if forgiving is None:
                raise
            return forgiving(module, device, dtype)  # type: ignore[no-any-return]  # looked up by name
        return plant(self.mutant, built, Site(module, options, device, dtype))
