"""ScaledDotProductAttention."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing
from parity.catalogue.signature import Input, Signature

ONE_WINNER = "one key takes all of the weight: what is left for the slope of the softmax is below the rounding of 1"


class Attention(torch.nn.Module):
    """torch's function as a module, by its formula: its fused kernels hide what they round."""

    def __init__(
        self, dropout_p: float = 0.0, is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False
    ) -> None:
        super().__init__()
        self.options: dict[str, Any] = {
            "dropout_p": dropout_p,
            "is_causal": is_causal,
            "scale": scale,
            "enable_gqa": enable_gqa,
        }

    def forward(self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None) -> Tensor:
        with sdpa_kernel(SDPBackend.MATH):
            return functional.scaled_dot_product_attention(query, key, value, attn_mask, **self.options)


def beside(values: Mapping[str, Any]) -> Mapping[str, Shape]:
    """Return the shapes of keys, values and mask beside queries (*, 3, 4)."""
    batch = values["batch"]
    masks = {"none": {}, "of all": {"attn_mask": (3, 5)}, "of each": {"attn_mask": (*batch, 3, 5)}}
    masks["of keys"] = {"attn_mask": (*batch, 1, 5)}
    return {"key": (*batch, 5, 4), "value": (*batch, 5, 6), **masks[values["mask"]]}


THREE = {"key": (2, 6, 3), "value": (2, 6, 4)}
PAGE = Page(
    module="ScaledDotProductAttention",
    reference=Attention,
    signature=Signature((Input("query"), Input("key"), Input("value"), Input("attn_mask", "open", gradient=False))),
    space=Space(
        options={"is_causal": (False, True), "scale": (None, 0.3, 2)},
        shapes={"mask": ("none", "of all", "of each", "of keys"), "batch": ((2,), (), (2, 3))},
        x=lambda values: (*values["batch"], 3, 4),
        others=beside,
    ),
    cases=(
        Case("additive", x=(2, 4, 3), others=THREE | {"attn_mask": (2, 4, 6)}, drawn={"attn_mask": "additive"}),
        Case("more-queries", x=(2, 5, 3), others={"key": (2, 3, 3), "value": (2, 3, 2)}, options={"is_causal": True}),
        Case("one-key", x=(3, 4, 2), others={"key": (3, 1, 2), "value": (3, 1, 5)}),
        Case("large-batch", x=(2**15 + 1, 2, 1), others=dict.fromkeys(("key", "value"), (2**15 + 1, 3, 1)), large=True),
    ),
    refusals=(
        Refusal("wrong rank", "query", x=lambda x: x[0, 0]),
        Refusal("wrong features", "key", target=lambda key: key[..., :-1]),
        Refusal("wrong batch", "key", target=lambda key: torch.cat((key, key))),
        Refusal("wrong dtype", "key", target=lambda key: key.half()),
        Refusal("integers", "query", x=lambda x: x.long()),
        Refusal("not a tensor", "query", x=lambda x: x.tolist()),
        Refusal("dropped weights", "dropout_p", options={"dropout_p": 0.5}, stricter=True),
        Refusal("dropout in words", "dropout_p", options={"dropout_p": "much"}),
        Refusal("scale in words", "scale", options={"scale": "large"}),
        Refusal("causal in words", "is_causal", options={"is_causal": "yes"}),
        Refusal("shared heads", "enable_gqa", options={"enable_gqa": True}, stricter=True),
    ),
    timings=(
        Timing("papers", x=(10, 5, 4), others=dict.fromkeys(("key", "value"), (10, 5, 4))),
        Timing("text", x=(8, 8, 128, 64), others=dict.fromkeys(("key", "value"), (8, 8, 128, 64))),
    ),
    left_out={
        "dropout_p": "what is dropped is drawn, and hidden within the weights",
        "enable_gqa": "heads of the queries that share keys are those of keys that are repeated",
    },
    degenerate={
        "* huge 1.0 d[qk]*": ONE_WINNER,
        "* bfloat16 special 1.0 d[qk]*": ONE_WINNER,
        "* float16 offset 1.0 d[qk]*": ONE_WINNER,
        "* float* offset 1.0 dquery": ONE_WINNER,
        "* bfloat16 photograph 1.0 dquery": "keys of neighbouring pixels are alike: what they give to it cancels",
        "* bfloat16 offset 1.0 d*": "scores of 20,000 differ by less than their rounding: which one wins is chance",
        "one-key * d[qk]*": "the one key has all of the weight, whatever its score",
    },
)
