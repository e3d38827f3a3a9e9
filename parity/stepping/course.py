"""A cell of an optimiser, and what is drawn for it: parameters, and the gradients of every step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from parity.catalogue.optimisers.page import OptimiserCase, OptimiserPage
from parity.verdict.cell import DTYPES
from parity.verdict.draw import Tensors, normal, seeded


@dataclass(frozen=True)
class StepCell:
    """The coordinates of one comparison."""

    page: OptimiserPage
    case: OptimiserCase
    check: str = "values"
    device: str = "cpu"
    dtype: str = "float32"
    regime: str = "normal"
    seed: int = 0

    @cached_property
    def torch_dtype(self) -> torch.dtype:
        """The dtype of the subject's run."""
        return DTYPES[self.dtype]

    @property
    def tail(self) -> str:
        """What tells this cell from others of its optimiser, case and check."""
        return f"{self.dtype}-{self.regime}-{self.device}"

    def __str__(self) -> str:
        return f"{self.page.module}-{self.case.name}-{self.check}-{self.tail}"


@dataclass(frozen=True)
class Course:
    """What both sides are given, on the CPU and rounded to the subject's dtype."""

    parameters: Tensors
    gradients: tuple[Tensors, ...]  # of each step, by parameter

    def mapped(self, function: Callable[[Tensor], Tensor]) -> "Course":
        """Return the course with a function applied to every tensor."""
        changed = [{name: function(grad) for name, grad in of_step.items()} for of_step in self.gradients]
        return Course({name: function(value) for name, value in self.parameters.items()}, tuple(changed))


def away_from_zero(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Return normal numbers, each half a unit further from zero: every step shows, in bfloat16 too."""
    drawn = normal(shape, generator)
    return drawn + 0.5 * torch.where(drawn < 0, -1.0, 1.0)


def with_zeros(grad: Tensor, step: int) -> Tensor:
    """Return a gradient with zeros at every other element, the others in the next step, and zeros alone in each third.

    The first step of a scalar is not zero, nor are those of the elements at even places.
    """
    if step % 3 == 2:
        return torch.zeros_like(grad)
    places = torch.arange(grad.numel()).reshape(grad.shape)
    return grad.masked_fill(places % 2 != step % 2, 0.0)


TINY, HUGE = 1e-6, 1e3  # where eps is felt, and far from it; both are numbers in float16

# By regime: the scale of the parameters, and what becomes of the gradient of a step, counted from 0.
REGIMES: Mapping[str, tuple[float, Callable[[Tensor, int], Tensor]]] = {
    "normal": (1.0, lambda grad, _: grad),
    "zeros": (1.0, with_zeros),
    "tiny": (TINY, lambda grad, _: grad * TINY),
    "huge": (1.0, lambda grad, _: grad * HUGE),
}


def draw(cell: StepCell) -> Course:
    """Draw for a cell; its dtype and device do not matter to the draw."""
    case, dtype = cell.case, cell.torch_dtype
    scale, regime = REGIMES[cell.regime]
    generator = seeded(cell.seed, cell.page.module, case.name, cell.regime)
    parameters = {name: (scale * normal(shape, generator)).to(dtype) for name, shape in case.shapes.items()}
    gradients = [
        {name: regime(away_from_zero(shape, generator), step).to(dtype) for name, shape in case.shapes.items()}
        for step in range(len(case.rates))
    ]
    return Course(parameters, tuple(gradients))


def dealt(case: OptimiserCase) -> list[list[str]]:
    """Return the names of the parameters of each group: as many in each, in their order."""
    names, count = list(case.shapes), len(case.groups)
    share = -(-len(names) // count)
    return [names[group * share : (group + 1) * share] for group in range(count)]


def options_of(cell: StepCell) -> list[dict[str, object]]:
    """Return the options of each group, the learning rate that of the first step."""
    return [{**cell.page.plain, **cell.case.options, **own} for own in cell.case.groups]
