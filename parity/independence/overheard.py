"""A subject whose every call is marked and listened to, whatever a check does with it."""

import copy
import pickle
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from parity.subjects.contract import Built, Stateful, Subject, TwiceDifferentiable
from parity.verdict.cell import Cell
from parity.verdict.trial import Judged, Trial

Run = Callable[[Trial], Iterable[Judged]]
Hear = Callable[[str], AbstractContextManager[object]]  # of a call of the subject: build, forward ...
HEARERS: dict[int, Hear] = {}  # of modules that are unpickled here


class Overheard:
    """The subject, each of its calls within `hear`."""

    def __init__(self, subject: Subject, hear: Hear) -> None:
        self.subject, self.hear = subject, hear
        self.name, self.explains = subject.name, subject.explains

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> "OverheardModule":
        with self.hear("build"):
            built = self.subject.build(module, options, parameters, device, dtype)
        return around(built, self.hear)


def around(built: Built, hear: Hear) -> "OverheardModule":
    shows = isinstance(built, Stateful), isinstance(built, TwiceDifferentiable)
    return OVERHEARD[shows](built, hear)


class OverheardModule:
    """A module of the subject, each of its calls within `hear`; what else it shows passes as it is."""

    def __init__(self, built: Any, hear: Hear) -> None:
        self.built, self.hear = built, hear

    def call(self, phase: str, *arguments: Any) -> Any:
        with self.hear(phase):
            return getattr(self.built, phase)(*arguments)

    def forward(self, *inputs: Any) -> Any:
        return self.call("forward", *inputs)

    def backward(self, *cotangents: Any) -> Any:
        return self.call("backward", *cotangents)

    def gradients(self) -> Any:
        return self.call("gradients")

    def zero_grad(self) -> None:
        self.call("zero_grad")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "built":
            raise AttributeError(name)
        return getattr(self.built, name)

    def __deepcopy__(self, memo: object) -> "OverheardModule":
        with self.hear("deepcopy"):
            return around(copy.deepcopy(self.built), self.hear)

    def __reduce__(self) -> tuple[Any, ...]:
        HEARERS[id(self.hear)] = self.hear
        with self.hear("pickle"):
            return unpickled, (pickle.dumps(self.built), id(self.hear))


class OverheardState(OverheardModule):
    """The same for a module that shows its state."""

    def param(self) -> Any:
        return self.call("param")

    def state_dict(self) -> Any:
        return self.call("state_dict")

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self.call("load_state_dict", state)


class OverheardTwice(OverheardModule):
    """The same for a module whose gradients can be differentiated."""

    def second(self, *arguments: Any) -> Any:
        return self.call("second", *arguments)


class OverheardStateTwice(OverheardState, OverheardTwice):
    """The same for one that has both."""


OVERHEARD = {  # by what a module shows: its state, second derivatives
    (False, False): OverheardModule,
    (True, False): OverheardState,
    (False, True): OverheardTwice,
    (True, True): OverheardStateTwice,
}


def unpickled(content: bytes, hearer: int) -> OverheardModule:
    hear = HEARERS[hearer]
    with hear("unpickle"):
        return around(pickle.loads(content), hear)


class Unjudged(Trial):
    """A trial that makes its calls and judges nothing: neither truth nor gauge is needed."""

    judges = False

    def at(self, cell: Cell) -> Trial:
        return Unjudged(cell, self.subject)

    def judge(self, got: Mapping[str, object]) -> list[Judged]:
        if error := getattr(got, "error", None):
            raise error  # the calls did not come to their end
        return []
