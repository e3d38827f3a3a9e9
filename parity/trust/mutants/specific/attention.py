"""Faults of attention: in its scores, its masks, its softmax and its heads, and on the way back through them."""

from collections.abc import Iterator

from torch import Tensor

from parity.diagnosis.symptom import fitted
from parity.trust import attended
from parity.trust.attended import Slip
from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import planted
from parity.trust.planted import Call, Change, Mutant

Faults = dict[str, tuple[str, Slip]]  # name of the fault: its cause, and what is wrong

FORWARD: Faults = {
    "scale missing": ("missing factor", Slip(scale=0)),
    "scale 1/d for 1/sqrt(d)": ("missing factor", Slip(scale=-1)),
    "softmax over the queries": ("wrong axis", Slip(over_queries=True)),
    "mask after the softmax": ("wrong formula", Slip(mask_after=True)),
    "mask turned round": ("option ignored", Slip(turned=True)),
    "mask ignored": ("option ignored", Slip(unmasked=True)),
}
BACKWARD: Faults = {
    "scale missing": ("missing factor", Slip(scale=0)),
    "sum of the softmax's derivative missing": ("missing term", Slip(straight=True)),
    "mask ignored on the way back": ("option ignored", Slip(unmasked=True)),
}
CAUSAL: Faults = {
    "causal mask one key later": ("constant off", Slip(later=1)),
    "causal mask one key earlier": ("constant off", Slip(later=-1)),
}


PADDING = ("option ignored", Slip(padded=False))
HEADS: Faults = {
    "heads read without turning them": ("wrong order", Slip(mixed=True)),
    "rows of in_proj as k, q, v": ("wrong order", Slip(order=(1, 0, 2))),
    "rows of in_proj as q, v, k": ("wrong order", Slip(order=(0, 2, 1))),
    "padding mask ignored": PADDING,
}
SHOWN: Faults = {
    "of the first head alone": ("wrong formula", Slip(one_head=True)),
    "padding mask ignored": PADDING,
    "mask turned round": ("option ignored", Slip(turned=True)),
    "softmax over the queries": ("wrong axis", Slip(over_queries=True)),
}


def attended_as(wrong: Slip, quantity: str) -> Change:
    """Return the change to what a layer gives that is wrong so."""

    def change(value: Tensor, call: Call) -> Tensor:
        site = call.site
        found = attended.quantities(
            site.module, call.signature, site.options, call.parameters, call.given, call.dys, wrong
        )
        return found[quantity].to(value.dtype)

    return change


def table(faults: Faults, quantity: str) -> dict[str, tuple[str, Change]]:
    return {name: (cause, attended_as(wrong, quantity)) for name, (cause, wrong) in faults.items()}


def of_other(other: str) -> Change:
    """Return the change to another gradient."""
    return lambda value, call: fitted(call.again().get(other, value), value.shape)


def mutants() -> Iterator[Mutant]:
    """Yield every fault of the layers of attention."""
    yield from of_inputs("ScaledDotProductAttention", FORWARD | CAUSAL, BACKWARD | CAUSAL)
    module, unbiased = "MultiheadAttention", {"bias of out_proj missing": ("missing term", Slip(biased=False))}
    yield from of_inputs(module, FORWARD | HEADS | unbiased, BACKWARD | HEADS)
    yield from planted(module, "attention", table(SHOWN, "attention"))
    of_one = {"cotangent of the weights for the first head alone": ("wrong formula", Slip(one_head=True))}
    for quantity in ("dquery", "dkey", "din_proj_weight", "din_proj_bias"):
        yield from planted(module, quantity, table(of_one, quantity))
    for quantity in ("din_proj_weight", "din_proj_bias"):
        yield from planted(module, quantity, table(BACKWARD | HEADS, quantity))
    yield from planted(
        module,
        "dout_proj.weight",
        table({"heads read without turning them": HEADS["heads read without turning them"]}, "dout_proj.weight"),
    )


def of_inputs(module: str, forward: Faults, backward: Faults) -> Iterator[Mutant]:
    """Yield the faults of the output and of the gradients of queries, keys and values."""
    yield from planted(
        module, "output", table(forward, "output") | {"nan swallowed": ("nan swallowed", c.nan_swallowed)}
    )
    for quantity in ("dquery", "dkey"):
        yield from planted(module, quantity, table(backward, quantity))
    beyond_scores = {name: fault for name, fault in backward.items() if "derivative" not in name}
    yield from planted(module, "dvalue", table(beyond_scores, "dvalue"))
    yield from planted(module, "dkey", {"that of the query": ("derivative at the wrong tensor", of_other("dquery"))})
    yield from planted(module, "dvalue", {"read transposed": ("transposed", c.misread)})
