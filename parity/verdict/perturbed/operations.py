"""Monte Carlo arithmetic: the result of every elementary operation is moved, by as much as its rounding may move it."""

from typing import Any

import torch
from torch import Tensor

from parity.mode import Mode
from parity.verdict.arithmetic import Arithmetic
from parity.verdict.draw import each_tensor, signs
from parity.verdict.perturbed import kernels

AT_ONCE, MOST_AT_ONCE = 1 << 10, 1 << 16  # signs that are drawn at once: where a run's need is not known, and at most


class Stock:
    """Steps up and down, drawn `at_once`: a run takes few, thousands of times."""

    def __init__(self, generator: torch.Generator, step: float, underflow: float, at_once: int) -> None:
        self.generator, self.step, self.underflow, self.at_once = generator, step, underflow, at_once
        self.at = self.end = self.taken = 0

    @classmethod
    def holding(cls, steps: Tensor, underflow: float) -> "Stock":
        """Return a stock of steps that are drawn already, as many as will be wanted."""
        stock = cls(torch.Generator(), 0.0, underflow, steps.numel())
        stock.fill(steps)
        return stock

    def fill(self, steps: Tensor) -> None:
        self.at, self.end = 0, steps.numel()
        self.steps, self.factors, self.shifts = steps, 1 + steps, steps * self.underflow

    def drawn(self, wanted: int) -> int:
        """Return where as many steps begin as are wanted; none is given out twice."""
        if self.at + wanted > self.end:
            self.fill(steps_of(max(wanted, self.at_once), self.step, self.generator))
        begin, self.at, self.taken = self.at, self.at + wanted, self.taken + wanted
        return begin

    def by_its_size(self, out: Tensor) -> Tensor:
        """Return `out` off by a step times its own size: a product, which leaves infinities what they are."""
        at = self.drawn(out.numel())
        return torch.addcmul(shaped(self.shifts, at, out), out, shaped(self.factors, at, out))

    def by(self, size: Tensor, out: Tensor) -> Tensor:
        """Return `out` off by a step times `size`."""
        at = self.drawn(out.numel())
        off = torch.addcmul(out, shaped(self.steps, at, out), size + self.underflow)
        return torch.where(out.isfinite(), off, out)


class Idle(Stock):
    """Steps of nothing, without end; `taken` counts them."""

    def __init__(self, underflow: float) -> None:
        super().__init__(torch.Generator(), 0.0, underflow, AT_ONCE)

    def drawn(self, wanted: int) -> int:
        """Return where as many steps begin as are wanted."""
        if wanted > self.end:
            self.fill(torch.zeros(max(wanted, self.at_once), dtype=torch.float64))
        self.taken += wanted
        return 0


def steps_of(number: int, step: float, generator: torch.Generator) -> Tensor:
    """Return so many steps up and down, in float64."""
    return signs(torch.empty(number, dtype=torch.float64), generator).mul_(step)


def shaped(stock: Tensor, at: int, like: Tensor) -> Tensor:
    """Return a part of a stock, from `at`, in the shape of a tensor."""
    if like.is_contiguous():
        return stock.as_strided(like.shape, like.stride(), at)  # one call for two
    return stock[at : at + like.numel()].view(like.shape)


Sizes = list[Tensor | None]  # of the rounding errors of a kernel's results, None of those that do not round


class MonteCarloArithmetic(Mode):
    """Perturb the result of every elementary operation by `step` times the size of its rounding error, signs drawn."""

    def __init__(self, arithmetic: Arithmetic, generator: torch.Generator, step: float, at_once: int = AT_ONCE) -> None:
        super().__init__()
        self.arithmetic, self.rounding = arithmetic, Stock(generator, step, arithmetic.underflow, at_once)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        rounding = kernels.rounding(func)
        if rounding == "in place":
            with self:
                return args[0].copy_(kernels.out_of_place(func)(*args, **kwargs))
        if rounding != "nothing" and not kernels.floats((args, kwargs)) and not kernels.own(func):
            rounding = "nothing"
        if rounding:
            return self.done(rounding, func, args, kwargs)
        with self:
            return kernels.decomposition(func)(*args, **kwargs)

    def done(self, rounding: str, func: Any, args: Any, kwargs: Any, sizes: Sizes | None = None) -> Any:
        """Return what a kernel gives, perturbed as it rounds: "nothing", "once" or "as a sum"; `sizes` if known."""
        result = func(*args, **kwargs)
        if rounding == "once":
            return self.perturbed(result)
        if rounding == "nothing":
            return result
        return self.off(result, self.sizes(result, func, args, kwargs) if sizes is None else sizes)

    def sizes(self, result: Any, func: Any, args: Any, kwargs: Any) -> Sizes:
        """Return the size of the rounding error of each result of a map that is linear in each tensor argument."""
        mapped = [func(*each_tensor(f, args), **kwargs) for f in (torch.abs, torch.square, torch.ones_like)]
        sums = zip(*(value if isinstance(value, tuple) else (value,) for value in (result, *mapped)), strict=True)
        return [sum_size(self.arithmetic, out, *rest) if kernels.floats(out) else None for out, *rest in sums]

    def off(self, result: Any, sizes: Sizes) -> Any:
        """Return a result, or several, each off by a step times its size."""
        if not isinstance(result, tuple):
            return result if sizes[0] is None else self.perturbed(result, sizes[0])
        return tuple(self.off(out, [size]) for out, size in zip(result, sizes, strict=True))

    def perturbed(self, out: Tensor, size: Tensor | None = None) -> Tensor:
        """Return `out` off by a step times `size`; by default times its own."""
        if out.dtype != torch.float64:
            return out
        return self.rounding.by_its_size(out) if size is None else self.rounding.by(size, out)


class Measuring(MonteCarloArithmetic):
    """Notes how large the errors of the sums of a run are."""

    def __init__(self, arithmetic: Arithmetic, generator: torch.Generator, step: float, at_once: int = AT_ONCE) -> None:
        super().__init__(arithmetic, generator, step, at_once)
        self.sums: list[Sizes] = []

    def sizes(self, result: Any, func: Any, args: Any, kwargs: Any) -> Sizes:
        self.sums.append(super().sizes(result, func, args, kwargs))
        return self.sums[-1]


class Still(MonteCarloArithmetic):
    """Perturbs nothing, but makes the tensors anew that it would perturb, so that they lie alike in memory.

    `rounding.taken` is how many steps a run takes.
    """

    def __init__(self, arithmetic: Arithmetic) -> None:
        super().__init__(arithmetic, torch.Generator(), 0.0)
        self.rounding = Idle(arithmetic.underflow)


def sum_size(arithmetic: Arithmetic, value: Tensor, of_absolutes: Tensor, of_squares: Tensor, terms: Tensor) -> Tensor:
    """Return the size of the rounding error of a sum of `terms` products, in multiples of u.

    Stored results and rounded factors: |AB| and the root of the map on squares, for their errors are independent.
    The running value: |A||B| where it wanders, sqrt(n) |AB| where it grows, at the roundoff of accumulation.

    The root of n squares lies between |A||B| / sqrt(n) and |A||B|, which holds it where the squares overflow or vanish.
    """
    root = of_squares.sqrt().clamp(of_absolutes / terms.clamp_min(1).sqrt(), of_absolutes)
    stored = value.abs() + arithmetic.product * root
    return stored + arithmetic.accumulation * (of_absolutes + terms.sqrt() * value.abs())
