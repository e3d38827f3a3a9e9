"""TransformerBlock: attention to itself, then two dense layers, each with a way past it (Xiong et al. 2020).

Its parameters have the names of torch.nn.TransformerEncoderLayer, which computes the same where norm_first is True.
"""

from typing import Any

from parity.catalogue.network import Network, Node, reference
from parity.catalogue.page import Case, Page, Refusal
from parity.catalogue.signature import Input, Signature

MASK = "key_padding_mask"


def network(d_model: int, nhead: int, dim_feedforward: int) -> Network:
    """Return the block of sequences (L, N, d_model); where the mask is given, keys at which it is True are left out."""
    rows = {"normalized_shape": d_model}
    wide: dict[str, Any] = {"in_features": d_model, "out_features": dim_feedforward}
    narrow: dict[str, Any] = {"in_features": dim_feedforward, "out_features": d_model}
    return Network(
        (
            Node("norm1", "LayerNorm", ("x",), rows),
            Node(
                "self_attn",
                "MultiheadAttention",
                ("norm1", "norm1", "norm1", MASK),
                {"embed_dim": d_model, "num_heads": nhead},
            ),
            Node("attended", "sum", ("x", "self_attn")),
            Node("norm2", "LayerNorm", ("attended",), rows),
            Node("linear1", "Linear", ("norm2",), wide),
            Node("relu", "ReLU", ("linear1",)),
            Node("linear2", "Linear", ("relu",), narrow),
            Node("joined", "sum", ("attended", "linear2")),
        ),
        ("x", MASK),
    )


def options(**changed: int) -> dict[str, int]:
    return {"d_model": 6, "nhead": 2, "dim_feedforward": 5} | changed


PAGE = Page(
    module="TransformerBlock",
    reference=reference(network),
    network=network,
    signature=Signature((Input("x"), Input(MASK, "mask", gradient=False))),
    first_axis="a sequence",
    cases=(
        Case("plain", x=(4, 3, 6), options=options(), widely=True, one_regime=True, loss="squares"),
        Case("padded", x=(4, 3, 6), options=options(), others={MASK: (3, 4)}, loss="squares"),
        Case("one-head", x=(3, 2, 4), options=options(d_model=4, nhead=1), crossed=True),
    ),
    refusals=(
        Refusal("wrong features", "x", x=lambda x: x[..., :-1]),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
    ),
)
