"""The reference of an operator: a method of torch.Tensor."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page, Refusal, Shape


class Method(torch.nn.Module):
    """y = x.method(other, *arguments, **keywords); other is a parameter, and left out if it has no shape."""

    def __init__(
        self,
        method: str,
        other: Shape | None = None,
        arguments: Sequence[Any] = (),
        keywords: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.method, self.arguments, self.keywords = method, arguments, dict(keywords or {})
        self.register_parameter("other", None if other is None else torch.nn.Parameter(torch.ones(other)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the method's result."""
        operands = () if self.other is None else (self.other,)
        y: Tensor = getattr(x, self.method)(*operands, *self.arguments, **self.keywords)
        return y


REFUSALS = (
    Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
    Refusal("not a tensor", "x", x=lambda x: x.tolist()),
)


def case(
    name: str,
    method: str,
    x: Shape,
    *arguments: Any,
    other: Shape | None = None,
    regime: str = "normal",
    widely: bool = False,
    **keywords: Any,
) -> Case:
    """Return the case of one call of a method."""
    options = {"method": method, "other": other, "arguments": arguments, "keywords": keywords}
    return Case(name, x=x, options=options, regime=regime, widely=widely)


def page(*cases: Case, multilinear: bool = False, refused: bool = True) -> Page:
    """Return the page of the method that all the cases call."""
    module = f"Tensor.{cases[0].options['method']}"
    return Page(module, Method, cases, REFUSALS if refused else (), multilinear=multilinear)
