"""What the pages of layers that walk along sequences share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing
from parity.catalogue.signature import Input, Signature

MOMENTS, SAMPLES = 3, 6  # moments are few: every one is some twenty operations, which the gauge runs thirty times
SATURATED = "the units are saturated: what is left of their slopes is below the rounding of 1"
PLAIN = {"input_size": 4, "hidden_size": 5}


def flat(module: torch.nn.Module, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
    """Call a module that takes its states as torch has them: one, or a pair; return output and states."""
    given = states if len(states) > 1 else states[0] if states else None
    output, ends = module(x, given)
    return (output, *(ends if isinstance(ends, tuple) else (ends,)))


def sequences(values: Mapping[str, Any]) -> Shape:
    """Return the shape of x of a choice of options: (L, N, D), or (N, L, D)."""
    axes = (SAMPLES, MOMENTS) if values["batch_first"] else (MOMENTS, SAMPLES)
    return (*axes, values["input_size"])


def of_states(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Mapping[str, Shape]]:
    """Return what tells the shapes of the states (S, N, H) that a choice gives."""

    def shapes(values: Mapping[str, Any]) -> Mapping[str, Shape]:
        walks = values["num_layers"] * (1 + values["bidirectional"])
        return dict.fromkeys(names, (walks, SAMPLES, values["hidden_size"])) if values["states"] else {}

    return shapes


def recurrent(
    reference: type[torch.nn.Module],
    states: Sequence[str] = ("h0",),
    options: Mapping[str, Sequence[Any]] | None = None,
    refusals: tuple[Refusal, ...] = (),
    degenerate: Mapping[str, str] | None = None,
) -> Page:
    """Return the page of a recurrent layer.

    states   the names of those that it takes and gives
    options  beside those of every recurrent layer
    """
    plain = PLAIN | {name: values[0] for name, values in (options or {}).items()}
    first, ends = states[0], tuple(f"{name[0]}_n" for name in states)
    one_walk = dict.fromkeys(states, (1, SAMPLES, 5))
    return Page(
        module=reference.__name__,
        reference=reference,
        signature=Signature((Input("x"), *map(Input, states)), ("output", *ends)),
        call=flat,
        first_axis="a sequence (with batch_first, a batch)",
        space=Space(
            options={"num_layers": (1, 2), "bidirectional": (False, True)},
            besides={
                "bias": (True, False),
                "batch_first": (False, True),
                **(options or {}),
                "input_size": (4,),
                "hidden_size": (5, 2),
            },
            shapes={"states": (True, False)},
            x=sequences,
            others=of_states(states),
        ),
        cases=(
            Case("no-batch", x=(4, 3), options=plain | {"input_size": 3, "bidirectional": True}),
            Case("last-state-alone", x=(2, 6, 4), options=plain, others=one_walk, unused=("output", *ends[1:])),
            Case("output-alone", x=(4, 6, 3), options=plain | {"input_size": 3}, unused=ends),
            Case("many-moments", x=(7, 2, 3), options=plain | {"input_size": 3, "hidden_size": 4}),
            Case(
                "large-batch",
                x=(1, 2**16 + 1, 1),
                options=plain | {"input_size": 1, "hidden_size": 2},
                others=dict.fromkeys(states, (1, 2**16 + 1, 2)),
                large=True,
            ),
        ),
        refusals=(
            Refusal("wrong features", "x", x=lambda x: x[..., :-1]),
            Refusal("wrong rank", "x", x=lambda x: x[None]),
            Refusal("no moment", "x", x=lambda x: x[:0]),
            Refusal("wrong dtype", "x", x=lambda x: x.half()),
            Refusal("integers", "x", x=lambda x: x.long()),
            Refusal("not a tensor", "x", x=lambda x: x.tolist()),
            Refusal("state of fewer samples", first, target=lambda state: state[:, :-1]),
            Refusal("state of more walks", first, target=lambda state: torch.cat((state, state))),
            Refusal("no units", "hidden_size", options=plain | {"hidden_size": 0}),
            Refusal("fractional units", "hidden_size", options=plain | {"hidden_size": 2.5}),
            Refusal("no features", "input_size", options=plain | {"input_size": 0}, stricter=True),
            Refusal("no layers", "num_layers", options=plain | {"num_layers": 0}),
            Refusal("layers dropped", "dropout", options=plain | {"num_layers": 2, "dropout": 0.5}, stricter=True),
            Refusal("dropout in words", "dropout", options=plain | {"dropout": "much"}),
            Refusal("two words for two directions", "bidirectional", options=plain | {"bidirectional": "both"}),
            *refusals,
        ),
        timings=(
            Timing("papers", x=(10, 100, 3), options=plain | {"input_size": 3, "hidden_size": 10}),
            Timing("text", x=(50, 32, 128), options=plain | {"input_size": 128, "hidden_size": 256}),
        ),
        degenerate={
            "* bfloat16 huge 1.0 d[!c]*": SATURATED,
            "* float16 huge 1.0 d[!c]*": SATURATED,
            "* bfloat16 offset 1.0 d[!c]*": SATURATED,
            "* float16 offset 1.0 d[!c]*": SATURATED,
            "* not-finite 1.0 d[wb]*": "a sum over the samples is nan if what one of them gives to it is",
            **(degenerate or {}),
        },
    )
