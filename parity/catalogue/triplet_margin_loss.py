"""TripletMarginLoss."""

from math import inf

import torch

from parity.catalogue.losses import COARSE, of_several
from parity.catalogue.page import Case, Refusal
from parity.catalogue.signature import Input

PAGE = of_several(
    torch.nn.TripletMarginLoss,
    (Input("anchor"), Input("positive"), Input("negative")),
    options={
        "margin": (1.0, 0.25, 3.0),
        "p": (2.0, 1.0, 3.0, 1.5, inf),
        "eps": (1e-6, 0.25),
        "swap": (False, True),
    },
    shapes=((6, 5), (4, 2)),
    others=lambda x: (x, x),
    timings={"papers": (100, 20), "large": (4096, 256)},
    cases=(Case("one-alone", x=(11,), options={"margin": 30.0}, others={"positive": (11,), "negative": (11,)}),),
    refusals=(
        Refusal("three axes", "anchor", x=lambda x: x[None], stricter=True),  # torch.nn broadcasts
        Refusal("margin of zero", "margin", options={"margin": 0.0}),
        Refusal("margin in words", "margin", options={"margin": "wide"}),
        Refusal("norm of zero", "p", options={"p": 0.0}, stricter=True),
        Refusal("norm in words", "p", options={"p": "euclidean"}),
        Refusal("eps in words", "eps", options={"eps": "small"}),
        Refusal("swap in words", "swap", options={"swap": "maybe"}),
    ),
    degenerate={
        **COARSE,
        "* bfloat16 huge 1.0 *": "distances in the thousands differ by a few last digits, which open the hinge",
    },
)
