"""A cell: one case under one check, with everything needed to run it again."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from operator import eq

import torch

from parity.catalogue.page import Case, Page, Shape

DTYPES = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def followed(shape: Shape, x: Shape, new: Shape) -> Shape:
    """Return a shape with the extents at its front that are those of `x` as `new` has them."""
    alike = len(list(takewhile(bool, map(eq, shape, x)))) if len(x) == len(new) else 0
    return (*new[:alike], *shape[alike:])


@dataclass(frozen=True)
class Cell:
    """The coordinates of one comparison."""

    page: Page
    case: Case
    check: str = "values"
    device: str = "cpu"
    dtype: str = "float32"
    regime: str = "normal"
    cotangent: float = 1.0
    seed: int = 0

    @cached_property
    def torch_dtype(self) -> torch.dtype:
        """The dtype of the subject's run."""
        return DTYPES[self.dtype]

    def with_x(self, name: str, *shape: int) -> "Cell":
        """Return this cell with another input shape, its case renamed by `name`.

        Where other arguments begin with the extents of x, they follow it.
        """
        case = self.case
        others = {other: followed(own, case.x, shape) for other, own in case.others.items()}
        return replace(self, case=replace(case, x=shape, others=others, name=f"{case.name}-{name}"))

    @property
    def tail(self) -> str:
        """What tells this cell from others of its module, case and check."""
        scale = f"-dy{self.cotangent:g}" if self.cotangent != 1 else ""
        return f"{self.dtype}-{self.regime}{scale}-{self.device}"

    def __str__(self) -> str:
        return f"{self.page.module}-{self.case.name}-{self.check}-{self.tail}"
