"""Softplus."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

PAGE = Page(
    module="Softplus",
    reference=torch.nn.Softplus,
    space=Space(
        options={"beta": (2.0, 1.0, 0.5, -1.0), "threshold": (20.0, 3.0)},
        shapes={"x": ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))},
        plain="image",
    ),
    cases=(
        Case("large-batch", x=(2**16 + 5, 1), options={"beta": 2.0}, large=True),
        Case("photographs", x=(4, 3, 32, 32), options={"beta": 2.0}, regime="photograph"),
    ),
    refusals=(
        Refusal("integers", "x", x=lambda x: x.long()),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
        Refusal("beta of zero", "beta", options={"beta": 0.0}, stricter=True),
        Refusal("threshold in words", "threshold", options={"threshold": "high"}),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options={"beta": 2.0}),
        Timing("large", x=(10_000_000,), options={"beta": 2.0}),
    ),
)
