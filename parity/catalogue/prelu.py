"""PReLU."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def slopes(number: Any, **others: Any) -> dict[str, Any]:
    return {"num_parameters": number} | others


PAGE = Page(
    module="PReLU",
    reference=torch.nn.PReLU,
    space=Space(
        options={"num_parameters": (6, 1)},
        besides={"init": (0.25, -0.5)},
        shapes={"x": ((5, 6, 9, 10), (7, 6), (11,), (2, 6, 4), (4, 6, 3, 5))},
        everything={"num_parameters": 1, "x": (4, 6, 3, 5)},
        plain="image",
    ),
    cases=(
        Case("large-batch", x=(2**16 + 5, 2), options=slopes(2), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=slopes(3), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :-1]),
        Refusal("wrong dtype", "x", x=lambda x: x.half()),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("no slopes", "num_parameters", options=slopes(0), stricter=True),
        Refusal("fractional slopes", "num_parameters", options=slopes(1.5)),
        Refusal("init in words", "init", options=slopes(1, init="steep")),
    ),
    kinks=True,
    degenerate={
        "* positive * dweight": "no number is below zero, where the slope counts",
        "* offset * dweight": "no number is below zero",
        "* photograph * dweight": "no number is below zero",
        "everything * not-finite * dweight": "the one slope's gradient sums over nan",
    },
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options=slopes(3)),
        Timing("large", x=(16, 64, 56, 56), options=slopes(64)),
    ),
)
