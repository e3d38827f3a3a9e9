"""Faults of the layers that walk along sequences: what is lost on the way back, what is read in a wrong order."""

from collections.abc import Iterator

from torch import Tensor

from parity.diagnosis.altered.sequences import unrolled
from parity.diagnosis.altered.sequences.wrong import Wrong
from parity.diagnosis.symptom import fitted
from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import planted
from parity.trust.planted import Call, Change, Mutant

Faults = dict[str, tuple[str, Wrong]]  # name of the fault: its cause, and what is wrong

REVERSE_FORWARDS = ("wrong order", Wrong(forwards=True))
EXCHANGED = ("wrong order", Wrong(exchanged=True))
SAMPLES = ("option ignored", Wrong(samples=True))
H_NOT_CARRIED = ("missing term", Wrong(cut=("h", "h before")))

FORWARD: Faults = {
    "second direction read forwards": REVERSE_FORWARDS,
    "second direction not turned back": ("wrong order", Wrong(unturned=True)),
    "states of the walks exchanged": EXCHANGED,
    "batch_first ignored": SAMPLES,
}
BACKWARD: Faults = {
    "cotangents of the last states left out": ("missing term", Wrong(ends_unused="all")),
    "dh of the next moment not carried": H_NOT_CARRIED,
    "second direction read forwards": REVERSE_FORWARDS,
    "states of the walks exchanged": EXCHANGED,
    "batch_first ignored": SAMPLES,
}
OF_WEIGHTS: Faults = {
    "dh of the next moment not carried": H_NOT_CARRIED,
    "of the last moment alone": ("missing term", Wrong(alone="last")),
}
OF_UNITS: Faults = OF_WEIGHTS | {
    "by the h after, not before": ("derivative at the wrong tensor", Wrong(state_after=True)),
}

# Of each cell: gates read in another order, derivatives left out, and of which quantities that is.
IN_ORDER = {
    "LSTM": {
        "gates i, f, o, g": ("wrong order", Wrong(order=(0, 1, 3, 2))),
        "gates f, i, g, o": ("wrong order", Wrong(order=(1, 0, 2, 3))),
    },
    "GRU": {
        "gates z, r, n": ("wrong order", Wrong(order=(1, 0, 2, 3))),
        "reset before the product": ("wrong formula", Wrong(reset_first=True)),
    },
    "RNN": {},
}
SLOPES: dict[str, Faults] = {
    "LSTM": {
        "derivative by the forget gate missing": ("missing term", Wrong(cut=("f",))),
        "derivative by the output gate missing": ("missing term", Wrong(cut=("o",))),
        "dc of the next moment not carried": ("missing term", Wrong(cut=("c",))),
        "derivative of the tanh of c missing": ("missing factor", Wrong(straight=("c shown",))),
        "derivative of the tanh of g missing": ("missing factor", Wrong(straight=("g",))),
    },
    "GRU": {
        "derivative by the reset gate missing": ("missing term", Wrong(cut=("r",))),
        "derivative by the update gate missing": ("missing term", Wrong(cut=("z",))),
        "derivative of the tanh of n missing": ("missing factor", Wrong(straight=("n",))),
        "z times dh not carried": ("missing term", Wrong(cut=("h before",))),
    },
    "RNN": {"derivative of the squashing missing": ("missing factor", Wrong(straight=("sum",)))},
}


def unrolled_as(wrong: Wrong, quantity: str) -> Change:
    """Return the change to what a layer gives that is wrong so; a sequence without samples stays."""

    def change(value: Tensor, call: Call) -> Tensor:
        given = [one for one in call.given if one is not None]
        module, options = call.site.module, call.site.options
        if call.x.dim() == 2:
            return value
        if quantity in call.signature.outputs:
            ys = unrolled.outputs(module, options, call.parameters, given, wrong)
            return fitted(ys[call.signature.outputs.index(quantity)], value.shape)
        return unrolled.quantities(module, options, call.parameters, given, call.dys, wrong)[quantity]

    return change


def table(faults: Faults, quantity: str) -> dict[str, tuple[str, Change]]:
    return {name: (cause, unrolled_as(wrong, quantity)) for name, (cause, wrong) in faults.items()}


def of_other(other: str) -> Change:
    """Return the change to another gradient of the same shape."""
    return lambda value, call: call.again().get(other, value)


def mutants() -> Iterator[Mutant]:
    """Yield every fault of RNN, LSTM and GRU."""
    for module, slopes in SLOPES.items():
        forward, backward = FORWARD | IN_ORDER[module], BACKWARD | IN_ORDER[module] | slopes
        tables: dict[str, Faults] = {
            "output": forward,
            "h_n": {name: fault for name, fault in forward.items() if "turned back" not in name},
            "dx": backward,
            "dh0": backward,
            "dweight_ih_l0": OF_WEIGHTS | slopes,
            "dweight_hh_l0": OF_UNITS | slopes,
            "dbias_hh_l0": OF_WEIGHTS,
            "dweight_hh_l0_reverse": OF_UNITS | {"second direction read forwards": REVERSE_FORWARDS},
            "dweight_ih_l1": OF_WEIGHTS,
        }
        for quantity, faults in tables.items():
            yield from planted(module, quantity, table(faults, quantity))
        yield from planted(module, "output", {"nan swallowed": ("nan swallowed", c.nan_swallowed)})
    cell = {"dc of the next moment not carried": ("missing term", Wrong(cut=("c",))), **BACKWARD}
    yield from planted("LSTM", "dc0", table(cell, "dc0") | {"that of h0": ("wrong order", of_other("dh0"))})
    yield from planted("LSTM", "c_n", table({"states of the walks exchanged": EXCHANGED}, "c_n"))
    of_inputs = {"that of bias_ih": ("wrong order", of_other("dbias_ih_l0"))}
    yield from planted("GRU", "dbias_hh_l0", of_inputs)
