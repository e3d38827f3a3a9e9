"""A rule: a module's forward and its pullback, written out; and a subject that is a table of rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from parity.subjects.contract import Unsupported

Options = Mapping[str, Any]
Tensors = Mapping[str, Tensor]
Pullback = Callable[..., tuple[Any, dict[str, Tensor]]]  # dys -> dx, or several, and a gradient for every parameter
Rule = Callable[..., tuple[Any, Pullback]]  # (options, parameters, *inputs) -> y, or several, and the pullback

# In which dtype a rule works, by the dtype it is asked for. A dtype that is not named stays as it is.
AS_STORED: Mapping[torch.dtype, torch.dtype] = {}
WIDENED = {torch.bfloat16: torch.float32, torch.float16: torch.float32}
DOUBLED = dict.fromkeys((torch.float32, torch.bfloat16, torch.float16), torch.float64)


class BuiltRule:
    """A rule with its parameters, in the adapter's terms; rounds to `dtype` what it gives out, and only that."""

    def __init__(self, rule: Rule, options: Options, parameters: Tensors, dtype: torch.dtype, within: torch.dtype):
        self.rule, self.options, self.dtype, self.within = rule, options, dtype, within
        self.parameters = {name: self.widened(value.clone()) for name, value in parameters.items()}
        self.accumulated = {name: torch.zeros_like(value) for name, value in parameters.items()}
        self.last: tuple[Any, Pullback] | None = None

    def widened(self, value: Any) -> Any:
        return value.to(self.within) if isinstance(value, Tensor) and value.is_floating_point() else value

    def narrowed(self, value: Any) -> Any:
        """Return what is given out, one tensor or several, in its dtype."""
        if isinstance(value, tuple):
            return tuple(map(self.narrowed, value))
        return value if value is None else value.detach().to(self.dtype, copy=True)

    def forward(self, *inputs: Any) -> Any:
        y, pullback = self.rule(self.options, self.parameters, *map(self.widened, inputs))
        self.last = y, pullback
        return self.narrowed(y)

    def backward(self, *cotangents: Any) -> Any:
        if self.last is None:
            raise RuntimeError("backward must follow a forward, but none was called")
        y, pullback = self.last
        dys = (torch.ones_like(y),) if cotangents == (None,) else map(self.widened, cotangents)
        dx, gradients = pullback(*dys)
        for name, gradient in gradients.items():
            self.accumulated[name] += gradient.to(self.dtype)
        return self.narrowed(dx)

    def gradients(self) -> Tensors:
        return self.accumulated

    def zero_grad(self) -> None:
        for gradient in self.accumulated.values():
            gradient.zero_()


@dataclass
class Alternative:
    """A library of rules, by the names of the catalogue; a network is put together from the same rules."""

    name: str
    rules: Mapping[str, Rule]
    within: Mapping[torch.dtype, torch.dtype]
    wraps_torch: bool = False  # whether it calls torch.nn's own kernels, which an audit for independence must see
    explains: bool = False

    def build(
        self, module: str, options: Options, parameters: Tensors, device: torch.device, dtype: torch.dtype
    ) -> BuiltRule:
        """Return the rule of `module` with its parameters; raise Unsupported for what the table does not hold."""
        within = self.within.get(dtype, dtype)
        if self.within is DOUBLED and within == dtype:
            raise Unsupported(f"{self.name} needs a dtype wider than {dtype}")
        rule = self.rule(module, options)
        placed = {name: value.to(device, dtype) for name, value in parameters.items()}
        return BuiltRule(rule, options, placed, dtype, within)

    def rule(self, module: str, options: Options) -> Rule:
        """Return the rule of `module`; of a network, once it is known that every layer has one."""
        if module == "Sequential":
            for name, of_layer in options["layers"]:
                self.rule(name, of_layer)
            return self.network
        if module not in self.rules:
            raise Unsupported(f"{self.name} has no {module}")
        return self.rules[module]

    def network(self, options: Options, parameters: Tensors, x: Tensor) -> tuple[Tensor, Pullback]:
        """Sequential: apply the layers in turn, and their pullbacks in the opposite order."""
        pullbacks, y = [], x
        for number, (module, of_layer) in enumerate(options["layers"]):
            prefix = f"{number}."
            own = {n.removeprefix(prefix): value for n, value in parameters.items() if n.startswith(prefix)}
            y, pullback = self.rule(module, of_layer)(of_layer, own, y)
            pullbacks.append((prefix, pullback))

        def back(dy: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            gradients: dict[str, Tensor] = {}
            for prefix, pullback in reversed(pullbacks):
                dy, own = pullback(dy)
                gradients |= {prefix + name: gradient for name, gradient in own.items()}
            return dy, gradients

        return y, back
