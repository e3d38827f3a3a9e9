"""What the pages of batch normalisation share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.centred import APART, NEARLY_NOTHING_LEFT
from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing


def options(features: int, **others: Any) -> dict[str, Any]:
    return {"num_features": features} | others


def page(
    reference: Callable[..., torch.nn.Module],
    images: Sequence[Shape],
    cases: tuple[Case, ...],
    bad: Mapping[str, Callable[[Tensor], object]],
    timings: tuple[Timing, ...],
) -> Page:
    """Return the page of a batch normalisation of (N, C, *), with the `images` that * may be."""
    return Page(
        module=reference.__name__,
        reference=reference,
        space=Space(
            options={
                "affine": (True, False),
                "track_running_stats": (True, False),
                "momentum": (0.1, 0.7, None),
                "eps": (1e-5, 0.1),
                "bias": (True, False),
            },
            besides={"num_features": (3, 1, 24)},
            shapes={"image": images, "training": (True, False)},
            x=lambda values: (5, values["num_features"], *values["image"]),
            together=({"training": False, "affine": False}, {"training": False, "track_running_stats": False}),
            everything={"momentum": 0.7, "eps": 0.1, "num_features": 24},
        ),
        cases=(
            Case("evaluation", x=(5, 3, *images[0]), options=options(3), training=False, widely=True),
            *cases,
        ),
        refusals=(
            Refusal("wrong channels", "x", x=lambda x: x[:, :-1]),
            *(Refusal(name, "x", x=change) for name, change in bad.items()),
            Refusal("integers", "x", x=lambda x: x.long()),
            Refusal("wrong dtype", "x", x=lambda x: x.half(), stricter=True),
            Refusal("not a tensor", "x", x=lambda x: x.tolist()),
            Refusal("negative features", "num_features", options=options(-3)),
            Refusal("eps in words", "eps", options=options(3, eps="small")),
            Refusal("negative eps", "eps", options=options(3, eps=-1.0), stricter=True),
            Refusal("momentum in words", "momentum", options=options(3, momentum="slow")),
        ),
        timings=timings,
        degenerate={
            **NEARLY_NOTHING_LEFT,
            "* bfloat16 offset * running_var": APART,
        },
    )
