"""EmbeddingBag."""

from collections.abc import Mapping
from typing import Any

import torch

from parity.catalogue.embedding import LEFT_OUT
from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing
from parity.catalogue.signature import Input, Signature

ROWS, NUMBERS, BAGS = (4, 6), (11,), (5,)


def others(values: Mapping[str, Any]) -> dict[str, Shape]:
    """Return the shapes of the offsets, for a vector of numbers, and of their weights."""
    offsets = {"offsets": BAGS} if values["numbers"] == NUMBERS else {}
    return offsets | ({"per_sample_weights": values["numbers"]} if values["weights"] else {})


PAGE = Page(
    module="EmbeddingBag",
    reference=torch.nn.EmbeddingBag,
    left_out=LEFT_OUT,
    once="torch.nn has no derivative of its backward kernel",
    signature=Signature(
        (
            Input("input", drawn="indices", gradient=False, below="num_embeddings"),
            Input("offsets", drawn="offsets", gradient=False),
            Input("per_sample_weights"),
        )
    ),
    space=Space(
        options={"mode": ("sum", "mean"), "padding_idx": (None, 0, 2, -1)},
        besides={"num_embeddings": (7, 3), "embedding_dim": (5, 1)},
        shapes={"numbers": (ROWS, NUMBERS), "weights": (False, True)},
        x=lambda values: values["numbers"],
        others=others,
        everything={"numbers": NUMBERS, "weights": True, "padding_idx": 2},
    ),
    cases=(
        Case(
            "offset of the end",
            x=(9,),
            options={"num_embeddings": 7, "embedding_dim": 3, "mode": "sum", "include_last_offset": True},
            others={"offsets": (4,)},
            drawn={"offsets": "bounds"},
        ),
        Case(
            "large-batch",
            x=(2**14 + 1, 4),
            options={"num_embeddings": 9, "embedding_dim": 5, "mode": "sum"},
            large=True,
        ),
    ),
    refusals=(
        Refusal("floating indices", "input", x=lambda x: x.double()),
        Refusal("index beyond the table", "input", x=lambda x: x + 7),
        Refusal("negative index", "input", x=lambda x: x - 7),
        Refusal("one bag without offsets", "input", x=lambda x: x[0]),
        Refusal("not a tensor", "input", x=lambda x: x.tolist()),
        Refusal("unknown mode", "mode", options={"num_embeddings": 7, "embedding_dim": 5, "mode": "median"}),
        Refusal("padding beyond", "padding_idx", options={"num_embeddings": 7, "embedding_dim": 5, "padding_idx": 7}),
    ),
    timings=(
        Timing("papers", x=(20, 5), options={"num_embeddings": 10, "embedding_dim": 25, "mode": "sum"}),
        Timing("texts", x=(128, 32), options={"num_embeddings": 1000, "embedding_dim": 64, "mode": "mean"}),
    ),
)
