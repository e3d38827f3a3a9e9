"""The two sides of a training step: clear the gradients, forward, loss, backward, one step of stochastic gradient
descent. The whole step is timed, clearing included, in each library's own way. The input takes a gradient on both
sides, so that both do the same work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.catalogue.page import Case
from parity.catalogue.sequential import CONVOLUTIONAL, dense
from parity.subjects.contract import Built, Stateful, Steps, Subject, Trains, TrainsWhole, Unsupported
from parity.verdict.cell import Cell
from perf.method.work import Side, Work
from perf.sides.modules import REFERENCE, Given, Kept, kept

RATE = 1e-4  # small: a row takes thousands of steps on one batch, and values must stay of one size


@dataclass(frozen=True)
class TimedNetwork:
    """A network and its loss, and the batch that it is trained on."""

    name: str
    x: tuple[int, ...]
    options: Mapping[str, Any]
    loss: str
    target: str

    def cells(self, device: str, seed: int) -> tuple[Cell, Cell]:
        """Return the network as a cell, and its loss as another."""
        case = Case(f"step-{self.name}", self.x, self.options)
        with torch.no_grad():
            output = pages()["Sequential"].reference(**self.options)(torch.zeros(self.x)).shape
        loss = Case(f"step-{self.name}", tuple(output), {}, self.target)
        return Cell(pages()["Sequential"], case, device=device, seed=seed), Cell(
            pages()[self.loss], loss, device=device, seed=seed
        )


NETWORKS = {
    network.name: network
    for network in (
        TimedNetwork("dense-mse", (100, 2), dense("ReLU"), "MSELoss", "like"),
        TimedNetwork("dense-cross-entropy", (100, 2), dense("ReLU"), "CrossEntropyLoss", "classes"),
        TimedNetwork("convolutional", (100, 3, 32, 32), {"layers": CONVOLUTIONAL}, "MSELoss", "like"),
    )
}


def reference_side(network: Given, loss: Given) -> Side:
    """Return torch's step: torch.nn, autograd, torch.optim.SGD as it comes."""

    def make() -> Work:
        module, criterion = network.reference(), loss.reference()
        (x,), (_, target) = network.inputs(), loss.inputs()
        x.requires_grad_()

        def steps(rate: float) -> Callable[[], None]:
            optimiser = torch.optim.SGD(module.parameters(), lr=rate)

            def step() -> None:
                optimiser.zero_grad()
                x.grad = None
                criterion(module(x), target).backward()
                optimiser.step()

            return step

        return Work(steps(RATE), after(steps(1.0), lambda: dict(module.named_parameters())))

    return Side(REFERENCE, make)


def subject_side(network: Given, loss: Given, subject: Subject) -> Side:
    """Return the subject's step; raise Unsupported where it shows no optimiser or no live parameters."""
    if not isinstance(subject, Trains):
        raise Unsupported(f"{subject.name} shows no optimiser: its adapter has no sgd")

    def make() -> Work:
        built, criterion = network.built(subject), loss.built(subject)
        if not isinstance(built, Stateful):
            raise Unsupported(f"{subject.name} shows no live parameters: what it builds has no param")
        (x,), (_, target) = network.inputs(), loss.inputs()

        def steps(rate: float) -> Callable[[], object]:
            if isinstance(subject, TrainsWhole):
                return partial(subject.training_step(built, criterion, rate), x, target)
            return step_of(built, criterion, subject.sgd(built.param(), rate), x, target)

        return Work(steps(RATE), after(steps(1.0), built.state_dict), saved=both(kept(built), kept(criterion)))

    return Side(subject.name, make)


def step_of(built: Built, criterion: Built, optimiser: Steps, x: Tensor, target: Tensor) -> Callable[[], None]:
    def step() -> None:
        built.zero_grad()
        criterion.forward(built.forward(x), target)
        built.backward(criterion.backward(None))
        optimiser.step()

    return step


Values = Callable[[], Mapping[str, Tensor]]


def after(step: Callable[[], object], values: Values) -> Values:
    """Return how to take one step, at a rate at which gradients count, and read the parameters after it."""

    def outcome() -> dict[str, Tensor]:
        step()
        return {name: value.detach().clone() for name, value in values().items()}

    return outcome


def both(first: Kept, second: Kept) -> Kept:
    """Return how to read what two modules keep; None where either does not show it."""
    return None if first is None or second is None else lambda: first() + second()
