"""InstanceNorm2d."""

from typing import Any

import torch
from torch import Tensor

from parity.catalogue.centred import NEARLY_NOTHING_LEFT, scaled, standardised
from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class OfAnyBatch(torch.nn.InstanceNorm2d):
    """torch.nn.InstanceNorm2d, which with a weight stumbles over a batch of none."""

    def forward(self, input: Tensor) -> Tensor:
        """Return an empty batch as it is, hung on the parameters."""
        if len(input) or not self.affine:
            normalised: Tensor = super().forward(input)
            return normalised
        return scaled(input, self.weight, self.bias)


class InstanceNormByFormula(torch.nn.InstanceNorm2d):
    """InstanceNorm2d by its formula, which keeps the digits that torch's kernel loses."""

    def forward(self, input: Tensor) -> Tensor:
        """Return y, every channel of every image by itself."""
        return scaled(standardised(input, (-2, -1), self.eps), self.weight, self.bias)


def options(features: Any, **others: Any) -> dict[str, Any]:
    return {"num_features": features, "affine": True} | others


PAGE = Page(
    module="InstanceNorm2d",
    reference=OfAnyBatch,
    truth=InstanceNormByFormula,
    left_out={"track_running_stats": "what is kept from batch to batch is compared for BatchNorm1d and BatchNorm2d"},
    space=Space(
        options={"affine": (True, False), "eps": (1e-5, 0.1, 1e-3), "bias": (True, False)},
        besides={"num_features": (4, 1, 24), "momentum": (0.1, 0.5)},
        shapes={"image": ((6, 5), (5, 6), (4, 4))},
        x=lambda values: (3, values["num_features"], *values["image"]),
        everything={"eps": 0.1, "num_features": 24, "image": (5, 6)},
    ),
    cases=(
        Case("one-row", x=(2, 3, 1, 7), options=options(3)),
        Case("no-eps", x=(3, 4, 5, 2), options=options(4, eps=0.0)),
        Case("large-batch", x=(2**14 + 1, 1, 2, 3), options=options(1), large=True),
        Case("large-image", x=(1, 1, 260, 259), options=options(1), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=options(3), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :-1]),
        Refusal("no batch", "x", x=lambda x: x[0], stricter=True),
        Refusal("one axis too many", "x", x=lambda x: x[None]),
        Refusal("one pixel", "x", x=lambda x: x[..., :1, :1]),
        Refusal("wrong dtype", "x", x=lambda x: x.half(), stricter=True),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("negative features", "num_features", options=options(-4)),
        Refusal("no features", "num_features", options=options(0), stricter=True),
        Refusal("eps in words", "eps", options=options(4, eps="small")),
        Refusal("negative eps", "eps", options=options(4, eps=-1.0), stricter=True),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options=options(3)),
        Timing("images", x=(16, 64, 56, 56), options=options(64)),
    ),
    degenerate=NEARLY_NOTHING_LEFT,
)
