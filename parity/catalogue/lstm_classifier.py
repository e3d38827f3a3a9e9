"""LSTMClassifier: an LSTM reads a sequence, and a dense layer makes scores of what it gives at the end."""

from parity.catalogue.network import Network, Node, reference
from parity.catalogue.page import Case, Page, Refusal


def network(input_size: int, hidden_size: int, classes: int) -> Network:
    """Return the classifier of sequences (L, N, input_size): scores (N, classes)."""
    return Network(
        (
            Node("lstm", "LSTM", ("x",), {"input_size": input_size, "hidden_size": hidden_size}),
            Node("end", "last", ("lstm",), {"dim": 0}),
            Node("linear", "Linear", ("end",), {"in_features": hidden_size, "out_features": classes}),
        )
    )


PAGE = Page(
    module="LSTMClassifier",
    reference=reference(network),
    network=network,
    first_axis="a sequence",
    cases=(
        Case(
            "plain",
            x=(3, 6, 4),
            options={"input_size": 4, "hidden_size": 5, "classes": 3},
            widely=True,
            one_regime=True,
            loss="cross-entropy",
        ),
        Case("longer", x=(5, 2, 3), options={"input_size": 3, "hidden_size": 4, "classes": 2}, crossed=True),
    ),
    refusals=(
        Refusal("wrong features", "x", x=lambda x: x[..., :-1]),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
    ),
)
