"""GroupNorm."""

from typing import Any

import torch

from parity.catalogue.centred import NEARLY_NOTHING_LEFT
from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def options(groups: Any, channels: Any, **others: Any) -> dict[str, Any]:
    return {"num_groups": groups, "num_channels": channels} | others


PAGE = Page(
    module="GroupNorm",
    reference=torch.nn.GroupNorm,
    space=Space(
        options={
            "num_groups": (2, 1, 3, 6),
            "eps": (1e-5, 0.1, 1e-3),
            "affine": (True, False),
            "bias": (True, False),
        },
        besides={"num_channels": (6, 12, 4)},
        shapes={"image": ((4, 5), (5, 4), (7,), (2, 3, 4))},
        x=lambda values: (3, values["num_channels"], *values["image"]),
        everything={"num_groups": 3, "eps": 0.1, "num_channels": 12, "image": (5, 4)},
    ),
    cases=(
        Case("no-image", x=(5, 12), options=options(2, 12)),
        Case("no-eps", x=(3, 4, 5), options=options(2, 4, eps=0.0)),
        Case("large-batch", x=(2**14 + 1, 2, 3), options=options(1, 2), large=True),
        Case("large-image", x=(1, 2, 260, 259), options=options(2, 2), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=options(1, 3), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :-1]),
        Refusal("no channels", "x", x=lambda x: x[0, 0, 0]),
        Refusal("wrong dtype", "x", x=lambda x: x.half(), stricter=True),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("channels not divisible", "num_groups", options=options(4, 6)),
        Refusal("no groups", "num_groups", options=options(0, 6), stricter=True),
        Refusal("fractional groups", "num_groups", options=options(1.5, 6)),
        Refusal("negative channels", "num_channels", options=options(1, -6)),
        Refusal("eps in words", "eps", options=options(2, 6, eps="small")),
        Refusal("negative eps", "eps", options=options(2, 6, eps=-1.0), stricter=True),
    ),
    timings=(
        Timing("papers", x=(100, 4, 10, 10), options=options(2, 4)),
        Timing("images", x=(16, 64, 56, 56), options=options(32, 64)),
    ),
    degenerate=NEARLY_NOTHING_LEFT,
)
