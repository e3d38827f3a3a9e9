"""A module of a subject in training: a batch, a loss, backward, and a step of plain gradient descent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.taken import answered_by_torch
from parity.contract.training.losses import LOSSES
from parity.subjects.contract import Built, Settable, Stateful
from parity.verdict import arithmetic
from parity.verdict.compare import compare
from parity.verdict.draw import Draw, Tensors, each_tensor, inputs, rounded, seeded
from parity.verdict.gauge import Gauge
from parity.verdict.reading import Reading, buffers, gradients
from parity.verdict.reference import all_placed, placed
from parity.verdict.trial import Judged, Trial

RATE = 2.0**-3  # a power of two: a gradient times it is not rounded
BATCHES = 4  # each comes again and again, as the very same tensors, when the parameters are others


@dataclass(frozen=True)
class TrainingBatch:
    """Inputs as they were drawn, the same as the subject is given them, and the target in float64."""

    drawn: tuple[Any, ...]
    given: tuple[Any, ...]
    target: Tensor


@dataclass(frozen=True)
class TrainingStep:
    """What a step began with, and every quantity of it: outputs, gradients, buffers, and the parameters after it."""

    trial: Trial
    reading: Reading

    def updates(self) -> Iterator[Judged]:
        """Judge the parameters after the step: their truth is a step down the true gradient from where they were."""
        return self.judged(self.reading)

    def standing_still(self) -> Iterator[Judged]:
        """Judge the parameters before it in the place of those after it."""
        return self.judged(self.trial.drawn.parameters)

    def judged(self, after: Mapping[str, object]) -> Iterator[Judged]:
        trial = self.trial
        if not trial.judges:
            return
        at = trial.evidence
        u = arithmetic.of(trial.cell.torch_dtype, trial.cell.device).storage
        for name, before in trial.drawn.parameters.items():
            gradient, gauge = f"d{name}", at.gauges[f"d{name}"]
            truth = stepped(before.double(), at.truth[gradient])
            low, high = (None if end is None else stepped(before.double(), end) for end in (gauge.high, gauge.low))
            allowed = Gauge(truth.abs() + RATE * gauge.size, low=low, high=high)
            reference = stepped(before, at.reference[gradient].cpu())
            yield Judged(trial.record(name, compare(after.get(name), reference, truth, allowed, u)))


def stepped(value: Tensor, gradient: Tensor) -> Tensor:
    """Return a parameter after a step of plain gradient descent."""
    return value - RATE * gradient


class Learner:
    """A subject's module that is trained; what it holds is never set back."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.built = trial, trial.build()
        self.loss = LOSSES[trial.cell.case.loss]
        self.parameters = dict(trial.drawn.parameters)  # as the subject holds them, on the CPU
        self.batches = [self.batch(number) for number in range(BATCHES)]

    def batch(self, number: int) -> TrainingBatch:
        """Draw a batch."""
        cell = self.trial.cell
        page, case, dtype = cell.page, cell.case, cell.torch_dtype
        generator = seeded(cell.seed, page.module, case.name, "batch", number)
        drawn = each_tensor(lambda value: rounded(value, dtype), inputs(page, case, case.regime, generator))
        target = self.loss.target(answered_by_torch(page, case).shape, generator)
        return TrainingBatch(drawn, all_placed(drawn, dtype, cell.device), target)

    def step(self, number: int) -> TrainingStep:
        """Take the step of this number, counted from 0."""
        trial, batch = self.trial, self.batches[number % BATCHES]
        self.built.zero_grad()
        kept = {name: value.cpu() for name, value in buffers(self.built, trial.drawn).items()}
        reading = Reading(trial.forward(self.built, batch.given))
        reading |= buffers(self.built, trial.drawn)
        dy = self.cotangent(reading[trial.signature.output], batch.target)
        reading |= trial.backward(self.built, all_placed((dy,), trial.cell.torch_dtype, trial.cell.device))
        reading |= gradients(self.built)
        began = Draw(self.parameters, batch.drawn, dy, (), trial.drawn.buffers | kept)
        self.parameters = self.descended(reading)
        return TrainingStep(replace(trial, given=began), Reading({**reading, **self.parameters}))

    def cotangent(self, output: object, target: Tensor) -> Tensor:
        """Return dL/dy, rounded to the dtype; raise ValueError for an output that is none."""
        if not isinstance(output, Tensor) or output.shape != target.shape:
            had = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
            raise ValueError(f"the output must have shape {tuple(target.shape)}, had {had}")
        dy = self.loss.gradient(output.detach().cpu().double(), target)
        return rounded(dy, self.trial.cell.torch_dtype)

    def descended(self, reading: Reading) -> Tensors:
        """Take a step: in the subject's own live tensors, or else by setting its parameters, or building it anew."""
        if isinstance(self.built, Stateful):
            pairs = self.built.param()  # held until the state is asked for: so what is written reaches another process
            with torch.no_grad():
                for value, grad in pairs:
                    value.sub_(RATE * grad)
            state = self.built.state_dict()
            return {name: state[name].detach().cpu().clone() for name in self.parameters if name in state}
        wanted = {name: stepped(value, reading[f"d{name}"].cpu()) for name, value in self.parameters.items()}
        self.put(self.built, wanted)
        return wanted

    def put(self, built: Built, wanted: Tensors) -> None:
        """Let the module hold other parameters."""
        cell = self.trial.cell
        if isinstance(built, Settable):
            built.load_state_dict({n: placed(value, cell.torch_dtype, cell.device) for n, value in wanted.items()})
            return
        kept = {name: value.cpu() for name, value in buffers(built, self.trial.drawn).items()}
        changed = replace(self.trial.drawn, parameters=wanted, buffers=self.trial.drawn.buffers | kept)
        self.built = replace(self.trial, given=changed).build()
