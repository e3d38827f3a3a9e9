"""How the input is drawn: each regime turns standard normal numbers into inputs."""

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy
import torch
from torch import Tensor

Regime = Callable[[Tensor, torch.Generator], Tensor]

SPECIAL = (0.0, -0.0, 17.0, -17.0, 25.0, -25.0, 50.0, -50.0, 1000.0, -1000.0, 1e-4, -1e-4, 1.0, -1.0)
NOT_FINITE = (float("inf"), float("-inf"), float("nan"))
SPECIAL_PROBABILITIES = (0.0, 1.0, 0.5, 1e-4, 1e-7, 1 - 2**-7, 1 - 2**-13, 1 - 2**-20, 1 - 2**-40)
PICTURES = ("astronaut", "coffee", "chelsea", "rocket")


def pick(values: tuple[float, ...], like: Tensor, generator: torch.Generator) -> Tensor:
    """Return a tensor shaped `like`, of numbers picked from `values`; about half are left normal."""
    chosen = torch.tensor(values, dtype=like.dtype)[torch.randint(len(values), like.shape, generator=generator)]
    return torch.where(torch.rand(like.shape, generator=generator, dtype=like.dtype) < 0.5, chosen, like)


@cache
def pictures() -> list[Tensor]:
    """Return photographs that scikit-image ships in its package, as (3, H, W) in [0, 1]."""
    from skimage import data

    return [torch.from_numpy(numpy.array(getattr(data, name)())).permute(2, 0, 1) / 255.0 for name in PICTURES]


def photograph(z: Tensor, generator: torch.Generator) -> Tensor:
    """Return patches of photographs: (H, W) for every (n, c) of (N, C, H, W); any other shape is read off one line."""
    if z.dim() != 4:
        return photograph(z.new_empty(1, 1, 1, z.numel()), generator).reshape(z.shape)
    height, width = z.shape[2:]
    patches = torch.empty_like(z)
    for n, c in product(range(z.shape[0]), range(z.shape[1])):
        if c % 3 == 0:
            picture = pictures()[int(torch.randint(len(PICTURES), (), generator=generator))].to(z.dtype)
            if width > picture.shape[2]:
                picture = picture.reshape(3, 1, -1)
            top = int(torch.randint(picture.shape[1] - height + 1, (), generator=generator))
            left = int(torch.randint(picture.shape[2] - width + 1, (), generator=generator))
        patches[n, c] = picture[c % 3, top : top + height, left : left + width]
    return patches


def heavy_tailed(z: Tensor, generator: torch.Generator) -> Tensor:
    """Return normal numbers of very unequal scale: the standard deviation is itself log-normal."""
    return z * torch.randn(z.shape, generator=generator, dtype=z.dtype).mul(1.5).exp()


def not_finite(z: Tensor, generator: torch.Generator) -> Tensor:
    """Return z with inf, -inf and nan in turn in the first channel of its first sample; of three samples, if rows."""
    changed = z.clone()
    corner = changed[:1, :1] if z.dim() > 2 else changed[:3, :1] if z.dim() == 2 else changed[:3]
    places = torch.arange(corner.numel()) + torch.randint(len(NOT_FINITE), (), generator=generator)
    corner.copy_(torch.tensor(NOT_FINITE, dtype=z.dtype)[places % len(NOT_FINITE)].reshape(corner.shape))
    return changed


REGIMES: dict[str, Regime] = {
    "normal": lambda z, _: z,
    "positive": lambda z, generator: torch.rand(z.shape, generator=generator, dtype=z.dtype),
    "tiny": lambda z, _: z * 1e-3,
    "huge": lambda z, _: z * 1e3,
    "offset": lambda z, _: z + 100,
    "heavy-tailed": heavy_tailed,
    "ties": lambda z, _: (z * 1.5).round(),
    "special": lambda z, generator: pick(SPECIAL, z, generator),
    "not-finite": not_finite,
    "photograph": photograph,
}


def probability(name: str, value: Tensor, generator: torch.Generator) -> Tensor:
    """Return `value`, drawn in regime `name`, as probabilities: by the logistic function, unless inside [0, 1]."""
    if name in ("positive", "photograph"):
        return 0.01 + 0.98 * value
    value = 4 * torch.tanh(value / 4)  # a probability that is 0 or 1 when rounded is a special value
    if name in ("special", "not-finite"):
        return pick(SPECIAL_PROBABILITIES, torch.rand(value.shape, generator=generator, dtype=value.dtype), generator)
    return torch.sigmoid(value)
