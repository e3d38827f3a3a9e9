"""What the pages of layers share that lay a border around images."""

from collections.abc import Sequence

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

Padding = int | tuple[int, int, int, int]
SHAPES = ((3, 4, 5, 6), (3, 4, 6, 5), (2, 1, 5, 5), (4, 5, 6))
WIDE = (1, 2, 3, 4)


def border(
    reference: type[torch.nn.Module],
    paddings: Sequence[Padding] = (),
    cases: tuple[Case, ...] = (),
    refusals: tuple[Refusal, ...] = (),
) -> Page:
    """Return the page of a layer that lays a border.

    paddings  worth trying beside those of every such layer
    """
    return Page(
        module=reference.__name__,
        reference=reference,
        multilinear=True,
        space=Space(
            options={"padding": (2, 0, 1, (0, 1, 0, 0), (2, 0, 0, 1), WIDE, *paddings)},
            shapes={"x": SHAPES},
            everything={"padding": WIDE, "x": (3, 4, 6, 5)},
            plain="image",
        ),
        cases=(
            *cases,
            Case("large-batch", x=(2**16 + 1, 1, 2, 2), options={"padding": 1}, large=True),
            Case("large-image", x=(1, 1, 257, 258), options={"padding": 2}, large=True),
            Case("photographs", x=(4, 3, 32, 32), options={"padding": 3}, regime="photograph"),
        ),
        refusals=(
            Refusal("integers", "x", x=lambda x: x.long(), stricter=True),
            Refusal("not a tensor", "x", x=lambda x: x.tolist()),
            Refusal("no rows and columns", "x", x=lambda x: x[0, 0, 0]),
            Refusal("pair", "padding", options={"padding": (1, 2)}, stricter=True),
            Refusal("fraction", "padding", options={"padding": 1.5}),
            *refusals,
        ),
        degenerate={
            "* bfloat16 offset 1.0 output": "values near 100 are 0.5 apart: another draw is as near as rounding"
        },
        timings=(
            Timing("papers", x=(100, 3, 10, 10), options={"padding": 1}),
            Timing("wide", x=(16, 32, 56, 56), options={"padding": 3}),
        ),
    )
