"""What the pages of layers that pool share: their images, and what they refuse."""

from collections.abc import Mapping
from typing import Any

from parity.catalogue.page import Refusal, Shape

# 9 x 8 is divided neither by windows of 2 nor by those of 3; the third has no axis of samples.
IMAGES: tuple[Shape, ...] = ((2, 3, 9, 8), (2, 3, 8, 9), (3, 7, 10), (2, 1, 6, 6))
SEQUENCES: tuple[Shape, ...] = ((2, 3, 20), (2, 3, 15), (3, 17), (2, 1, 12))
# of an image that they divide, that they overlap in, that is smaller
SIZES = ((4, 3), (3, 4), 2, 5, 12, (18, 1), (None, 3), (5, None))


def refused(name: str, argument: str, stricter: bool = False, **options: Any) -> Refusal:
    """Return the refusal of these options."""
    return Refusal(name, argument, options=options, stricter=stricter)


def of_input(takes_integers: bool = False) -> tuple[Refusal, ...]:
    """Return the input that every layer that pools refuses; torch.nn may take integers."""
    return (
        Refusal("one axis", "x", x=lambda x: x.flatten()),
        Refusal("integers", "x", x=lambda x: x.long(), stricter=takes_integers),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("no pixels", "x", x=lambda x: x[..., :0]),
    )


def of_windows(plain: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """Return what every layer refuses whose windows slide; plain: options in which all is good."""
    return (
        Refusal("smaller than kernel", "x", x=lambda x: x[..., :2]),
        refused("kernel zero", "kernel_size", **{**plain, "kernel_size": 0}),
        refused("kernel of four", "kernel_size", **{**plain, "kernel_size": (1, 2, 3, 4)}),
        refused("fractional kernel", "kernel_size", **{**plain, "kernel_size": 2.5}),
        refused("stride zero", "stride", **{**plain, "stride": 0}),
        refused("fractional stride", "stride", **{**plain, "stride": 1.5}),
        refused("ceil in words", "ceil_mode", **{**plain, "ceil_mode": "up"}),
    )


def of_sizes() -> tuple[Refusal, ...]:
    """Return what every layer refuses that pools to a given size; torch.nn gives an empty image for a size of 0."""
    return (
        refused("size zero", "output_size", stricter=True, output_size=0),
        refused("negative size", "output_size", output_size=(2, -1)),
        refused("size of three", "output_size", output_size=(1, 2, 3)),
        refused("fractional size", "output_size", output_size=2.5),
    )
