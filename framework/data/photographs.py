"""Pairs of noisy photographs: the denoising of paper 004, where the target is another noisy copy."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy
import torch
from skimage import data
from torch import Tensor

from framework import arguments
from framework.data.dataset import Dataset

# Shipped inside scikit-image, so that nothing is fetched. No picture is in both lists.
TRAINING = ("astronaut", "coffee", "stereo_motorcycle")
TEST = ("chelsea", "rocket")
SIGMA = 25 / 255
SIDE = 32


class NoisyPairs(NamedTuple):
    """Two noisy copies of the same patches, and the patches: (N, 3, side, side) each, in [0, 1]."""

    noisy: Tensor
    other: Tensor
    clean: Tensor

    def to_learn(self) -> Dataset:
        """Return the pairs as a data set: one noisy copy the input, the other the target."""
        return Dataset(self.noisy, self.other)

    def to_measure(self) -> Dataset:
        """Return the noisy copy as input, the clean patch as target."""
        return Dataset(self.noisy, self.clean)


@cache
def picture(name: str) -> Tensor:
    """Return a colour picture of scikit-image as (3, H, W) in [0, 1]; of a stereo pair the left one."""
    loader = getattr(data, name, None)
    if loader is None:
        raise ValueError(f"picture: name must be a picture of skimage.data, was {name!r}")
    pixels = loader()
    pixels = numpy.array(pixels[0] if isinstance(pixels, tuple) else pixels)
    if pixels.ndim != 3:
        raise ValueError(f"picture: {name} must be in colour, had {pixels.ndim} axes")
    return torch.from_numpy(pixels[..., :3]).permute(2, 0, 1).float() / 255


def patches(names: Sequence[str], n: int, generator: torch.Generator, side: int = SIDE) -> Tensor:
    """Return n square patches (n, 3, side, side) at drawn places, from each picture in turn."""
    cut = []
    for position in range(arguments.whole("patches", "n", n, 1)):
        whole = picture(names[position % len(names)])
        top, left = (int(torch.randint(extent - side + 1, (), generator=generator)) for extent in whole.shape[1:])
        cut.append(whole[:, top : top + side, left : left + side])
    return torch.stack(cut)


def noisy_pairs(names: Sequence[str], n: int, generator: torch.Generator, sigma: float = SIGMA) -> NoisyPairs:
    """Draw n patches of the pictures `names`, and two copies of each with Gaussian noise, cut to [0, 1].

    sigma     standard deviation of the noise, where 1 is white
    Source    Paper 004; the target is noisy as in Lehtinen et al. 2018, section 2.
    """
    clean = patches(names, n, generator)
    first, second = ((clean + sigma * torch.randn(clean.shape, generator=generator)).clamp_(0, 1) for _ in range(2))
    return NoisyPairs(first, second, clean)


def psnr(picture: Tensor, clean: Tensor) -> Tensor:
    """Return the peak signal-to-noise ratio in dB of every picture: (N,) for two of (N, C, H, W), white being 1."""
    return -10 * (picture - clean).square().mean((1, 2, 3)).log10()
