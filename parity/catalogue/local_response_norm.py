"""LocalResponseNorm."""

from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


class InAnyFormat(torch.nn.LocalResponseNorm):
    """torch.nn.LocalResponseNorm, whose pooling does not exist in 16 bits on a CPU: there in float32, rounded once."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the output in the format of the input."""
        return super().forward(input.float() if input.itemsize == 2 else input).to(input.dtype)


def options(size: Any, **others: Any) -> dict[str, Any]:
    return {"size": size} | others


# An alpha that is plain to see beside numbers of size 1: torch's 1e-4 shows among huge ones alone.
PAGE = Page(
    module="LocalResponseNorm",
    reference=InAnyFormat,
    space=Space(
        options={
            "size": (3, 5, 2, 4, 1, 11),
            "alpha": (0.5, 1e-4, 2.0),
            "beta": (0.75, 0.5, 1.0, 2.0),
            "k": (1.0, 2.0, 0.1),
        },
        shapes={"x": ((3, 7, 4, 5), (2, 6, 5), (2, 8, 3, 2, 4), (3, 1, 4, 6))},
        everything={"size": 4, "alpha": 2.0, "beta": 0.5, "k": 2.0, "x": (2, 8, 3, 2, 4)},
    ),
    cases=(
        Case("large-batch", x=(2**14 + 1, 5, 1), options=options(3, alpha=0.5), large=True),
        Case("many-channels", x=(1, 2**13 + 1, 3, 3), options=options(5, alpha=0.5), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=options(2, alpha=0.5), regime="photograph"),
    ),
    refusals=(
        Refusal("two axes", "x", x=lambda x: x[:, :, 0, 0]),
        Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("size zero", "size", options=options(0)),
        Refusal("fractional size", "size", options=options(2.5)),
        Refusal("alpha in words", "alpha", options=options(3, alpha="small")),
        Refusal("beta in words", "beta", options=options(3, beta="small")),
        Refusal("k in words", "k", options=options(3, k="small")),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options=options(2)),
        Timing("images", x=(16, 64, 28, 28), options=options(5)),
    ),
)
