"""Monte Carlo arithmetic: the result of every elementary operation is moved, by as much as its rounding may move it."""

from typing import Any

import torch
from torch import Tensor

from parity.mode import Mode
from parity.verdict.arithmetic import Arithmetic
from parity.verdict.draw import each_tensor, signs
from parity.verdict.perturbed import kernels

ONE = torch.ones((), dtype=torch.float64)


class Signs:
    """1 and -1, drawn many at once: a run asks for few, thousands of times."""

    STOCK = 1 << 13

    def __init__(self, generator: torch.Generator) -> None:
        self.generator, self.left = generator, torch.empty(0, dtype=torch.float64)

    def take(self, like: Tensor) -> Tensor:
        """Return signs in the shape of a tensor; none is given out twice."""
        wanted = like.numel()
        if wanted > self.left.numel():
            self.left = signs(torch.empty(max(wanted, self.STOCK), dtype=torch.float64), self.generator)
        taken, self.left = self.left[:wanted], self.left[wanted:]
        return taken.view(like.shape)


class MonteCarloArithmetic(Mode):
    """Perturb the result of every elementary operation by `step` times the size of its rounding error, signs drawn."""

    def __init__(self, arithmetic: Arithmetic, signs: Signs, step: float) -> None:
        super().__init__()
        self.arithmetic, self.signs, self.step = arithmetic, signs, step

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        rounding = kernels.rounding(func)
        if rounding == "in place":
            with self:
                return args[0].copy_(kernels.out_of_place(func)(*args, **kwargs))
        if rounding != "nothing" and not kernels.floats((args, kwargs)):
            rounding = "nothing"
        if rounding:
            return self.done(rounding, func, args, kwargs)
        with self:
            return kernels.decomposition(func)(*args, **kwargs)

    def done(self, rounding: str, func: Any, args: Any, kwargs: Any) -> Any:
        """Return what a kernel gives, perturbed as it rounds: "nothing", "once" or "as a sum"."""
        result = func(*args, **kwargs)
        if rounding == "once":
            return self.perturbed(result)
        return result if rounding == "nothing" else self.linear(result, func, args, kwargs)

    def linear(self, result: Any, func: Any, args: Any, kwargs: Any) -> Any:
        """Perturb the result of a map that is linear in each tensor argument."""
        mapped = [func(*each_tensor(f, args), **kwargs) for f in (torch.abs, torch.square, torch.ones_like)]
        sums = zip(*(value if isinstance(value, tuple) else (value,) for value in (result, *mapped)), strict=True)
        outs = [
            self.perturbed(out, sum_size(self.arithmetic, out, *rest)) if kernels.floats(out) else out
            for out, *rest in sums
        ]
        return tuple(outs) if isinstance(result, tuple) else outs[0]

    def perturbed(self, out: Tensor, size: Tensor | None = None) -> Tensor:
        """Return `out` off by a step times `size`, which is |out| where it was rounded once."""
        if out.dtype != torch.float64:
            return out
        signs, underflow = self.signs.take(out), self.arithmetic.underflow
        if size is None:  # a product with 1 + step leaves infinities what they are
            return torch.add(out * torch.add(ONE, signs, alpha=self.step), signs, alpha=self.step * underflow)
        return torch.where(out.isfinite(), torch.add(out, signs * (size + underflow), alpha=self.step), out)


def sum_size(arithmetic: Arithmetic, value: Tensor, of_absolutes: Tensor, of_squares: Tensor, terms: Tensor) -> Tensor:
    """Return the size of the rounding error of a sum of `terms` products, in multiples of u.

    Stored results and rounded factors: |AB| and the root of the map on squares, for their errors are independent.
    The running value: |A||B| where it wanders, sqrt(n) |AB| where it grows, at the roundoff of accumulation.

    The root of n squares lies between |A||B| / sqrt(n) and |A||B|, which holds it where the squares overflow or vanish.
    """
    root = of_squares.sqrt().clamp(of_absolutes / terms.clamp_min(1).sqrt(), of_absolutes)
    stored = value.abs() + arithmetic.product * root
    return stored + arithmetic.accumulation * (of_absolutes + terms.sqrt() * value.abs())
