"""Forms: the same quantity by another formula, as people write it, so that one step of theirs may be otherwise.

torch's own way to a number is one of several: -t / p + (1 - t) / (1 - p) is (p - t) / (p (1 - p)), and a sign that is
wrong in one of two terms is no slip in the quotient. A form belongs to a quantity where it gives the truth; no module
is known by its name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.constants import built_in
from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.symptom import Symptom
from parity.verdict.draw import Tensors


@dataclass(frozen=True)
class Known:
    """What a formula is made of, in float64.

    inputs   what forward was given; classes as whole numbers
    dy       the cotangent; 1 of a loss that is one number
    y        what forward should give
    options  those of the case, and torch's own
    """

    inputs: Sequence[Tensor]
    dy: Tensor
    y: Tensor
    options: Mapping[str, Any]
    parameters: Tensors

    @classmethod
    def of(cls, symptom: Symptom, options: Mapping[str, Any]) -> "Known":
        drawn, truth = symptom.drawn, symptom.trial.evidence.truth
        given = [
            value if not value.is_floating_point() else value.double() for value in drawn.inputs if value is not None
        ]
        dy = torch.ones((), dtype=torch.float64) if drawn.dy is None else drawn.dy.double()
        parameters = {name: value.double() for name, value in drawn.parameters.items()}
        of_case = built_in(dict(options), torch.float64)
        return cls(given, dy, truth[symptom.trial.signature.output], of_case, parameters)

    @property
    def x(self) -> Tensor:
        return self.inputs[0]

    @property
    def t(self) -> Tensor:
        return self.inputs[1]

    @cached_property
    def names(self) -> dict[str, Tensor]:
        """The tensors that a form may read, beside its inputs, by name."""
        tensors = {name: value for name, value in self.options.items() if isinstance(value, Tensor)}
        return {"dy": self.dy, "y": self.y} | dict(self.parameters) | tensors

    def number(self, name: str, plain: float | None = None) -> float:
        """Return an option that is a number, or `plain` where there is none; raise KeyError where neither is known."""
        return float(self.options[name] if plain is None else self.options.get(name, plain))

    def along(self, value: Tensor, axis: int) -> Tensor:
        """Return one number for every channel, to be multiplied with x."""
        return value if value.numel() == 1 else value.view(-1, *[1] * (self.x.dim() - 1 - axis))

    def reduced(self, each: Tensor) -> Tensor:
        """Return losses as the module reduces them."""
        kind = self.options.get("reduction", "mean")
        if kind == "batchmean":
            return each.sum() / len(self.x)
        return each.mean() if kind == "mean" else each.sum() if kind == "sum" else each

    def spread(self, slope: Tensor, count: int = 0) -> Tensor:
        """Return what slopes of losses give as a gradient; `count` of losses, if not one each."""
        kind = self.options.get("reduction", "mean")
        number = len(self.x) if kind == "batchmean" else count or slope.numel()
        dy = self.dy.unsqueeze(-1) if 0 < self.dy.dim() < slope.dim() else self.dy
        return slope * dy / number if kind in ("mean", "batchmean") else slope * dy


Function = Callable[[Known], Tensor]
OUTPUT = "output"


@dataclass(frozen=True)
class Form:
    """A formula of an output, or of the gradient of the input in a place; `name` says of which loss, if of one."""

    of: str | int
    function: Function
    name: str = ""

    def value(self, known: Known) -> Tensor | None:
        """Return what it gives; None where it is not for such inputs and options."""
        try:
            value = self.function(known)
        except (RuntimeError, ValueError, TypeError, LookupError, AttributeError):
            return None
        return value if value.dtype == torch.float64 else None


def place_of(symptom: Symptom) -> str | int | None:
    """Return of which quantity forms are asked for; None where there is none."""
    signature = symptom.trial.signature
    if symptom.quantity == signature.output:
        return OUTPUT
    names = [f"{signature.prefix}{entry.name}" for entry in signature.inputs]
    return names.index(symptom.quantity) if symptom.quantity in names else symptom.quantity


def forms_of(symptom: Symptom, known: Known, every: Sequence[Form]) -> list[Form]:
    """Return the forms that give the truth of a symptom's quantity."""
    place = place_of(symptom)
    found = ((form, form.value(known)) for form in every if form.of == place)
    return [form for form, value in found if value is not None and is_that_of(symptom, value, symptom.quantity)]
