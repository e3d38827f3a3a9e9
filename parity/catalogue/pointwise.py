"""What the pages of activations share that take each element by itself."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from parity.catalogue.page import Case, Page, Refusal, Space, Timing

SHAPES = ((5, 8, 9, 10), (7, 5), (11,), (2, 3, 4))


def pointwise(
    reference: type[torch.nn.Module],
    options: Mapping[str, Sequence[Any]] | None = None,
    cases: tuple[Case, ...] = (),
    refusals: tuple[Refusal, ...] = (),
    takes_integers: bool = False,
    kinks: bool = False,
    degenerate: Mapping[str, str] | None = None,
    truth: Callable[..., torch.nn.Module] | None = None,
    also: Callable[..., torch.nn.Module] | None = None,
    once: str = "",
) -> Page:
    """Return the page of an activation.

    options         of the module, with values worth trying, the first of each where nothing else is asked
    cases           beside those of every activation
    takes_integers  whether torch.nn does: then only a subject whose errors explain must refuse them
    """
    space = Space(options=options or {}, shapes={"x": SHAPES}, plain="image")
    plain = {name: values[0] for name, values in (options or {}).items()}
    return Page(
        module=reference.__name__,
        reference=reference,
        space=space,
        cases=(
            *cases,
            Case("large-batch", x=(2**16 + 5, 1), options=plain, large=True),
            Case("photographs", x=(4, 3, 32, 32), options=plain, regime="photograph"),
        ),
        refusals=(
            Refusal("integers", "x", x=lambda x: x.long(), stricter=takes_integers),
            Refusal("not a tensor", "x", x=lambda x: x.tolist()),
            *refusals,
        ),
        kinks=kinks,
        truth=truth,
        also=also,
        once=once,
        degenerate=degenerate or {},
        timings=(Timing("papers", x=(100, 3, 10, 10), options=plain), Timing("large", x=(10_000_000,), options=plain)),
    )
