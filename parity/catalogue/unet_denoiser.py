"""UNetDenoiser: down to half the size and up again, beside what was there before, as Ronneberger et al. 2015 have it.

What it gives is added to x: it is the noise that is learnt (Zhang et al. 2017).
"""

from parity.catalogue.network import Network, Node, reference
from parity.catalogue.page import Case, Page, Refusal


def convolution(name: str, x: str, in_channels: int, out_channels: int) -> Node:
    sizes = {"in_channels": in_channels, "out_channels": out_channels, "kernel_size": 3, "padding": 1}
    return Node(name, "Conv2d", (x,), sizes)


def network(channels: int, width: int, depth: int) -> Network:
    """Return the denoiser of images (N, channels, H, W) of even sides: of `width` channels, of `depth` at half size."""
    return Network(
        (
            convolution("enter", "x", channels, width),
            Node("relu1", "ReLU", ("enter",)),
            Node("down", "MaxPool2d", ("relu1",), {"kernel_size": 2}),
            convolution("bottom", "down", width, depth),
            Node("relu2", "ReLU", ("bottom",)),
            Node("up", "NearestUpsampling", ("relu2",), {"scale_factor": 2}),
            Node("both", "concatenation", ("relu1", "up"), {"dim": 1}),
            convolution("leave", "both", width + depth, channels),
            Node("joined", "sum", ("x", "leave")),
        )
    )


PAGE = Page(
    module="UNetDenoiser",
    reference=reference(network),
    network=network,
    cases=(
        Case(
            "plain",
            x=(2, 3, 4, 6),
            options={"channels": 3, "width": 4, "depth": 5},
            widely=True,
            one_regime=True,
            loss="squares",
        ),
        Case("grey", x=(3, 1, 6, 2), options={"channels": 1, "width": 2, "depth": 3}, crossed=True),
    ),
    refusals=(
        Refusal("wrong channels", "x", x=lambda x: x[:, :-1]),
        Refusal("not a tensor", "x", x=lambda x: x.tolist()),
    ),
)
