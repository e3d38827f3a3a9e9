"""Small integers: every sum of their products is exact, in every order, so the only right answer is exact too.

No tolerance is needed where |A||B|, the map on absolute values, stays within the integers that a dtype holds one by
one (up to 2 / eps: 2^24 in float32, 2^8 in bfloat16): each product, each partial sum and the result are such integers.
"""

import math
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from parity.subjects.contract import Unsupported
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.compare import Comparison, index_of, structure
from parity.verdict.draw import Draw, Tensors, draw, seeded
from parity.verdict.gauge import mapped
from parity.verdict.reference import quantities
from parity.verdict.trial import Seen, Trial
from reports.record import Parity

SPARSEST = 2.0**-8  # thinner draws than one number in 256 leave too little to compare


def check(trial: Trial) -> list[Parity]:
    """Compare every quantity with the exact one, bit by bit but for the sign of zero, in every dtype.

    A dtype that the subject lacks, or in which no draw is exact, leaves one record that is unsupported.
    """
    if not trial.cell.page.multilinear:
        raise Unsupported(f"{trial.cell.page.module} is not linear in each of its tensors, so integers are not exact")
    found = [record for dtype in DTYPES for record in of_dtype(trial, replace(trial.cell, dtype=dtype))]
    if all(record.verdict == "unsupported" for record in found):
        raise Unsupported(found[0].detail)
    return found


def of_dtype(trial: Trial, cell: Cell) -> list[Parity]:
    try:
        return compared(replace(trial, cell=cell, given=integers(cell)))
    except Unsupported as lacking:
        return [replace(trial, cell=cell).record(f"all {cell.dtype}", Comparison("unsupported", str(lacking)))]


def compared(trial: Trial) -> list[Parity]:
    """Hold every quantity of a trial of integers against the truth, which float64 holds exactly."""
    cell, found = trial.cell, []
    got = trial.observe(trial.build())
    for name, wanted in quantities(cell.page, cell.case, trial.drawn, torch.float64).items():
        fault = difference(got[name], wanted.to(cell.torch_dtype).to(cell.device)) if name in got else "there is none"
        found.append(trial.claim(f"{name} {cell.dtype}", not fault, fault, wanted.numel()))
        if fault and name in got and not structure(got[name], wanted.to(cell.torch_dtype)):
            trial.seen.append(Seen(trial, name, got[name].detach().cpu().clone()))
    return found


def difference(got: object, wanted: Tensor) -> str:
    """Return where `got` is not `wanted`; empty if nowhere. Zero equals minus zero: which it is, the order decides."""
    fault = structure(got, wanted)
    if fault or not isinstance(got, Tensor):
        return fault
    wrong = got != wanted
    if not wrong.any():
        return ""
    first = index_of(int(wrong.flatten().int().argmax()), wrong.shape)
    return (
        f"{int(wrong.sum())} of {got.numel()} elements are not exact, the first at {first}: "
        f"got {got[first].item():.17g}, wanted {wanted[first].item():.17g}"
    )


def integers(cell: Cell) -> Draw:
    """Draw integers of both signs and zeros, as large as exact sums allow, and as sparse as they demand.

    Raises Unsupported if even the sparsest draw leaves some sum too large, or some quantity without a number.
    """
    shapes, largest = draw(cell), 2 / torch.finfo(cell.torch_dtype).eps
    terms = sizes(cell, mapped(shapes, torch.ones_like))
    reach = max(1, math.isqrt(int(largest / max(terms.values()))))
    generator, density = seeded(cell.seed, "integers", cell.page.module, cell.case.name, cell.dtype), 0.8
    while density >= SPARSEST:
        drawn = mapped(shapes, partial(whole, reach=reach, density=density, generator=generator))
        found = sizes(cell, mapped(drawn, torch.abs)).values()
        if min(found) > 0 and max(found) <= largest:
            return drawn
        density /= 2
    raise Unsupported(f"no draw of integers keeps sums of {int(max(terms.values()))} terms exact in {cell.dtype}")


def sizes(cell: Cell, drawn: Draw) -> dict[str, float]:
    """Return the largest element of every quantity."""
    found: Tensors = quantities(cell.page, cell.case, drawn, torch.float64)
    return {name: float(value.max()) for name, value in found.items()}


def whole(like: Tensor, reach: int, density: float, generator: torch.Generator) -> Tensor:
    """Return integers from -reach to reach, shaped and typed as `like`, all but a share `density` of them zero."""
    drawn = torch.randint(-reach, reach + 1, like.shape, generator=generator, dtype=torch.float64)
    kept = torch.rand(like.shape, generator=generator, dtype=torch.float64) < density
    return (drawn * kept).to(like.dtype)
