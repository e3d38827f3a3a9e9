"""What people write wrong in a layer that walks along a sequence, in words."""

from collections.abc import Iterator
from dataclasses import replace

import torch

from parity.diagnosis.altered.sequences import unrolled
from parity.diagnosis.altered.sequences.wrong import Function, Wrong

Told = tuple[str, str, Wrong]  # the kind of the cause, the words, and what is wrong

RIGHT_BACK = "; the gradients are those of the right formula"
TAKEN = {"c shown": "c", "sum": "the sum"}
NAMES = {"c shown": "tanh at c", "sum": "tanh"}
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
FUNCTIONS: dict[str, Function] = {"a sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
BOUNDS = (1.0, 5.0, 10.0)  # at which people cut gradients off


OF_EVERY: tuple[Told, ...] = (
    ("missing term", "what h of a moment hands back to the one before is left out", Wrong(cut=("h", "h before"))),
    ("missing term", "of the parameters the last moment alone is counted", Wrong(alone="last")),
    ("missing term", "of the parameters the first moment alone is counted", Wrong(alone="first")),
    ("wrong tensor", "weight_ih meets the x of the moment before, not that of its own", Wrong(input_before=True)),
    ("wrong tensor", "weight_hh meets the h after the moment in place of the h before it", Wrong(state_after=True)),
    *(
        ("missing term", f"the cotangent of {words} left out", Wrong(ends_unused=which))
        for which, words in {"all": "the last states is", "h": "h_n alone is", "c": "c_n alone is"}.items()
    ),
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
        ("transposed", "on the way back weight_hh is transposed in what h hands back", Wrong(turned_back=True)),
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
            f"h is made of tanh at the c before the moment, not at its own{RIGHT_BACK}",
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
            ("formula", f"{words}{RIGHT_BACK}", replace(wrong, value_alone=True))
            for words, wrong in VALUES_OF_GRU.items()
        ),
    ),
}


def faults_of(family: str, linear: bool) -> list[Told]:
    """Return what may be wrong with a family of cells; `linear` says that its nonlinearity has no slope of its own."""
    signs = [
        ("sign", f"the derivative by the gate {name} has the wrong sign", Wrong(negated=(name,)))
        for name in GATES[family]
    ]
    return [*OF_CELL[family], *OF_EVERY, *signs, *(() if linear else of_slopes(family)), *of_functions(family)]


def squashes(family: str) -> dict[str, str]:
    """Return the function that each gate goes through, and the c that is shown."""
    return dict.fromkeys(GATES[family], "sigmoid") | SQUASHES[family]


def of_slopes(family: str) -> Iterator[Told]:
    """Yield, for every gate, and for c as it is shown: its slope is written wrong."""
    for gate, function in squashes(family).items():
        for slope, of in SLOPES[function].items():
            words = f"the slope of {NAMES.get(gate, f'the gate {gate}')} is taken as {slope}, y being its value"
            yield "formula", words, Wrong(slopes=((gate, of),))


def of_functions(family: str) -> Iterator[Told]:
    """Yield, for every gate, and for c as it is shown: another function is taken, or is so on the way there."""
    for gate, own in squashes(family).items():
        for name, function in FUNCTIONS.items():
            if own not in name:
                words = f"{name} is taken of {TAKEN.get(gate, f'the gate {gate}')} in place of {own}"
                wrong = Wrong(functions=((gate, function),))
                yield "formula", words, wrong
                yield "formula", f"{words}{RIGHT_BACK}", replace(wrong, value_alone=True)
