"""Small integers: every sum of their products is exact, in every order, so the only right answer is exact too.

No tolerance is needed where |A||B|, the map on absolute values, stays within the integers that a dtype holds one by
one (up to 2 / eps: 2^24 in float32, 2^8 in bfloat16): each product, each partial sum and the result are such integers.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from parity.verdict.cell import DTYPES, Cell
from parity.verdict.check import CONVENTIONS, Check
from parity.verdict.compare import index_of, structure
from parity.verdict.draw import Draw, Tensors, draw, mapped, seeded
from parity.verdict.reference import quantities
from parity.verdict.trial import Judged, Trial

SPARSEST = 2.0**-8  # thinner draws than one number in 256 leave too little to compare


def run(trial: Trial) -> Iterator[Judged]:
    """Compare every quantity of a draw of integers with the exact one, bit by bit but for the sign of zero."""
    whole = replace(trial, given=integers(trial.cell))
    cell, got = trial.cell, whole.observe(whole.build())
    for name, wanted in quantities(cell.page, cell.case, whole.drawn, torch.float64).items():
        exact = wanted.to(cell.torch_dtype).to(cell.device)
        fault = difference(got[name], exact) if name in got else "there is none"
        claim = trial.claim(name, not fault, fault, wanted.numel())
        claim = claim.told(subject_error=math.inf) if fault else claim  # where no rounding is allowed
        yield replace(claim, seen=whole.seen(name, got[name])) if fault and fits(got, name, exact) else claim


def fits(got: Mapping[str, object], name: str, wanted: Tensor) -> bool:
    """Return whether a quantity is there, with the type, shape and dtype that are wanted."""
    return name in got and not structure(got[name], wanted)


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

    Raises ValueError if even the sparsest draw leaves some sum too large, or some quantity without a number.
    """
    shapes, largest = draw(cell), 2 / torch.finfo(cell.torch_dtype).eps
    terms = sizes(cell, mapped(shapes, torch.ones_like))
    reach = max(1, math.isqrt(int(largest / max(terms.values()))))
    generator, density = seeded(cell.seed, "integers", cell.page.module, cell.case.name, cell.dtype), 0.8
    while density >= SPARSEST:
        drawn = mapped(shapes, partial(whole, reach=reach, density=density, generator=generator))
        largest_sums = sizes(cell, mapped(drawn, torch.abs)).values()
        if min(largest_sums) > 0 and max(largest_sums) <= largest:
            return drawn
        density /= 2
    raise ValueError(
        f"{cell.page.module}, case {cell.case.name}: no draw of integers keeps sums of {int(max(terms.values()))} "
        f"terms exact in {cell.dtype}; a case that is drawn widely must be smaller"
    )


def sizes(cell: Cell, drawn: Draw) -> dict[str, float]:
    """Return the largest element of every quantity."""
    by_name: Tensors = quantities(cell.page, cell.case, drawn, torch.float64)
    return {name: float(value.max()) for name, value in by_name.items()}


def whole(like: Tensor, reach: int, density: float, generator: torch.Generator) -> Tensor:
    """Return integers from -reach to reach, shaped and typed as `like`, all but a share `density` of them zero."""
    drawn = torch.randint(-reach, reach + 1, like.shape, generator=generator, dtype=torch.float64)
    kept = torch.rand(like.shape, generator=generator, dtype=torch.float64) < density
    return (drawn * kept).to(like.dtype)


CHECK = Check(
    "exact", run, CONVENTIONS, concerns=lambda page, case: case.widely and page.multilinear, dtypes=tuple(DTYPES)
)
