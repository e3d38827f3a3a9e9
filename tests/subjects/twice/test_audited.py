"""The audit listens to second derivatives as to all else that is asked of a library."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from parity.run.auditing import audited_alone
from parity.subjects import load

ADAPTER = Path(__file__).with_name("adapter.py")


class Asking:
    """A module of the library whose second derivative asks torch for one of its layers, and is right."""

    def __init__(self, built: Any) -> None:
        self.built = built

    def forward(self, *inputs: Any) -> Any:
        return self.built.forward(*inputs)

    def backward(self, *cotangents: Any) -> Any:
        return self.built.backward(*cotangents)

    def gradients(self) -> Any:
        return self.built.gradients()

    def zero_grad(self) -> None:
        self.built.zero_grad()

    def second(self, cotangents: Any, directions: Any) -> Mapping[str, Any]:
        torch.nn.functional.linear(torch.ones(2, 2), torch.ones(2, 2))
        found: Mapping[str, Any] = self.built.second(cotangents, directions)
        return found


class AsksInSecond:
    """The library with such modules."""

    def __init__(self) -> None:
        self.library = load(str(ADAPTER))
        self.name, self.differentiates_twice = "asks in second", True

    def __getattr__(self, name: str) -> Any:
        if name == "library":
            raise AttributeError(name)
        return getattr(self.library, name)

    def build(self, *asked: Any) -> Asking:
        return Asking(self.library.build(*asked))


def test_a_library_that_differentiates_twice_is_audited_in_that_too() -> None:
    found = audited_alone(load(str(ADAPTER)), "Tanh")
    assert (found.verdict, found.unaudited) == ("independent", "")


def test_a_second_derivative_that_asks_torch_is_void() -> None:
    found = audited_alone(AsksInSecond(), "Tanh")  # type: ignore[arg-type]
    assert found.verdict == "void"
    assert found.findings[0].startswith("aten::linear is the linear layer itself")
    assert ": second, " in found.findings[0]
    assert "test_audited.py:" in found.findings[0]
