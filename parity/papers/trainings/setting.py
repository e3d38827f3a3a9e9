"""One training of a paper, as data: what is kept of it is looked up by the key of all its numbers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from parity.catalogue.sequential import CONVOLUTIONAL, Named, convolution, dense


@dataclass(frozen=True)
class Setting:
    """Everything that decides a training but its side and its seed."""

    name: str
    paper: str
    layers: tuple[Named, ...]
    epochs: int
    batch: int
    lr: float
    momentum: float = 0.0
    data: str = "disk"  # or photographs
    examples: int = 1000
    tests: int = 1000
    standardised: bool = False  # inputs less their mean over the training points, by their deviation
    loss: str = "MSELoss"
    initial: tuple[str, ...] = ()  # one a layer with weights, biases zero; empty: torch's default for both
    schedule: str = "Constant"
    decay: Mapping[str, Any] = field(default_factory=dict)
    patience: int = 0  # 0: no early stopping

    @property
    def one_hot(self) -> bool:
        """Whether the target of a class is a row of numbers."""
        return self.data == "disk" and self.loss != "CrossEntropyLoss"

    def changed(self, **changes: Any) -> "Setting":
        return replace(self, **changes)

    def key(self, *more: object) -> str:
        """Return a short name for these numbers and `more`: another number, another key."""
        held = json.dumps([asdict(self), *map(str, more)], sort_keys=True)
        return hashlib.sha256(held.encode()).hexdigest()[:16]


def classifier(activation: str, final: tuple[Named, ...] = ()) -> tuple[Named, ...]:
    """Return the network of papers 000 to 003, with `final` behind it."""
    layers: tuple[Named, ...] = dense(activation)["layers"]
    return layers + final


def denoiser(first: int, second: int) -> tuple[Named, ...]:
    """Return the network of paper 004 with these widths after its two convolutions."""
    ends = (
        convolution(3, first, stride=2),
        convolution(first, second, stride=2),
        convolution(second, first) | {"scale_factor": 2},
        convolution(first, 3) | {"scale_factor": 2},
    )
    options = iter(ends)
    return tuple((name, next(options) if shape else {}) for name, shape in CONVOLUTIONAL)
