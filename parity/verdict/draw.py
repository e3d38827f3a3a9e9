"""The draw: one seed gives parameters, inputs and cotangent, the same bits for both sides."""

import zlib
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page
from parity.verdict.cell import Cell
from parity.verdict.regimes import REGIMES, pick, probability

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Draw:
    """What both sides are given, on the CPU and rounded to the subject's dtype.

    parameters  by torch's names: drawn, never left at zero or at their initial values
    inputs      (x,) or, for a loss, (p, t)
    dy          the cotangent, of both signs; None for a loss that is a scalar and takes dy = 1
    """

    parameters: Tensors
    inputs: tuple[Tensor, ...]
    dy: Tensor | None


def seeded(seed: int, *coordinates: object) -> torch.Generator:
    """Return a generator that depends on the seed and the coordinates alone (torch takes 32 bits of a seed)."""
    return torch.Generator().manual_seed(zlib.crc32(repr((seed, *coordinates)).encode()))


def normal(shape: torch.Size | tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def parameters(page: Page, case: Case, generator: torch.Generator) -> Tensors:
    """Return a value in float64 for every parameter of the reference, of the size that keeps outputs near that of x."""
    return {
        name: normal(value.shape, generator) / max(1, value[0].numel()) ** 0.5
        for name, value in page.reference(**case.options).named_parameters()
    }


def target(case: Case, regime: str, p: Tensor, generator: torch.Generator) -> Tensor:
    """Return a target of the kind that the case names, in float64 or, for classes and signs, int64.

    In the regime "not-finite" it is such that a prediction of inf or -inf gives an infinite loss, rather than nan.
    """
    infinite = regime == "not-finite"
    if case.target == "like":
        t = normal(p.shape, generator)
        return t if infinite else REGIMES[regime](t, generator)
    if case.target == "unit":
        t = torch.rand(p.shape, generator=generator, dtype=p.dtype)
        return t if infinite else pick((0.0, 1.0), t, generator)
    if case.target == "probabilities":
        return torch.softmax(normal(p.shape, generator), min(1, p.dim() - 1))
    if case.target == "log-probabilities":
        return torch.log_softmax(normal(p.shape, generator), min(1, p.dim() - 1))
    if case.target == "counts":
        return torch.randint(6, p.shape, generator=generator).to(p.dtype)
    if case.target == "signs":
        return torch.randint(2, p.shape, generator=generator) * 2 - 1  # integers: nothing near them is a sign
    if case.target == "weights":
        return torch.rand(p.shape, generator=generator, dtype=p.dtype) * 2
    if case.target == "hard":
        return torch.randint(2, p.shape, generator=generator).to(p.dtype)
    if case.target == "one-hot":
        places = torch.randint(p.shape[-1], p.shape[:-1], generator=generator)
        return torch.nn.functional.one_hot(places, p.shape[-1]).to(p.dtype)
    if case.target == "classes" and p.dim() == 1:
        return torch.randint(len(p), (), generator=generator)
    if case.target == "classes":
        t = torch.randint(p.shape[1], (p.shape[0], *p.shape[2:]), generator=generator)
        t[:3] *= not infinite  # class 0 is where its scores are not finite
        return t
    if case.target == "ignored-classes":
        t = target(replace(case, target="classes"), regime, p, generator)
        ignored = torch.rand(t.shape, generator=generator) < 0.4
        ignored.view(-1)[:1] = False  # where all were ignored, zeros would be right
        return t.masked_fill(ignored, case.options.get("ignore_index", -100))
    raise ValueError(
        f"{case.name}: target must be like, unit, hard, one-hot, probabilities, log-probabilities, weights, counts, "
        f"signs, classes or ignored-classes, was {case.target!r}"
    )


def inputs(page: Page, case: Case, regime: str, generator: torch.Generator) -> tuple[Tensor, ...]:
    """Return (x,) or (p, t) in float64."""
    x = REGIMES[regime](normal(case.x, generator), generator)
    if page.unit_input:
        x = probability(regime, x, generator)
    return (x, target(case, regime, x, generator)) if case.target else (x,)


def cotangent(cell: Cell, shape: torch.Size, generator: torch.Generator) -> Tensor | None:
    """Return dy in float64, or None for a loss that is reduced to a scalar, at cotangent scale 1."""
    reduced = cell.page.is_loss and not shape and cell.case.options.get("reduction") != "none"
    if reduced and cell.cotangent == 1:
        return None
    return normal(shape, generator) * cell.cotangent


def rounded(value: Tensor, dtype: torch.dtype) -> Tensor:
    return value.to(dtype) if value.is_floating_point() else value


def draw(cell: Cell) -> Draw:
    """Draw for `cell`; its dtype and device do not matter to the draw, nor its input to the parameters."""
    module, case, dtype = cell.page.module, cell.case, cell.torch_dtype
    values = parameters(cell.page, case, seeded(cell.seed, module, dict(case.options)))
    generator = seeded(cell.seed, module, case.name, case.x, cell.regime, cell.cotangent)
    given = tuple(rounded(value, dtype) for value in inputs(cell.page, cell.case, cell.regime, generator))
    with torch.no_grad():
        shape = cell.page.reference(**cell.case.options).double()(*(rounded(v, torch.float64) for v in given)).shape
    dy = cotangent(cell, shape, generator)
    return Draw({name: value.to(dtype) for name, value in values.items()}, given, None if dy is None else dy.to(dtype))
