"""The draw: one seed gives parameters, inputs and cotangent, the same bits for both sides."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page, Shape
from parity.catalogue.signature import BY_REGIME, Input
from parity.verdict.cell import Cell
from parity.verdict.regimes import REGIMES, pick, probability

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Draw:
    """What both sides are given, on the CPU and rounded to the subject's dtype.

    parameters  by torch's names: drawn, never left at zero or at their initial values
    inputs      the arguments of forward: (x,), for a loss (p, t); None for one that is left out before others
    dy          the cotangent, of both signs; None for a loss that is a scalar and takes dy = 1
    others      the cotangents of further outputs; None for one on which nothing depends
    buffers     what the module keeps beside its parameters before the call, by torch's names
    """

    parameters: Tensors
    inputs: tuple[Any, ...]  # tensors and None
    dy: Tensor | None
    others: tuple[Tensor | None, ...] = ()
    buffers: Tensors = field(default_factory=dict)

    @property
    def x(self) -> Tensor:
        """The argument that every call gives."""
        x: Tensor = self.inputs[0]
        return x

    @property
    def numbers(self) -> list[Tensor]:
        """The inputs that are floating-point numbers."""
        return [value for value in self.inputs if value is not None and value.is_floating_point()]

    @property
    def leaves(self) -> list[Tensor]:
        """Every tensor, those of floating-point numbers first, in the same order for every draw of a case."""
        further = (*self.cotangents, *self.parameters.values(), *self.buffers.values())
        whole = (value for value in self.inputs if value is not None and not value.is_floating_point())
        return [*self.numbers, *(value for value in further if value is not None), *whole]

    @property
    def cotangents(self) -> tuple[Tensor | None, ...]:
        """One for each output that is differentiated, in order."""
        return (self.dy, *self.others)


def seeded(seed: int, *coordinates: object) -> torch.Generator:
    """Return a generator that depends on the seed and the coordinates alone (torch takes 32 bits of a seed)."""
    return torch.Generator().manual_seed(zlib.crc32(repr((seed, *coordinates)).encode()))


def normal(shape: torch.Size | tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def parameters(module: torch.nn.Module, generator: torch.Generator) -> Tensors:
    """Return a value in float64 for every parameter of the reference, of the size that keeps outputs near that of x."""
    return {
        name: normal(value.shape, generator) / max(1, value[0].numel()) ** 0.5
        for name, value in module.named_parameters()
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


def inputs(page: Page, case: Case, regime: str, generator: torch.Generator) -> tuple[Tensor | None, ...]:
    """Return the arguments of forward: in float64, or of the type of what is drawn."""
    first, *further = page.signature.inputs
    given = [argument(first, case, case.x, regime, generator)]
    if page.unit_input:
        given = [probability(regime, given[0], generator)]
    if case.target:
        given.append(target(case, regime, given[0], generator))
        return tuple(given)
    last = max((at for at, entry in enumerate(further, 1) if entry.name in case.others), default=0)
    rest = (
        argument(entry, case, case.others[entry.name], regime, generator) if entry.name in case.others else None
        for entry in further[:last]
    )
    return (*given, *rest)


def argument(entry: Input, case: Case, shape: Shape, regime: str, generator: torch.Generator) -> Tensor:
    """Return an argument of forward, drawn as the case says, or else the signature.

    offsets   where bags of the numbers in x begin: 0 first, never less than the one before; bounds: and where the last
              ends
    mask      True at a third of the places, and never at the first of a row; open: the same turned round
    additive  numbers, and minus infinity where `mask` is True
    """
    word = case.drawn.get(entry.name, entry.drawn)
    if word == BY_REGIME:
        return REGIMES[regime](normal(shape, generator), generator)
    if word == "indices":
        return torch.randint(case.options[entry.below], shape, generator=generator)
    if word in ("offsets", "bounds"):
        places = torch.randint(case.x[0] + 1, shape, generator=generator).sort().values
        places[0] = 0
        if word == "bounds":
            places[-1] = case.x[0]
        return places
    if word in ("mask", "open", "additive"):
        mask = torch.rand(shape, generator=generator) < 1 / 3
        mask[..., :1] = False
        if word == "additive":
            return normal(shape, generator).masked_fill(mask, -torch.inf)
        return mask if word == "mask" else ~mask
    return target(replace(case, target=word), regime, normal(shape, generator), generator)


def kept(page: Page, case: Case, module: torch.nn.Module, generator: torch.Generator) -> Tensors:
    """Return a value in float64 for every buffer of the reference that holds real numbers: near its initial one.

    Of one that begins at 1, a positive value.
    """
    held = page.kept(case, module)
    moved = {name: normal(value.shape, generator) for name, value in held.items()}
    return {name: (z / 2).exp() if (held[name] == 1).all() else held[name] + z for name, z in moved.items()}


def outputs(page: Page, case: Case, module: torch.nn.Module, given: Sequence[Tensor | None]) -> Tensors:
    """Return what the reference gives, by name, of what is given; the module is in float64 and its mode afterwards."""
    module.double().train(case.training)
    with torch.no_grad():
        returned = page.call(module, *each_tensor(torch.Tensor.double, given))
    return page.signature.named_outputs(returned)


def cotangents(
    cell: Cell, module: torch.nn.Module, given: Sequence[Tensor | None], generator: torch.Generator
) -> list[Tensor | None]:
    """Return a cotangent in float64 for each output that is differentiated: see `Draw`."""
    return [
        None if name in cell.case.unused else cotangent(cell, value.shape, generator)
        for name, value in outputs(cell.page, cell.case, module, given).items()
        if value.is_floating_point()
    ]


def cotangent(cell: Cell, shape: torch.Size, generator: torch.Generator) -> Tensor | None:
    """Return dy in float64, or None for a loss that is reduced to a scalar, at cotangent scale 1."""
    reduced = cell.page.is_loss and not shape and cell.case.options.get("reduction") != "none"
    if reduced and cell.cotangent == 1:
        return None
    return normal(shape, generator) * cell.cotangent


def rounded(value: Tensor, dtype: torch.dtype) -> Tensor:
    return value.to(dtype) if value.is_floating_point() else value


def directed(cell: Cell, origin: Page) -> Draw:
    """Draw for a cell of second derivatives: that of the module, its cotangents as inputs, and directions."""
    given, generator = draw(replace(cell, page=origin)), seeded(cell.seed, "directions", origin.module, cell.case.name)
    inputs = [*given.inputs, *[None] * (len(origin.signature.inputs) - len(given.inputs))]
    alone = given.cotangents == (None,)  # of a loss that is a scalar, where any number may stand for the 1
    cotangents = [normal((), generator)] if alone else given.cotangents
    directions = [
        None if value is None or not entry.gradient else normal(value.shape, generator)
        for entry, value in zip(origin.signature.inputs, inputs, strict=True)
    ]
    drawn = each_tensor(lambda value: value.to(cell.torch_dtype), (*inputs, *cotangents, *directions))
    return replace(given, inputs=drawn, dy=None, others=())


def draw(cell: Cell) -> Draw:
    """Draw for `cell`; its dtype and device do not matter to the draw, nor its input to the parameters."""
    if cell.page.pairs is not None:
        return directed(cell, cell.page.pairs)
    page, case, dtype = cell.page, cell.case, cell.torch_dtype
    of_module, module = seeded(cell.seed, page.module, dict(case.options)), page.reference(**case.options)
    values, buffers = parameters(module, of_module), kept(page, case, module, of_module)
    generator = seeded(cell.seed, page.module, case.name, case.x, cell.regime, cell.cotangent)
    given = Draw(values, inputs(page, case, cell.regime, generator), None, (), buffers)
    given = mapped(given, lambda value: value.to(dtype))
    dy, *others = each_tensor(lambda value: value.to(dtype), cotangents(cell, module, given.inputs, generator))
    return replace(given, dy=dy, others=tuple(others))


@lru_cache(maxsize=64)
def _drawn(cell: Cell) -> Draw:
    return draw(cell)


def drawn_for(cell: Cell) -> Draw:
    """Return the draw of `cell`; cells that differ only in their check or device share it, and only read it."""
    return _drawn(replace(cell, check="", device="cpu"))


def each_tensor(function: Callable[[Tensor], Tensor], value: Any) -> Any:
    """Return `value`, a tensor or a nest of lists and tuples, with `function` applied to every floating tensor."""
    if isinstance(value, Tensor):
        return function(value) if value.is_floating_point() else value
    if isinstance(value, (list, tuple)):
        return type(value)(each_tensor(function, item) for item in value)
    return value


def mapped(drawn: Draw, function: Callable[[Tensor], Tensor]) -> Draw:
    """Return the draw with `function` applied to every floating tensor."""
    return Draw(
        {name: function(value) for name, value in drawn.parameters.items()},
        each_tensor(function, drawn.inputs),
        each_tensor(function, drawn.dy),
        each_tensor(function, drawn.others),
        {name: function(value) for name, value in drawn.buffers.items()},
    )


def cotangent_names(cotangents: Sequence[object]) -> list[str]:
    """Return what the cotangents are called: the first dy."""
    return ["dy", *(f"dy of output {number}" for number in range(1, len(cotangents)))]


def signs(like: Tensor, generator: torch.Generator) -> Tensor:
    """Return 1 and -1, drawn, in the shape and dtype of a tensor: the sign bits of bytes, eight to a number drawn."""
    words = torch.empty(-(-like.numel() // 8), dtype=torch.int64).random_(-(2**63), None, generator=generator)
    return (words.view(torch.int8)[: like.numel()] >> 7).to(like.dtype).mul_(2).add_(1).view(like.shape)
