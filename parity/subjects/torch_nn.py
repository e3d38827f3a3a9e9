"""torch.nn itself as a subject: it must pass everywhere, which tests the harness and not torch."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import written
from parity.catalogue.optimisers import optimisers
from parity.catalogue.pairing import cotangent_names, inner_product
from parity.catalogue.signature import PLAIN, Signature, plainly, pulled_back
from parity.subjects.contract import Group, Unsupported


class BuiltReference:
    """A torch.nn module in the adapter's terms, differentiated by autograd."""

    def __init__(
        self, module: torch.nn.Module, signature: Signature = PLAIN, call: Callable[..., Any] = plainly
    ) -> None:
        self.module, self.signature, self.call = module, signature, call
        self.given: list[Tensor | None] = []
        self.leaves: list[Tensor] = []
        self.outputs: list[Tensor] = []

    def forward(self, *inputs: Tensor | None) -> Any:
        given = [value if value is None else value.detach() for value in inputs]
        self.given = given
        self.leaves = [value.requires_grad_() for _, value in self.signature.differentiated(given)]
        returned = self.call(self.module, *given)
        self.outputs = list(self.signature.named_outputs(returned).values())
        shown = tuple(value.detach() for value in self.outputs)
        return shown if len(shown) > 1 else shown[0]

    def backward(self, *cotangents: Tensor | None) -> Any:
        if not self.outputs:
            raise RuntimeError("backward must follow a forward, but none was called")
        leaves, parameters = self.leaves, list(self.module.parameters())
        gradients = pulled_back(self.outputs, [*leaves, *parameters], cotangents, again=True)
        for parameter, gradient in zip(parameters, gradients[len(leaves) :], strict=True):
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        returned = tuple(gradients[: len(leaves)])
        return returned if len(returned) > 1 else returned[0] if returned else None

    def second(self, cotangents: Sequence[Tensor | None], directions: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the gradients of the inner product of dx with the directions, by a second backward.

        Raises Unsupported for a function that says that it is differentiated once.
        """
        dys = [dy if dy is None else dy.detach().requires_grad_() for dy in cotangents]
        pairing = inner_product(pulled_back(self.outputs, self.leaves, dys, further=True), directions)
        if ONCE in nodes_below(pairing.grad_fn):
            raise Unsupported("a function of the module is marked once_differentiable")
        if not pairing.requires_grad:  # backward was no operation of torch
            return {}
        names = [quantity.removeprefix("d") for quantity, _ in self.signature.differentiated(self.given)]
        leaves = dict(zip(names, self.leaves, strict=True)) | dict(self.module.named_parameters())
        named_dys = zip(cotangent_names(self.signature), dys, strict=True)
        leaves |= {name: dy for name, dy in named_dys if dy is not None}
        return dict(zip(leaves, pulled_back([pairing], list(leaves.values()), [None], again=True), strict=True))

    def buffers(self) -> dict[str, Tensor]:
        return dict(self.module.named_buffers())

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        self.module.load_state_dict(dict(values), strict=False)

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self.module.load_state_dict(dict(state), strict=False)

    def train(self, mode: bool = True) -> None:
        self.module.train(mode)

    def gradients(self) -> dict[str, Tensor]:
        named = self.module.named_parameters()
        return {name: torch.zeros_like(value) if value.grad is None else value.grad for name, value in named}

    def zero_grad(self) -> None:
        self.module.zero_grad()


ONCE = "torch::autograd::Error"  # the name of the node that torch puts where a function is marked once_differentiable


def nodes_below(root: Any) -> set[str]:
    """Return the names of the nodes of a graph of autograd."""
    seen, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [below for below, _ in node.next_functions]
    return {node.name() for node in seen}


class BuiltTorchOptimiser:
    """An optimiser of torch.optim in the adapter's terms, one tensor after the other or several at once."""

    def __init__(self, name: str, groups: Sequence[Group], foreach: bool = False) -> None:
        self.name, self.given, self.foreach = name, groups, foreach
        made: list[dict[str, Any]] = []
        for pairs, options in groups:
            parameters = [torch.nn.Parameter(value) for value, _ in pairs]
            for parameter, (_, grad) in zip(parameters, pairs, strict=True):
                parameter.grad = grad
            made.append({"params": parameters, **options})
        make: Callable[..., torch.optim.Optimizer] = optimisers()[name].reference
        self.optimiser = make(made, **groups[0][1], foreach=foreach)

    def step(self) -> None:
        self.optimiser.step()

    def rates(self, rates: Sequence[float]) -> None:
        for group, rate in zip(self.optimiser.param_groups, rates, strict=True):
            group["lr"] = rate

    def states(self) -> list[dict[str, Tensor]]:
        parameters = [parameter for group in self.optimiser.param_groups for parameter in group["params"]]
        kept = [self.optimiser.state[parameter] for parameter in parameters]
        return [{name: value for name, value in own.items() if isinstance(value, Tensor)} for own in kept]

    def resumed(self) -> "BuiltTorchOptimiser":
        again = BuiltTorchOptimiser(self.name, self.given, self.foreach)
        again.optimiser.load_state_dict(copy.deepcopy(self.optimiser.state_dict()))
        return again


class TorchSubject:
    """Builds the reference of every page."""

    name = "torch_nn"
    optimisers = tuple(optimisers())
    wraps_torch = True  # there is nothing to audit: it calls the reference
    differentiates_twice = True
    explains = False

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltReference:
        if module not in written():
            raise Unsupported(f"the catalogue has no {module}")
        built = written()[module].reference(**options).to(device, dtype)
        if parameters:
            built.load_state_dict(dict(parameters), strict=not any(True for _ in built.buffers()))
        return BuiltReference(built, written()[module].signature, written()[module].call)

    def optimiser(self, optimiser: str, groups: Sequence[Group]) -> BuiltTorchOptimiser:
        return BuiltTorchOptimiser(optimiser, groups)


subject = TorchSubject()
