"""`framework` with twelve faults, each in a rare place: options that must meet, or shapes that are alike by chance."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from parity.subjects.framework import BuiltModule, FrameworkSubject

FACTOR = 1.25  # by which a quantity is wrong

Options = Mapping[str, Any]
Shape = tuple[int, ...]


def most(value: Any) -> int:
    """Return the largest of one extent or several; 0 of a padding in words."""
    return 0 if isinstance(value, str) else max(value) if isinstance(value, tuple) else int(value)


class RareFault(NamedTuple):
    """A quantity of a module that is wrong where its options and the shape of its input say so."""

    module: str
    quantity: str
    where: Callable[[Options, Shape], bool]


FAULTS = (
    RareFault(
        "Conv2d",
        "dx",
        lambda o, _: most(o.get("stride", 1)) > 1 < most(o.get("dilation", 1)) and most(o.get("padding", 0)) > 1,
    ),
    RareFault("Conv2d", "dweight", lambda o, _: o.get("groups", 1) > 1 and o["in_channels"] > 8),
    RareFault(
        "ConvTranspose2d",
        "output",
        lambda o, _: (
            most(o.get("output_padding", 0)) > 0 and most(o.get("dilation", 1)) > 1 and not o.get("bias", True)
        ),
    ),
    RareFault("Linear", "dbias", lambda o, x: o["out_features"] == 1 and len(x) > 2),
    RareFault("Softmax", "dx", lambda o, x: len(x) == 4 and (o.get("dim") or 0) < 0),
    RareFault("LeakyReLU", "dx", lambda o, x: 0 < o.get("negative_slope", 0.01) < 1 and x[0] == 1),
    RareFault("LayerNorm", "dweight", lambda _, x: len(x) == 2 and x[0] == x[1]),
    RareFault("MaxPool2d", "dx", lambda o, _: o.get("ceil_mode", False) and most(o.get("padding", 0)) > 0),
    RareFault(
        "AvgPool2d",
        "output",
        lambda o, _: (
            not o.get("count_include_pad", True) and o.get("ceil_mode", False) and most(o.get("padding", 0)) > 0
        ),
    ),
    RareFault("BatchNorm2d", "dx", lambda o, x: x[0] == 1 and o.get("momentum", 0.1) is None),
    RareFault("Embedding", "dweight", lambda o, x: o.get("padding_idx") == 0 and len(x) == 1),
    RareFault(
        "CrossEntropyLoss",
        "dx",
        lambda o, _: o.get("weight") is not None and o.get("label_smoothing", 0) > 0 and o.get("reduction") == "sum",
    ),
)
MODULES = tuple(dict.fromkeys(fault.module for fault in FAULTS))


class Wrong(BuiltModule):
    """A module of the framework that is wrong in its rare places."""

    def __init__(self, built: BuiltModule, faults: list[RareFault], options: Options) -> None:
        super().__init__(built.module)
        self.honest, self.faults, self.options = built, faults, options
        self.forward = self.called

    def changed(self, quantity: str, value: Tensor) -> Tensor:
        here = [one for one in self.faults if one.quantity == quantity and one.where(self.options, self.shape)]
        return value * FACTOR if here else value

    def called(self, *inputs: Any) -> Tensor:
        self.shape = tuple(inputs[0].shape)
        return self.changed("output", self.honest.forward(*inputs))

    def backward(self, *cotangents: Any) -> Any:
        found = self.honest.backward(*cotangents)
        return self.changed("dx", found) if isinstance(found, Tensor) else found

    def gradients(self) -> dict[str, Tensor]:
        return {name: self.changed(f"d{name}", value) for name, value in self.honest.gradients().items()}


class RareSubject(FrameworkSubject):
    """Builds what has a fault somewhere."""

    name = "rare"
    of_papers = False
    optimisers = ()
    offers = MODULES

    def build(
        self, module: str, options: Options, parameters: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype
    ) -> BuiltModule:
        built = super().build(module, options, parameters, device, dtype)
        faults = [one for one in FAULTS if one.module == module]
        return Wrong(built, faults, options) if faults else built


subject = RareSubject()
