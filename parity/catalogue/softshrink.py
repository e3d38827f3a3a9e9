"""Softshrink."""

import torch

from parity.catalogue.page import Refusal
from parity.catalogue.pointwise import pointwise

PAGE = pointwise(
    torch.nn.Softshrink,
    options={"lambd": (1.0, 0.5, 0.0)},
    refusals=(Refusal("length below zero", "lambd", options={"lambd": -1.0}),),
    kinks=True,
    degenerate={
        "* tiny * *": "no number is longer than lambd",
        "image * positive * *": "no number is longer than lambd, which is 1",
        "* photograph * *": "no number is longer than lambd, which is 1",
    },
)
