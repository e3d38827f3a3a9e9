"""One call of a module in which a fault may be planted, and the module that is honest beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import operators, pages
from parity.catalogue.page import Page
from parity.catalogue.signature import Signature
from parity.diagnosis.symptom import fitted
from parity.subjects import load
from parity.subjects.composed import build
from parity.subjects.contract import Buffered, Built, Modal, Subject
from parity.verdict.draw import Tensors

HOST_OF_ADDED = "torch_nn"  # the same of the pages that a user added, which no library of the suite has
HOST = "framework"  # the subject that the faults are planted in: its own cells all pass
HOST_OF_OPERATORS = "tape"  # the same for the operators, which the layers have no use for


def hosted() -> dict[str, Page]:
    """Return the page of everything that faults are planted in: the modules, and after them the operators."""
    return pages() | operators()


def host(module: str = "") -> Subject:
    """Return the subject that the faults of a module, or of an operator, are planted in."""
    if module in pages() and pages()[module].source:
        return load(HOST_OF_ADDED)
    return load(HOST_OF_OPERATORS if module in operators() else HOST)


@dataclass(frozen=True)
class Site:
    """What a module was built from, so that it can be built again with other options."""

    module: str
    options: Mapping[str, Any]
    device: torch.device
    dtype: torch.dtype
    training: bool = True

    def build(self, options: Mapping[str, Any], parameters: Tensors) -> Built:
        """Build the honest module with other options."""
        return build(host(self.module), self.module, {**self.options, **options}, parameters, self.device, self.dtype)


@dataclass
class Call:
    """One forward and its backward, as a fault sees them.

    outputs are the honest ones, given copies of the inputs; previous holds the honest quantities of the call before;
    first is the first batch's shape; kept is what the module kept before the call, random the state of the generator.
    """

    site: Site
    parameters: Tensors
    inputs: tuple[Any, ...]
    outputs: Tensors
    first: torch.Size
    number: int
    previous: Tensors
    kept: Tensors
    random: Tensor
    given: tuple[Any, ...]
    dys: tuple[Any, ...] = (None,)
    honest: Tensors = field(default_factory=dict)

    @property
    def signature(self) -> Signature:
        return hosted()[self.site.module].signature

    @property
    def x(self) -> Tensor:
        """The input, or a loss's prediction p."""
        x: Tensor = self.inputs[0]
        return x

    @property
    def y(self) -> Tensor:
        """The honest output; of several the first."""
        return next(iter(self.outputs.values()))

    @property
    def dy(self) -> Tensor | None:
        """The cotangent of y; None before there is one."""
        dy: Tensor | None = self.dys[0]
        return dy

    @property
    def t(self) -> Tensor:
        """A loss's target."""
        t: Tensor = self.inputs[1]
        return t

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
        inputs: Sequence[Any] | None = None,
        dys: Sequence[Any] | None = None,
        kept: Tensors | None = None,
        mode: bool | None = None,
    ) -> Tensors:
        """Return the quantities of an honest module in which something is different; dy is cut or padded to fit it.

        What it draws is the same.
        """
        built = self.site.build(options or {}, {**self.parameters, **(parameters or {})})
        if isinstance(built, Modal):
            built.train(self.site.training if mode is None else mode)
        if isinstance(built, Buffered) and self.kept:
            built.load_buffers(self.kept | (kept or {}))
        first, *rest = self.given if inputs is None else inputs
        given = (first if x is None else x, *rest)
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self.random)
            outputs = self.signature.named_outputs(built.forward(*given))
        before, *others = self.dys if dys is None else dys
        asked = [before if dy is None else dy, *others]
        if all(one is None for one in asked) and self.y.dim():
            asked = list(map(torch.ones_like, outputs.values()))  # from forward: nobody reads the gradients yet
        fitting = [
            None if one is None else fitted(one, y.shape) for one, y in zip(asked, outputs.values(), strict=True)
        ]
        returned = self.signature.named_gradients(given, built.backward(*fitting))
        after = built.buffers() if isinstance(built, Buffered) else {}
        return outputs | returned | {f"d{name}": grad for name, grad in built.gradients().items()} | dict(after)
