"""ResidualBlock: two convolutions with batch normalisation beside a way past them, as He et al. 2016 have it."""

from parity.catalogue.network import Network, Node, reference
from parity.catalogue.page import Case, Page, Refusal


def network(in_channels: int, out_channels: int, stride: int = 1, bias: bool = False) -> Network:
    """Return the block; where its output has another shape than x, a convolution of one pixel stands in the way past.

    A bias before a batch normalisation is taken out again, so that practice has none.
    """
    first = {"in_channels": in_channels, "out_channels": out_channels, "kernel_size": 3, "stride": stride, "padding": 1}
    second = first | {"in_channels": out_channels, "stride": 1}
    norm, reshaped = {"num_features": out_channels}, stride != 1 or in_channels != out_channels
    past = first | {"kernel_size": 1, "padding": 0}
    beside = (
        Node("downsample", "Conv2d", ("x",), past | {"bias": bias}),
        Node("downsample_bn", "BatchNorm2d", ("downsample",), norm),
    )
    return Network(
        (
            Node("conv1", "Conv2d", ("x",), first | {"bias": bias}),
            Node("bn1", "BatchNorm2d", ("conv1",), norm),
            Node("relu1", "ReLU", ("bn1",)),
            Node("conv2", "Conv2d", ("relu1",), second | {"bias": bias}),
            Node("bn2", "BatchNorm2d", ("conv2",), norm),
            *(beside if reshaped else ()),
            Node("joined", "sum", ("bn2", "downsample_bn" if reshaped else "x")),
            Node("relu2", "ReLU", ("joined",)),
        )
    )


PAGE = Page(
    module="ResidualBlock",
    reference=reference(network),
    network=network,
    cases=(
        Case(
            "same-shape",
            x=(2, 3, 5, 4),
            options={"in_channels": 3, "out_channels": 3, "bias": True},
            widely=True,
            one_regime=True,
            loss="squares",
        ),
        Case("other-shape", x=(3, 2, 4, 5), options={"in_channels": 2, "out_channels": 3, "stride": 2}, loss="squares"),
        Case(
            "evaluation",
            x=(3, 3, 4, 5),
            options={"in_channels": 3, "out_channels": 5, "bias": True},
            training=False,
            crossed=True,
        ),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :-1]),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
    ),
    degenerate={"same-shape * dconv?.bias": "a batch normalisation takes out what a bias before it adds"},
)
