"""Embedding."""

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing
from parity.catalogue.signature import Input, Signature

LEFT_OUT = {
    "max_norm": "forward shortens the weight itself, which no derivative sees",
    "norm_type": "it says how max_norm measures",
    "scale_grad_by_freq": "the gradient is then no derivative of the output",
    "sparse": "it says how a gradient is laid out in memory, and no number",
}
PAGE = Page(
    module="Embedding",
    reference=torch.nn.Embedding,
    left_out=LEFT_OUT,
    multilinear=True,
    signature=Signature((Input("input", drawn="indices", gradient=False, below="num_embeddings"),)),
    space=Space(
        options={"padding_idx": (None, 0, 2, -1)},
        besides={"num_embeddings": (7, 3, 40), "embedding_dim": (5, 1, 8)},
        shapes={"numbers": ((4, 6), (5,), (), (2, 3, 4))},
        x=lambda values: values["numbers"],
        everything={"padding_idx": 2, "numbers": (2, 3, 4)},
    ),
    cases=(
        Case("one row many times", x=(60, 50), options={"num_embeddings": 2, "embedding_dim": 3}),
        Case("large-batch", x=(2**16 + 1,), options={"num_embeddings": 9, "embedding_dim": 2}, large=True),
    ),
    refusals=(
        Refusal("floating indices", "input", x=lambda x: x.double()),
        Refusal("index beyond the table", "input", x=lambda x: x + 7),
        Refusal("negative index", "input", x=lambda x: x - 7),
        Refusal("not a tensor", "input", x=lambda x: x.tolist()),
        Refusal("no rows", "num_embeddings", options={"num_embeddings": -1, "embedding_dim": 5}),
        Refusal("fractional dimension", "embedding_dim", options={"num_embeddings": 7, "embedding_dim": 2.5}),
        Refusal("padding beyond", "padding_idx", options={"num_embeddings": 7, "embedding_dim": 5, "padding_idx": 7}),
    ),
    timings=(
        Timing("papers", x=(100,), options={"num_embeddings": 10, "embedding_dim": 25}),
        Timing("words", x=(32, 128), options={"num_embeddings": 1000, "embedding_dim": 64}),
    ),
)
