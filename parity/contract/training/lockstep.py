"""A module that is trained for a hundred steps gives the right gradients in each of them.

At every step the reference takes over the parameters and buffers that the subject itself has by then, so that no
rounding grows: what is found is what the subject's module keeps from step to step.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.contract.training.learner import Learner, TrainingStep, stepped
from parity.verdict import arithmetic, limits
from parity.verdict.check import NUMBERS, Check
from parity.verdict.draw import Tensors
from parity.verdict.reading import same_bits
from parity.verdict.reference import Reference
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Train; weigh some steps by the gauge, and of the others those that are beyond the screen. The first that fails
    is the last. Of every quantity one judgement: the failure, or the largest error."""
    learner, screen, found = Learner(trial), Screen(trial), dict[str, Judged]()
    try:
        for number in range(1, limits.TRAINED_STEPS + 1):
            step = learner.step(number - 1)
            if number not in limits.WEIGHED_STEPS and not screen.holds_back(step):
                continue
            judged = [*step.trial.judge(step.reading), *step.updates()]
            screen.take(step)
            for one in judged:
                keep(one.noted(f"step {number}"), found)
            if any(one.fails for one in judged):
                break
    finally:
        yield from found.values()


def keep(one: Judged, found: dict[str, Judged]) -> None:
    """Enter the judgement of a step: a failure, or the largest error so far, over the elements of all steps."""
    quantity = one.record.quantity
    if quantity in found:
        before = found[quantity].record
        elements = before.elements + one.record.elements
        larger = not one.record.subject_error <= before.subject_error
        one = (one if one.fails or larger else found[quantity]).told(elements=elements)
    found[quantity] = one


class Screen:
    """What a step that is not weighed is looked at with: the gauge of the last one that was, as one number a quantity.

    It accuses nobody: what is beyond it is weighed.
    """

    def __init__(self, trial: Trial) -> None:
        cell = trial.cell
        self.judges = trial.judges
        self.reference = Reference(cell.page.exact, cell.case, torch.float64)
        self.u = arithmetic.of(cell.torch_dtype, cell.device).storage
        self.widths: dict[str, float] = {}  # the largest size of the gauge, in those of the quantity

    def take(self, step: TrainingStep) -> None:
        """Take over the gauge of a step."""
        if not self.judges:
            return
        at = step.trial.evidence
        sizes = scales(at.truth)
        self.widths = {name: largest(gauge.size) / sizes[name] for name, gauge in at.gauges.items() if sizes[name]}

    def holds_back(self, step: TrainingStep) -> bool:
        """Return whether a step is to be weighed."""
        if not self.judges:
            return False
        drawn, got = step.trial.drawn, step.reading
        truth = self.reference.quantities(drawn)
        sizes = scales(truth)
        for name, width in self.widths.items():
            value = got.get(name)
            if isinstance(value, Tensor) and value.shape == truth[name].shape:
                off = largest((value.detach().cpu().double() - truth[name]).abs())
                if not off <= limits.LIMIT * self.u * width * sizes[name]:
                    return True
        return not all(
            name in got and same_bits(got[name].cpu(), stepped(value, got[f"d{name}"].cpu()))
            for name, value in drawn.parameters.items()
        )


def scales(quantities: Tensors) -> dict[str, float]:
    """Return the size of each quantity: its largest element; of a gradient, since one may vanish, that of them all."""
    own = {name: largest(value.abs()) for name, value in quantities.items()}
    of_all = max((size for name, size in own.items() if name.startswith("d")), default=0.0)
    return {name: of_all if name.startswith("d") else size for name, size in own.items()}


def largest(value: Tensor) -> float:
    return float(value.max()) if value.numel() else 0.0


CHECK = Check("lockstep", run, NUMBERS, concerns=lambda _, case: bool(case.loss), cost=4)
