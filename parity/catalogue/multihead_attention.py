"""MultiheadAttention."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing
from parity.catalogue.scaled_dot_product_attention import ONE_WINNER
from parity.catalogue.signature import Input, Signature

KEYS, QUERIES, SAMPLES = 5, 4, 3
MASKS = {"padding": ("key_padding_mask",), "scores": ("attn_mask",), "both": ("key_padding_mask", "attn_mask")}
ALIKE = "keys are all but their bias, so alike that what they give to a query cancels"
SIX = {"embed_dim": 6, "num_heads": 2}


def call(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None = None,
    attn_mask: Tensor | None = None,
) -> Any:
    """Call the module of torch, which takes its masks in another order."""
    return module(query, key, value, key_padding_mask=key_padding_mask, attn_mask=attn_mask)


def sequence(values: Mapping[str, Any], moments: int, features: int) -> Shape:
    """Return the shape of a sequence as the choice has its axes."""
    return (SAMPLES, moments, features) if values["batch_first"] else (moments, SAMPLES, features)


def beside(values: Mapping[str, Any]) -> Mapping[str, Shape]:
    """Return the shapes of keys, values and masks."""
    size = values["embed_dim"]
    masks = {"key_padding_mask": (SAMPLES, KEYS), "attn_mask": (QUERIES, KEYS)}
    return {
        "key": sequence(values, KEYS, values["kdim"] or size),
        "value": sequence(values, KEYS, values["vdim"] or size),
        **{name: masks[name] for name in MASKS.get(values["masks"], ())},
    }


def of_shapes(query: Shape, key: Shape, **masks: Shape) -> dict[str, Any]:
    """Return the shapes of a case whose keys and values are of one shape."""
    return {"x": query, "others": {"key": key, "value": key, **masks}}


PAGE = Page(
    module="MultiheadAttention",
    reference=torch.nn.MultiheadAttention,
    signature=Signature(
        (
            *map(Input, ("query", "key", "value")),
            *(Input(name, "mask", gradient=False) for name in ("key_padding_mask", "attn_mask")),
        ),
        ("output", "attention"),
    ),
    call=call,
    space=Space(
        options={"batch_first": (False, True), "bias": (True, False)},
        besides={"kdim": (None, 3), "vdim": (None, 2), "embed_dim": (6,), "num_heads": (2, 1, 3)},
        shapes={"masks": ("none", *MASKS)},
        x=lambda values: sequence(values, QUERIES, values["embed_dim"]),
        others=beside,
    ),
    cases=(
        Case("no-batch", **of_shapes((3, 6), (4, 6), key_padding_mask=(4,)), options=SIX),
        Case("mask-of-heads", **of_shapes((3, 2, 6), (4, 2, 6), attn_mask=(4, 3, 4)), options=SIX),
        Case(
            "additive",
            **of_shapes((3, 2, 6), (4, 2, 6), attn_mask=(3, 4), key_padding_mask=(2, 4)),
            drawn={"attn_mask": "additive", "key_padding_mask": "additive"},
            options=SIX,
        ),
        Case("output-alone", **of_shapes((3, 2, 6), (4, 2, 6)), options=SIX, unused=("attention",)),
        Case("attention-alone", **of_shapes((3, 2, 6), (4, 2, 6)), options=SIX, unused=("output",)),
        Case(
            "large-batch",
            **of_shapes((1, 2**15 + 1, 2), (2, 2**15 + 1, 2)),
            options={"embed_dim": 2, "num_heads": 1},
            large=True,
        ),
    ),
    refusals=(
        Refusal("wrong features", "query", x=lambda x: x[..., :-1]),
        Refusal("wrong rank", "query", x=lambda x: x[None]),
        Refusal("wrong dtype", "query", x=lambda x: x.half()),
        Refusal("integers", "query", x=lambda x: x.long()),
        Refusal("not a tensor", "query", x=lambda x: x.tolist()),
        Refusal("key of fewer features", "key", target=lambda key: key[..., :-1]),
        Refusal("no heads", "num_heads", options=SIX | {"num_heads": 0}),
        Refusal("heads that do not divide", "num_heads", options=SIX | {"num_heads": 4}),
        Refusal("no features", "embed_dim", options=SIX | {"embed_dim": 0}),
        Refusal("dropped weights", "dropout", options=SIX | {"dropout": 0.5}, stricter=True),
        Refusal("dropout in words", "dropout", options=SIX | {"dropout": "much"}),
        Refusal("a learnt key", "add_bias_kv", options=SIX | {"add_bias_kv": True}, stricter=True),
        Refusal("a key of zeros", "add_zero_attn", options=SIX | {"add_zero_attn": True}, stricter=True),
    ),
    timings=(
        Timing("papers", **of_shapes((5, 10, 4), (5, 10, 4)), options={"embed_dim": 4, "num_heads": 2}),
        Timing("text", **of_shapes((128, 8, 256), (128, 8, 256)), options={"embed_dim": 256, "num_heads": 8}),
    ),
    left_out={
        "dropout": "what is dropped is drawn, and hidden within the weights",
        "add_bias_kv": "a learnt key is one more row of the keys, and one of the values",
        "add_zero_attn": "a key of zeros is one more row of the keys, and one of the values",
    },
    degenerate={
        "* huge 1.0 d[qk]*": ONE_WINNER,
        "* bfloat16 special 1.0 d[qk]*": ONE_WINNER,
        "* float16 offset 1.0 d[qk]*": ONE_WINNER,
        "* bfloat16 offset 1.0 attention": "scores of many thousands differ by less than their rounding",
        "* bfloat16 offset 1.0 d[qkv]*": "scores of many thousands differ by less than their rounding",
        "* bfloat16 tiny 1.0 dquery": ALIKE,
        "* float16 tiny 1.0 dquery": ALIKE,
        "* not-finite 1.0 d[io]*": "a sum over the samples is nan if what one of them gives to it is",
        "attention-alone * dvalue": "the weights do not depend on it",
        "attention-alone * dout_proj*": "the weights do not depend on it",
    },
)
