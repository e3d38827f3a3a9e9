"""RMSNorm."""

from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing


def rows(size: int, eps: Any = 1e-5) -> dict[str, Any]:
    return {"normalized_shape": size, "eps": eps}


# torch's default of eps is the machine epsilon of the dtype, so that it is another in the float64 truth: one case has
# it, of numbers beside which neither counts.
PAGE = Page(
    module="RMSNorm",
    reference=torch.nn.RMSNorm,
    space=Space(
        options={"eps": (1e-5, 0.1, 1e-3), "elementwise_affine": (True, False)},
        besides={"normalized_shape": (7, 24, (3, 4), (4, 3), (2, 3, 5))},
        shapes={"axes": ((5,), (), (2, 3), (2, 3, 4))},
        x=lambda values: (*values["axes"], *torch.empty(values["normalized_shape"], device="meta").shape),
        everything={"eps": 0.1, "normalized_shape": (3, 4), "axes": (2, 3)},
    ),
    cases=(
        Case("machine-epsilon", x=(6, 8), options={"normalized_shape": 8}, one_regime=True),
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
        Refusal("eps in words", "eps", options=rows(7, "small")),
        Refusal("negative eps", "eps", options=rows(7, -1.0), stricter=True),
    ),
    timings=(
        Timing("papers", x=(100, 3, 10, 10), options=rows(10)),
        Timing("tokens", x=(8, 512, 768), options=rows(768)),
    ),
    degenerate={
        "* float16 huge * dx": "torch's derivative goes through the cube of rstd, too small here for float16",
        "* not-finite * dweight": "every sum goes over a sample that is nan throughout",
    },
)
