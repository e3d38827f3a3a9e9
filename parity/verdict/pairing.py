"""A subject's module as the pairing of its gradients with directions: its backward is the module's second."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Page
from parity.catalogue.pairing import PREFIX, paired_signature, parted
from parity.subjects.contract import Built, TwiceDifferentiable, Unsupported


def twice(built: Built, cotangents: Sequence[Any], directions: Sequence[Any]) -> dict[str, Any]:
    """Return what the second of a module gives, but for what is None; raise Unsupported if it has none.

    Raises TypeError unless it is a mapping.
    """
    if not isinstance(built, TwiceDifferentiable):
        raise Unsupported("the module is not differentiated twice")
    found = built.second(cotangents, directions)
    if not isinstance(found, Mapping):
        raise TypeError(f"second must return a mapping, returned {type(found).__name__}")
    return {name: value for name, value in found.items() if value is not None}


class Pairing:
    """What the page of second derivatives is asked of (parity/catalogue/pairing.py)."""

    def __init__(self, built: Built, page: Page, parameters: Mapping[str, Tensor]) -> None:
        self.built, self.page, self.parameters = built, page, parameters
        self.given: tuple[Any, ...] = ()
        self.found: Mapping[str, Any] = {}

    def forward(self, *inputs: Any) -> None:
        """Call the module; the number that the pairing is, nobody asks for."""
        self.given = inputs
        own, _, _ = parted(self.page.signature, inputs)
        self.built.forward(*own)

    def backward(self, *_: Any) -> Any:
        """Return the second derivatives by the inputs and the cotangents."""
        _given, cotangents, directions = parted(self.page.signature, self.given)
        self.found = twice(self.built, cotangents, directions)
        wanted = paired_signature(self.page.signature).differentiated(self.given)
        values = tuple(self.by(quantity.removeprefix(PREFIX), like) for quantity, like in wanted)
        return values if len(values) > 1 else values[0]

    def by(self, name: str, like: Tensor) -> Any:
        """Return the second derivative by something, zeros where there is none."""
        return self.found[name] if name in self.found else torch.zeros_like(like)

    def gradients(self) -> dict[str, Any]:
        """Return the second derivatives by the parameters."""
        return {name: self.by(name, value) for name, value in self.parameters.items()}

    def zero_grad(self) -> None:
        """Nothing is accumulated."""
