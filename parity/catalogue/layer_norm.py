"""LayerNorm."""

import torch

from parity.catalogue.centred import ALIKE, NEARLY_NOTHING_LEFT
from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def rows(size: int) -> dict[str, int]:
    return {"normalized_shape": size}


PAGE = Page(
    module="LayerNorm",
    reference=torch.nn.LayerNorm,
    space=Space(
        options={"eps": (1e-5, 0.1, 1e-3), "elementwise_affine": (True, False), "bias": (True, False)},
        besides={"normalized_shape": (7, 24, (3, 4), (4, 3), (2, 3, 5))},
        shapes={"axes": ((5,), (), (2, 3), (2, 3, 4))},
        x=lambda values: (*values["axes"], *torch.empty(values["normalized_shape"], device="meta").shape),
        everything={"eps": 0.1, "normalized_shape": (3, 4), "axes": (2, 3)},
    ),
    cases=(
        Case("no-eps", x=(6, 8), options={**rows(8), "eps": 0.0}),
        Case("one-value", x=(6, 1), options=rows(1)),
        Case("long-row", x=(3, 4096), options=rows(4096)),
        Case("large-batch", x=(2**14 + 1, 5), options=rows(5), large=True),
        Case("large-row", x=(2, 2**16 + 1), options=rows(2**16 + 1), large=True),
        Case("photographs", x=(4, 3, 32, 32), options=rows(32), regime="photograph"),
    ),
    refusals=(
        Refusal("wrong features", "x", x=lambda x: x[:, :-1]),
        Refusal("a scalar", "x", x=lambda x: x.sum()),
        Refusal("wrong dtype", "x", x=lambda x: x.half(), stricter=True),
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("no axis", "normalized_shape", options={"normalized_shape": ()}),
        Refusal("negative extent", "normalized_shape", options=rows(-7)),
        Refusal("empty extent", "normalized_shape", options=rows(0), stricter=True),
        Refusal("eps in words", "eps", options={**rows(7), "eps": "small"}),
        Refusal("negative eps", "eps", options={**rows(7), "eps": -1.0}, stricter=True),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options=rows(10)),
        Timing("tokens", x=(8, 512, 768), options=rows(768)),
    ),
    degenerate={
        **NEARLY_NOTHING_LEFT,
        "* bfloat16 photograph * dx": ALIKE,
        "* float16 photograph * dweight": ALIKE,
        "* not-finite * dweight": "every sum goes over a sample that is nan throughout",
        "one-value * dx": "one value is its own mean: xhat is 0 whatever it is",
        "one-value * dweight": "xhat is 0",
    },
)
