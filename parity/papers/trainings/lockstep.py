"""Two trainings side by side: after every step, loss, gradients and parameters are compared.

Drift of a quantity: max |difference| / (u · scale). The scale of a parameter or of the loss is its largest |value|;
that of a gradient is the largest |value| in any gradient of the step, since one that passes through zero has no scale.

What drift is honest is not guessed: the float64 training is run again with the result of every elementary operation,
and every stored parameter, perturbed as float32 rounds (Monte Carlo arithmetic, Parker 1997). How far such runs stray
from the float64 truth is how far rounding, grown by the training's own dynamics, takes a correct implementation.

In float64 both sides must agree, to LOCKSTEP_AGREEMENT, over the whole training. Some trainings are chaotic: they let
one unit of rounding grow past that within some hundred steps. This too is measured: torch.nn is trained again from
weights moved by one unit in the last place, and a side may stray further only where torch.nn strays from itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import torch
from torch import Tensor

from parity.papers.trainings import ours, theirs
from parity.papers.trainings.data import Material, batches, material
from parity.papers.trainings.setting import Setting
from parity.verdict import arithmetic, limits
from parity.verdict.perturbed.operations import MonteCarloArithmetic

State = dict[str, Tensor]


class Stepper(Protocol):
    """One side of a training, a step at a time."""

    def set_epoch(self, epoch: int) -> None: ...
    def step(self, x: Tensor, t: Tensor) -> Tensor: ...
    def state(self) -> tuple[State, State]: ...


@dataclass(frozen=True)
class Batch:
    """One step's examples, and the epoch it belongs to."""

    epoch: int
    x: Tensor
    t: Tensor


def feed(setting: Setting, data: Material, seed: int) -> Iterator[Batch]:
    """Yield the batches of the whole training, in the order in which both trainings see them."""
    generator = torch.Generator().manual_seed(seed)
    for epoch in range(setting.epochs):
        for index in batches(len(data.train.x), setting.batch, generator):
            x, t = data.train.rows(index.to(data.train.x.device))
            yield Batch(epoch, x, t)


def quantities(side: Stepper, loss: Tensor) -> State:
    """Return loss, gradients and parameters in the order in which a step makes them: gradients from the last layer."""
    values, gradients = side.state()
    backwards = {f"gradient of {name}": gradients[name] for name in reversed(gradients)}
    return {"loss": loss} | backwards | {f"parameter {name}": value for name, value in values.items()}


def walk(side: Stepper, steps: Iterator[Batch], dtype: torch.dtype) -> Iterator[State]:
    """Take every step and yield its quantities: the very tensors, which the next step overwrites."""
    for batch in steps:
        side.set_epoch(batch.epoch)
        t = batch.t.to(dtype) if batch.t.is_floating_point() else batch.t
        yield quantities(side, side.step(batch.x.to(dtype), t))


def drifts(got: State, wanted: State, u: float) -> list[float]:
    """Return max |got - wanted| / (u · scale) of every quantity; nan counts as infinite."""
    held = list(wanted.values())
    if len({value.dtype for value in (*held, *got.values())}) > 1:
        held, got = [value.double() for value in held], {name: got[name].double() for name in wanted}
    apart = torch.stack(torch._foreach_norm(torch._foreach_sub([got[name] for name in wanted], held), torch.inf))
    sizes = torch.stack(torch._foreach_norm(held, torch.inf)).double()
    gradients = torch.tensor([name.startswith("gradient") for name in wanted], device=sizes.device)
    scales = torch.where(gradients, sizes[gradients].max(), sizes)
    ratio = (apart.double() / (u * scales)).masked_fill(apart == 0, 0.0)
    finite: list[float] = ratio.nan_to_num(torch.inf, torch.inf).tolist()
    return finite


@dataclass(frozen=True)
class Divergence:
    """Where a run began to be wrong."""

    step: int
    quantity: str
    drift: float
    allowed: float
    unit: str

    def __str__(self) -> str:
        return (
            f"diverges at step {self.step}, first in the {self.quantity}: {self.drift:.3g} {self.unit}, "
            f"allowed {self.allowed:.3g} {self.unit}"
        )


def perturbed(side: theirs.TorchStepper, steps: Iterator[Batch], seed: int) -> Iterator[State]:
    """Walk in float64, perturbing every operation and every stored parameter as float32 rounds."""
    u, generator = limits.STORAGE[torch.float32], torch.Generator().manual_seed(seed)
    rounding = MonteCarloArithmetic(arithmetic.of(torch.float32, "cpu"), generator, u)
    for batch in steps:
        side.set_epoch(batch.epoch)
        t = batch.t.double() if batch.t.is_floating_point() else batch.t
        with rounding:
            loss = side.differentiate(batch.x.double(), t)
        side.optimizer.step()
        with torch.no_grad():
            for value in side.model.parameters():
                value.mul_(1 + u * (torch.randint(2, value.shape, generator=generator) * 2.0 - 1))
        yield quantities(side, loss)


def honest(setting: Setting, start: State, data: Material, seed: int, steps: int) -> list[list[float]]:
    """Return, for every step and quantity, how far the furthest perturbed run has strayed so far, in units of u."""
    u, reach = limits.STORAGE[torch.float32], []
    double = {name: value.double() for name, value in start.items()}

    def stepper() -> theirs.TorchStepper:
        return theirs.TorchStepper(setting, double, "cpu", torch.float64)

    runs = [
        perturbed(stepper(), islice(feed(setting, data, seed), steps), replicate)
        for replicate in range(limits.LOCKSTEP_RUNS)
    ]
    truth = walk(stepper(), islice(feed(setting, data, seed), steps), torch.float64)
    furthest: list[float] = []
    for wanted, *strayed in zip(truth, *runs, strict=True):
        apart = [drifts(got, wanted, u) for got in strayed]
        furthest = [max(1.0, *column) for column in zip(*apart, *([furthest] if furthest else []), strict=True)]
        reach.append(furthest)
    return reach


def first_over(
    step: int, names: Sequence[str], strayed: Sequence[float], allowed: Sequence[float], unit: str
) -> Divergence | None:
    """Return the first quantity of a step that is over what is allowed to it."""
    for name, drift, limit in zip(names, strayed, allowed, strict=True):
        if not drift <= limit:
            return Divergence(step, name, drift, limit, unit)
    return None


@dataclass
class Walks:
    """What a walk side by side measured; one entry a step, the largest over the quantities."""

    between: list[float]
    subject: list[float]
    reference: list[float]
    allowed: list[float]
    divergence: Divergence | None = None
    control: list[float] = field(default_factory=list)  # in float64, where needed: of torch.nn from itself, furthest


def side_by_side(
    setting: Setting, seed: int, dtype: torch.dtype, steps: int | None = None, subject: Stepper | None = None
) -> Walks:
    """Run both sides over the same batches from the same bits; `subject` stands in for the framework's side.

    In float32 the first steps are held against the float64 truth; in float64 all steps against each other.
    """
    data, start = material(setting, seed), ours.initial(setting, seed)
    mine: Stepper = subject or ours.FrameworkStepper(setting, start, "cpu", dtype)
    cast = {name: value.to(dtype) for name, value in start.items()}
    other = theirs.TorchStepper(setting, cast, "cpu", dtype)
    pairs = zip(
        walk(mine, islice(feed(setting, data, seed), steps), dtype),
        walk(other, islice(feed(setting, data, seed), steps), dtype),
        strict=True,
    )
    walks, u, beyond = Walks([], [], [], []), limits.STORAGE[dtype], list[Divergence]()
    gate = TruthGate(setting, start, data, seed, steps) if dtype == torch.float32 else None
    for step, (got, wanted) in enumerate(pairs, start=1):
        names, apart = list(wanted), drifts(got, wanted, u)
        walks.between.append(max(apart))
        if gate is not None and step <= gate.steps:
            walks.divergence = walks.divergence or gate.judge(step, got, wanted, walks)
        elif gate is None:
            over = first_over(step, names, apart, [limits.LOCKSTEP_AGREEMENT / u] * len(names), "u")
            beyond += [over] if over else []
    if beyond:
        walks.control = from_itself(setting, cast, data, seed, len(walks.between))
        walks.divergence = next((over for over in beyond if not excused(over, walks)), None)
    return walks


def excused(over: Divergence, walks: Walks) -> bool:
    """Whether torch.nn strays from itself by as much at that step."""
    return walks.between[over.step - 1] <= limits.LOCKSTEP_CHAOS * walks.control[over.step - 1]


def from_itself(setting: Setting, start: State, data: Material, seed: int, steps: int) -> list[float]:
    """Return, for every step, how far torch.nn has strayed so far from itself, started one unit in the last place off.

    The furthest of several such runs, in units of u.
    """
    u, furthest, reach = limits.STORAGE[torch.float64], 0.0, []

    def walked(values: State) -> Iterator[State]:
        side = theirs.TorchStepper(setting, values, "cpu", torch.float64)
        return walk(side, islice(feed(setting, data, seed), steps), torch.float64)

    moved = [walked(nudged(start, replicate)) for replicate in range(limits.LOCKSTEP_RUNS)]
    for wanted, *strayed in zip(walked(start), *moved, strict=True):
        furthest = max(furthest, *(max(drifts(got, wanted, u)) for got in strayed))
        reach.append(furthest)
    return reach


def nudged(start: State, seed: int) -> State:
    """Return the values, each moved to the next number above or below."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.nextafter(value, value + (torch.randint(2, value.shape, generator=generator) * 2 - 1))
        for name, value in start.items()
    }


class TruthGate:
    """Holds the first steps in float32 against the float64 truth."""

    def __init__(self, setting: Setting, start: State, data: Material, seed: int, steps: int | None) -> None:
        self.steps = min(limits.LOCKSTEP_STEPS, limits.LOCKSTEP_STEPS if steps is None else steps)
        self.reach = honest(setting, start, data, seed, self.steps)
        self.steps = len(self.reach)
        double = theirs.TorchStepper(setting, {n: v.double() for n, v in start.items()}, "cpu", torch.float64)
        self.truth = walk(double, islice(feed(setting, data, seed), self.steps), torch.float64)

    def judge(self, step: int, got: State, wanted: State, walks: Walks) -> Divergence | None:
        """Add the step's errors to the walks; return where the subject is further off than it may be."""
        truth, u = next(self.truth), limits.STORAGE[torch.float32]
        mine, other = drifts(got, truth, u), drifts(wanted, truth, u)
        allowed = [limits.LOCKSTEP_MARGIN * reach for reach in self.reach[step - 1]]
        walks.subject.append(max(mine))
        walks.reference.append(max(other))
        walks.allowed.append(max(allowed))
        return first_over(step, list(truth), mine, allowed, "u")
