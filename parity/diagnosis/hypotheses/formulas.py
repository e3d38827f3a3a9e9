"""Hypotheses of the chain rule, for a module that works element by element: which factor stands where it should not.

The factor that was used, dx / dy or dx / truth, is compared with a short list of expressions that derivatives of
activations and losses are made of, in x, in the output, in the cotangent and in the target. The same list, compared
with the true factor, tells what it should have been; the two together tell what is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from parity.diagnosis.hypotheses.places import signed_region
from parity.diagnosis.symptom import Explanation, Explanations, Symptom

EXPRESSIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "1": torch.ones_like,
    "-1": lambda z: -torch.ones_like(z),
    "{z}": lambda z: z,
    "1 - {z}": lambda z: 1 - z,
    "1 + {z}": lambda z: 1 + z,
    "{z} (1 - {z})": lambda z: z * (1 - z),
    "{z} (1 + {z})": lambda z: z * (1 + z),
    "1 - {z}^2": lambda z: 1 - z * z,
    "1 + {z}^2": lambda z: 1 + z * z,
    "{z}^2": lambda z: z * z,
    "s({z}) (1 - s({z}))": lambda z: torch.sigmoid(z) * (1 - torch.sigmoid(z)),
    "1 - tanh({z})^2": lambda z: 1 - torch.tanh(z) ** 2,
    "({z} > 0)": lambda z: (z > 0).to(z),
    "sgn({z})": torch.sign,
    "2 {z}": lambda z: 2 * z,
    "exp({z})": torch.exp,
    "1 / exp({z})": lambda z: torch.exp(-z),
    "1 / {z}": lambda z: 1 / z,
    "1 / (2 {z})": lambda z: 1 / (2 * z),
    "1 / (1 + {z})": lambda z: 1 / (1 + z),
    "1 / {z}^2": lambda z: 1 / (z * z),
    "1 / (1 - {z})": lambda z: 1 / (1 - z),
    "1 / ({z} (1 - {z}))": lambda z: 1 / (z * (1 - z)),
}


def places(symptom: Symptom) -> dict[str, Tensor]:
    """Return the tensors that a factor may be an expression in, shaped as dx, by name."""
    x, *rest = (value.double() for value in symptom.drawn.inputs)
    known: dict[str, Tensor] = {"x": x, "y": symptom.trial.evidence.truth["output"]}
    known |= {"t": rest[0]} if rest and rest[0].shape == x.shape else {}
    known |= {} if symptom.drawn.dy is None else {"dy": symptom.drawn.dy.double()}
    return {name: value for name, value in known.items() if value.shape == symptom.truth.shape}


@dataclass(frozen=True, eq=False)
class Factor:
    """An expression in one place: its words, its skeleton (with z for the place), the place, and its value."""

    words: str
    skeleton: str
    place: str
    value: Tensor


Factors = Sequence[Factor]


def factors(symptom: Symptom) -> Factors:
    """Return every expression in every place."""
    by_words: dict[str, Factor] = {}
    for place, value in places(symptom).items():
        for skeleton, function in EXPRESSIONS.items():
            words = skeleton.format(z=place)
            by_words.setdefault(words, Factor(words, skeleton, place, function(value)))
    return list(by_words.values())


def right_factors(symptom: Symptom, dy: Tensor, known: Factors) -> list[Factor]:
    """Return every expression of the list that the derivative truly is."""
    return [
        each for each in known if torch.allclose(dy * each.value, symptom.truth, rtol=1e-6, atol=1e-12, equal_nan=True)
    ]


def chain_rule(symptom: Symptom) -> Explanations:
    """Yield, for dx: dy or the derivative is left out; the derivative is the wrong expression."""
    dy = symptom.drawn.dy
    if symptom.quantity != "dx" or dy is None or dy.shape != symptom.truth.shape:
        return
    dy, known = dy.double(), factors(symptom)
    derivative = symptom.truth / dy
    yield Explanation("factor missing", "it is the cotangent itself: the derivative's factor is missing", dy)
    yield Explanation("cotangent missing", "the cotangent's factor is missing: it is the derivative alone", derivative)
    x = symptom.drawn.x
    for words, at in (("x < 0", x < 0), ("x > 0", x > 0)) if x.shape == dy.shape else ():
        said = f"the cotangent's factor is missing where {words}: there it is the derivative alone"
        yield Explanation("cotangent missing", said, torch.where(at, derivative, symptom.truth))
    yield Explanation("factor twice", "the cotangent's factor is there twice", symptom.truth * dy)
    yield Explanation("factor twice", "the derivative's factor is there twice", symptom.truth * derivative)
    right = right_factors(symptom, dy, known)
    for used in known if right else ():
        if used not in right:
            yield from instead(used, right, dy)


def instead(used: Factor, right: Sequence[Factor], dy: Tensor) -> Explanations:
    """Yield: the derivative is this expression, with the cotangent and without; the words say how the two differ."""
    of_sign = [one for one in right if one.place == used.place and unsigned(one) == unsigned(used)]
    elsewhere = [one for one in right if one.skeleton == used.skeleton]
    near = [one for one in right if one.place == used.place]
    kind, lead = "formula", ""
    if of_sign:
        kind, lead = "sign", "a sign is wrong: "
    elif elsewhere:
        kind, lead = "wrong tensor", f"the derivative is evaluated at {NAMES[used.place]}: "
    wanted = (of_sign or elsewhere or near or right)[0]
    said = f"{lead}the derivative is {used.words} in place of {wanted.words}"
    yield Explanation(kind, said, dy * used.value)
    yield Explanation(kind, f"{said}, and the cotangent's factor is missing", used.value)


def unsigned(factor: Factor) -> str:
    return factor.skeleton.replace("+", "-").removeprefix("-")


NAMES = {"x": "the input", "y": "the output", "dy": "the cotangent", "t": "the target"}


def missing_factor(symptom: Symptom) -> Explanations:
    """Yield, for dx: the truth is multiplied by an expression that does not belong there, or lacks one that does.

    If one side of zero alone is wrong, it is so there.
    """
    if symptom.quantity != "dx" or not symptom.truth.any():
        return
    where = signed_region(symptom)
    at = symptom.drawn.x < 0 if where.endswith("< 0") else symptom.drawn.x > 0
    for factor in factors(symptom):
        words, value = factor.words, factor.value
        if factor.skeleton in ("1", "-1"):
            continue
        said = f"the factor {words.removeprefix('1 / ')} is missing"
        if said.endswith(f"{words} is missing"):
            said = f"the factor {words} is one too many, or 1 / ({words}) is missing"
        kind = "factor missing"
        if words == "sgn(dy)":
            kind, said = "cotangent", "the sign of the cotangent is ignored"
        if where.endswith("0") and at.any():
            yield Explanation(kind, f"{where}, {said}", torch.where(at, symptom.truth * value, symptom.truth))
        else:
            yield Explanation(kind, said, symptom.truth * value)
