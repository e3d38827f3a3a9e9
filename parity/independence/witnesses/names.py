"""The modes of torch as a witness that keeps nothing but names: for calls of more operations than a profile can keep.

It sees the thread of the call alone: functions as Python calls them, and what they dispatch.
"""

import sys
from typing import Any

from torch.overrides import TorchFunctionMode

from parity.independence import rules
from parity.independence.witnesses.boundary import asked_by
from parity.independence.witnesses.interpreter import place
from parity.mode import Mode


class Called(TorchFunctionMode):
    """Note every function of torch that is called and that is an operator which a subject may not use."""

    def __init__(self, phase: str, found: set[str]) -> None:
        super().__init__()
        self.phase, self.found = phase, found

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if fault := rules.fault(f"aten::{getattr(func, '__name__', '')}"):
            self.found.add(f"{fault}: {self.phase}, {place(asked_by(sys._getframe(1)))}")
        return func(*args, **(kwargs or {}))


class Dispatched(Mode):
    """The same for what is dispatched, unless the function above it was noted."""

    def __init__(self, phase: str, found: set[str]) -> None:
        super().__init__()
        self.phase, self.found = phase, found

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not self.found and (fault := rules.fault(func.name())):
            self.found.add(f"{fault}: {self.phase}, {place(asked_by(sys._getframe(1)))}")
        return func(*args, **(kwargs or {}))
