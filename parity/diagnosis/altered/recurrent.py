"""Hypotheses of a layer that walks along a sequence: what is lost on the way back, what is read in a wrong order."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import torch
from torch import Tensor

from parity.diagnosis.altered import ahead, unrolled
from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.altered.unrolled import Function, Wrong
from parity.diagnosis.edited.pairs import MOST_PAIRS, TWO, agreeing, allowed_at, sampled
from parity.diagnosis.symptom import BUT_FOR_ROUNDING, Explanation, Explanations, Symptom, observed
from parity.verdict.draw import Draw, Tensors
from parity.verdict.trial import Seen

DRAWS_KEPT = 4
KEPT: OrderedDict[int, tuple[Draw, dict[tuple[str, Wrong], Tensors]]] = (
    OrderedDict()
)  # of the last draws: see quantities
Told = tuple[str, str, Wrong]  # the kind of the cause, the words, and what is wrong

NAMES = {"c shown": "tanh at c", "sum": "tanh"}
GLANCE = 1e-4  # relative: what tells faults from one another, and judges nothing
GATES = {"RNN": "", "LSTM": "ifgo", "GRU": "rzn"}
SQUASHES = {"RNN": {"sum": "tanh"}, "LSTM": {"g": "tanh", "c shown": "tanh"}, "GRU": {"n": "tanh"}}
SLOPES: dict[str, dict[str, Function]] = {  # what is written for 1 - y² of tanh, and for y (1 - y) of a sigmoid
    "tanh": {
        "1 - y": lambda y: 1 - y,
        "(1 - y)²": lambda y: (1 - y) ** 2,
        "y (1 - y)": lambda y: y * (1 - y),
        "1 + y²": lambda y: 1 + y * y,
        "y²": lambda y: y * y,
        "1 - tanh(y)²": lambda y: 1 - y.tanh() ** 2,
    },
    "sigmoid": {
        "1 - y": lambda y: 1 - y,
        "y": lambda y: y,
        "1 - y²": lambda y: 1 - y * y,
        "y (1 + y)": lambda y: y * (1 + y),
        "s(y) (1 - s(y))": lambda y: y.sigmoid() * (1 - y.sigmoid()),
    },
}
GATE = {"f": "the forget gate", "i": "the input gate", "g": "the gate g", "o": "the output gate"}
IN_WORDS = GATE | {
    "g": "g",
    "c": "the c after the moment",
    "c before": "the c before the moment",
    "tanh c": "tanh at c",
    "tanh c before": "tanh at the c before the moment",
}
BOUNDS = (1.0, 5.0, 10.0)  # at which people cut gradients off


OF_EVERY: tuple[Told, ...] = (
    ("missing term", "what h of a moment hands back to the one before is left out", Wrong(cut=("h", "h before"))),
    ("missing term", "of the parameters the last moment alone is counted", Wrong(alone="last")),
    ("missing term", "of the parameters the first moment alone is counted", Wrong(alone="first")),
    ("wrong tensor", "weight_ih meets the x of the moment before, not that of its own", Wrong(input_before=True)),
    ("wrong tensor", "weight_hh meets the h after the moment in place of the h before it", Wrong(state_after=True)),
    ("missing term", "the cotangents of the last states are left out", Wrong(ends_unused=True)),
    ("input ignored", "h0 is not looked at, but for the gradient of weight_hh", Wrong(unstarted=True)),
    ("order", "the second direction is read forwards", Wrong(forwards=True)),
    ("order", "what the second direction gives is left in the order of its walk", Wrong(unturned=True)),
    ("order", "the states of layers and directions are exchanged", Wrong(exchanged=True)),
    ("option ignored", "batch_first is ignored", Wrong(samples=True)),
    *(
        ("order", "the way back goes through the moments from the first to the last, not reversed", Wrong(ahead=when))
        for when in ("none late", "h late", "all late")
    ),
    *(
        ("clamped", f"at every moment the gradient of {words} is cut off at {most:g}", Wrong(cut_off=((of, most),)))
        for of, words in (("sums", "what the nonlinearity is taken of"), ("h", "h"))
        for most in BOUNDS
    ),
)
VALUES_OF_GRU = {
    "r is multiplied with h before the product with weight_hh, not after": Wrong(reset_first=True),
    "bias_hh of n is added after the product with r, not before": Wrong(bias_apart=True),
    "z and 1 - z are exchanged: h is z n + (1 - z) h": Wrong(complement=True),
}
OF_CELL: dict[str, tuple[Told, ...]] = {
    "RNN": (
        ("factor missing", "the derivative of the nonlinearity is left out", Wrong(straight=("sum",))),
        (
            "factor missing",
            "what is handed back to the moment before is not multiplied by the derivative of the nonlinearity",
            Wrong(carried=True),
        ),
    ),
    "LSTM": (
        *(
            (
                "wrong tensor",
                f"{GATE[gate]} is differentiated by {IN_WORDS[other]} in place of {IN_WORDS[right]}",
                Wrong(beside=((gate, other),)),
            )
            for gate, right in unrolled.BESIDE.items()
            for other in IN_WORDS
            if other not in (gate, right)
        ),
        ("missing term", "the derivative by the input gate i is left out", Wrong(cut=("i",))),
        ("missing term", "the derivative by the forget gate f is left out", Wrong(cut=("f",))),
        ("missing term", "the derivative by the gate g is left out", Wrong(cut=("g",))),
        ("missing term", "the derivative by the output gate o is left out", Wrong(cut=("o",))),
        ("missing term", "what c of a moment hands back to the one before is left out", Wrong(cut=("c",))),
        ("factor missing", "the derivative of tanh at c is left out", Wrong(straight=("c shown",))),
        ("factor missing", "the derivative of tanh at g is left out", Wrong(straight=("g",))),
        (
            "factor missing",
            "the forget gate is missing in what c hands back to the moment before",
            Wrong(straight=("c before",)),
        ),
        ("wrong tensor", "h is made of tanh at the c before the moment, not at its own", Wrong(shown="c before")),
        ("bias", "1 is added to the sum of the forget gate", Wrong(forget_bias=1.0)),
        ("order", "on the way back the gates i and f are taken for one another", Wrong(handed=(1, 0, 2, 3))),
        ("order", "on the way back the gates g and o are taken for one another", Wrong(handed=(0, 1, 3, 2))),
        ("order", "on the way back the gates f and g are taken for one another", Wrong(handed=(0, 2, 1, 3))),
        (
            "wrong tensor",
            "h is made of tanh at the c before the moment, not at its own; the gradients are right for its own",
            Wrong(shown="c before", value_alone=True),
        ),
        ("order", "the gates are read as i, f, o, g", Wrong(order=(0, 1, 3, 2))),
        ("order", "the gates are read as f, i, g, o", Wrong(order=(1, 0, 2, 3))),
        ("order", "the gates are read as i, g, f, o", Wrong(order=(0, 2, 1, 3))),
    ),
    "GRU": (
        ("missing term", "the derivative by the reset gate r is left out", Wrong(cut=("r",))),
        ("missing term", "the derivative by the update gate z is left out", Wrong(cut=("z",))),
        ("missing term", "z dh, which is handed back beside the product, is left out", Wrong(cut=("h before",))),
        ("factor", "z dh, which is handed back beside the product, counts 1 - z", Wrong(handing="1 - z")),
        ("factor missing", "the derivative of tanh at n is left out", Wrong(straight=("n",))),
        (
            "factor missing",
            "r is missing in what n hands back to its product with weight_hh",
            Wrong(straight=("reset",)),
        ),
        ("wrong tensor", "the gradient of weight_hh is taken with r h in place of h", Wrong(reset_met="rzn")),
        ("wrong tensor", "the gradient of weight_hh, for n, is taken with r h in place of h", Wrong(reset_met="n")),
        ("order", "the gates are read as z, r, n", Wrong(order=(1, 0, 2, 3))),
        ("order", "on the way back the gates r and z are taken for one another", Wrong(handed=(1, 0, 2))),
        *(("formula", words, wrong) for words, wrong in VALUES_OF_GRU.items()),
        *(
            ("formula", f"{words}; the gradients are those of the right formula", replace(wrong, value_alone=True))
            for words, wrong in VALUES_OF_GRU.items()
        ),
    ),
}


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives, then what two give at once; where the right formula gives the truth."""
    if (family := family_of(symptom)) is None:
        return
    found = False
    for told in faults(symptom, family):
        value = quantities(symptom, family, told[2]).get(symptom.quantity)
        if value is not None and value.shape == symptom.truth.shape:
            found |= symptom.fit(value) >= BUT_FOR_ROUNDING
            yield Explanation(*told[:2], value)
    if not found:
        yield from two_at_once(symptom, family)


def family_of(symptom: Symptom) -> str | None:
    """Return the kind of the cell of a layer that walks along a sequence with samples; None of any other module."""
    if "h0" not in [entry.name for entry in symptom.trial.signature.inputs] or symptom.drawn.x.dim() != 3:
        return None
    for family in unrolled.STEPS:
        right = quantities(symptom, family, Wrong())
        if is_that_of(symptom, right.get("output", symptom.truth)) and symptom.quantity in right:
            return family
    return None


def faults(symptom: Symptom, family: str) -> list[Told]:
    signs = [
        ("sign", f"the derivative by the gate {name} has the wrong sign", Wrong(negated=(name,)))
        for name in GATES[family]
    ]
    return [*OF_CELL[family], *OF_EVERY, *signs, *of_slopes(symptom, family)]


def two_at_once(symptom: Symptom, family: str) -> Explanations:
    """Yield two faults that are in different terms: sought in a sequence of one moment, where their changes add up.

    A fault of the loop alone makes no difference there: it is tried beside those that fit there by themselves. What
    explains another quantity of the call is tried beside every other fault.
    """
    every = faults(symptom, family)
    for one, other in product(of_siblings(symptom, family), every):
        yield from both(symptom, family, one, other)
    alone = of_one_moment(symptom)
    if alone is None:
        return
    at, known, silent = sampled(alone), [], []
    truth, got = alone.truth.flatten()[at], alone.got.flatten()[at]
    for told in every:
        value = quantities(alone, family, told[2]).get(symptom.quantity)
        if value is not None and torch.allclose(value, alone.truth):
            silent.append(told)
        elif value is not None:
            known.append((told, value.flatten()[at]))
    given, allowed = [sample for _, sample in known], allowed_at(alone, at)
    pairs = [(known[one][0], known[other][0]) for one, other in agreeing(given, truth, got, allowed)]
    by_itself = [told for told, sample in known if bool(((sample - got).abs() <= allowed).all())]
    for one, other in (*pairs[:MOST_PAIRS], *product(by_itself, silent)):
        yield from both(symptom, family, one, other)


def both(symptom: Symptom, family: str, one: Told, other: Told) -> Explanations:
    """Yield what two faults give."""
    value = quantities(symptom, family, one[2].beside_another(other[2])).get(symptom.quantity)
    if value is not None:
        yield Explanation(one[0], f"{TWO}{one[1]}; and {other[1]}", value)


def of_siblings(symptom: Symptom, family: str) -> list[Told]:
    """Return the faults that explain another quantity of the same call."""
    seen, truth = observed(symptom.trial), symptom.trial.evidence.truth
    wrong = {
        name: value.double()
        for name, value in seen.items()
        if name != symptom.quantity and value.shape == truth[name].shape and not alike(value.double(), truth[name])
    }
    found = []
    for told in faults(symptom, family) if wrong else ():
        given = quantities(symptom, family, told[2])
        if any(name in given and alike(value, given[name]) for name, value in wrong.items()):
            found.append(told)
    return found


def alike(one: Tensor, other: Tensor) -> bool:
    """Return whether two tensors are the same but for what any dtype may round, at a glance."""
    return one.shape == other.shape and float((one - other).norm()) <= GLANCE * float(other.norm())


def of_one_moment(symptom: Symptom) -> Symptom | None:
    """Return the symptom of a sequence of one moment; None where there is no such, or the quantity is right there."""
    x, case = symptom.drawn.x, symptom.trial.cell.case
    if "h0" not in [entry.name for entry in symptom.trial.signature.inputs] or x.dim() != 3:
        return None
    shape, along = list(x.shape), 1 if case.options.get("batch_first") else 0
    if shape[along] < 2 or symptom.trial.given is not None:
        return None
    shape[along] = 1
    trial = symptom.trial.at(symptom.trial.cell.with_x("one moment", *shape))
    value = observed(trial).get(symptom.quantity)
    if value is None or value.shape != trial.evidence.truth[symptom.quantity].shape:
        return None
    alone = Symptom.of(Seen(trial, symptom.quantity, value.detach().cpu()))
    return alone if alone.wrong.any() else None


def of_slopes(symptom: Symptom, family: str) -> Iterator[Told]:
    """Yield, for every gate, and for c as it is shown: its slope is written wrong."""
    squashes = dict.fromkeys(GATES[family], "sigmoid") | SQUASHES[family]
    linear = symptom.trial.cell.case.options.get("nonlinearity") == "relu"
    for gate, function in squashes.items() if not linear else ():
        for slope, of in SLOPES[function].items():
            words = f"the slope of {NAMES.get(gate, f'the gate {gate}')} is taken as {slope}, y being its value"
            yield "formula", words, Wrong(slopes=((gate, of),))


def quantities(symptom: Symptom, family: str, wrong: Wrong) -> Tensors:
    """Return what a layer of this cell gives in float64 if it is wrong so; nothing where it cannot be."""
    drawn = symptom.drawn
    _, known = KEPT.pop(id(drawn), (drawn, {}))
    KEPT[id(drawn)] = drawn, known  # the draw is kept with it, so that no other gets its id
    while len(KEPT) > DRAWS_KEPT:
        KEPT.popitem(last=False)
    if (family, wrong) not in known:
        known[family, wrong] = computed(symptom, family, wrong)
    return known[family, wrong]


def computed(symptom: Symptom, family: str, wrong: Wrong) -> Tensors:
    """Return the same, without looking whether it was asked for before."""
    drawn = symptom.drawn
    given = [value.double() for value in drawn.inputs if value is not None]
    parameters = {name: value.double() for name, value in drawn.parameters.items()}
    dys = [dy if dy is None else dy.double() for dy in drawn.cotangents]
    try:
        if wrong.ahead:
            return ahead.quantities(family, symptom.trial.cell.case.options, parameters, given, dys, wrong.ahead)
        return unrolled.quantities(family, symptom.trial.cell.case.options, parameters, given, dys, wrong)
    except (RuntimeError, ValueError, KeyError, IndexError):
        return {}
