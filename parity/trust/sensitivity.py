"""How small a defect is noticed, and where: the gate's own resolution."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.catalogue.page import Case, Shape
from parity.trust.planted import host
from parity.verdict import arithmetic, limits
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.reading import same_bits
from parity.verdict.trial import Trial, evidence, records
from reports.trust import record

OFF = 64.0  # in units of u x gauge


def rejected(cell: Cell, quantity: str) -> Tensor:
    """Return the least relative error that the gate rejects, for every element that is not zero."""
    at = evidence(cell)
    u = arithmetic.of(cell.torch_dtype, cell.device).storage
    truth = at.truth[quantity].abs().flatten()
    least = limits.LIMIT * u * at.gauges[quantity].size.flatten() / truth
    return least[(truth > 0) & least.isfinite()]


def sensitivity(module: str, seed: int) -> Iterator[record.Sensitivity]:
    """Yield a record for every quantity and dtype: all wide cases of the normal regime together."""
    page = pages()[module]
    for dtype in DTYPES:
        wide = [Cell(page, case, "values", "cpu", dtype, "normal", 1.0, seed) for case in page.cases if case.widely]
        for quantity in dict.fromkeys(name for cell in wide for name in evidence(cell).truth):
            least = torch.cat([rejected(cell, quantity) for cell in wide if quantity in evidence(cell).truth])
            yield record.Sensitivity(
                module=module,
                quantity=quantity,
                dtype=dtype,
                elements=least.numel(),
                median=float(least.median()),
                worst=float(least.max()),
            )


@dataclass(frozen=True)
class Haystack:
    """A case with a quantity of a million elements."""

    module: str
    quantity: str
    x: Shape
    options: dict[str, Any] = field(default_factory=dict)


HAYSTACKS = (
    Haystack("Linear", "dweight", (3, 1000), {"in_features": 1000, "out_features": 1000}),
    Haystack("Tanh", "output", (1000, 1000)),
    Haystack("Softmax", "dx", (1000, 1000), {"dim": 1}),
    Haystack("Conv2d", "output", (10, 2, 102, 102), {"in_channels": 2, "out_channels": 10, "kernel_size": 3}),
)


def localisation(number: int, seed: int) -> record.Localisation:
    """Make one element of a right result wrong by OFF u x gauge, at a drawn index; see where the verdict finds it."""
    hay = HAYSTACKS[number]
    page = replace(pages()[hay.module], cases=(Case("a million", x=hay.x, options=hay.options),))
    trial = Trial(Cell(page, page.cases[0], seed=seed), host())
    got = trial.observe(trial.build())
    value, at = got[hay.quantity], trial.evidence
    flat = int(torch.randint(value.numel(), (), generator=torch.Generator().manual_seed(seed)))
    index = tuple(int(i) for i in torch.unravel_index(torch.tensor(flat), value.shape))
    u = arithmetic.of(value.dtype, "cpu").storage
    wrong = at.truth[hay.quantity][index] + OFF * u * at.gauges[hay.quantity].size[index]
    value = value.clone()
    value[index] = wrong
    judged = records(trial.judge(got | {hay.quantity: value}))
    (judgement,) = (one for one in judged if one.quantity == hay.quantity)
    assert not same_bits(value, got[hay.quantity])
    return record.Localisation(
        module=hay.module,
        quantity=hay.quantity,
        elements=value.numel(),
        off=OFF,
        planted=index,
        found=tuple(judgement.worst_index),
        error=judgement.subject_error,
        caught=judgement.verdict == "fail" and tuple(judgement.worst_index) == index,
    )
