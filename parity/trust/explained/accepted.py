"""Which explanations name which cause: the one table that decides whether a diagnosis is right.

The causes are those of the mutants; here are only those that a diagnosis must know. An explanation is accepted
if its kind and words match a pattern of the cause, "kind: words". What a pattern accepts must be what is wrong, said
in other words: a vector that is read transposed is a vector in reverse order, and an option that is ignored is a
module that is right where the option is plain.
"""

import re
from collections.abc import Mapping

from parity.diagnosis.search import Guess

SIZE = r"factor: .*(divided|multiplied) by .*(number|size|factor|kernel|channels|weights)"

ACCEPTED: Mapping[str, tuple[str, ...]] = {
    # a constant factor, and which
    "factor 2": (r"factor: .*\b2 times too large", r"doubled: "),
    "factor 1/N": (SIZE, r"factor: .*\b2 times too small"),
    "scale 1.001": (r"factor: .*constant factor (1\.001|0\.999)", r"temperature: .*1\.001"),
    "mean for sum": (
        SIZE,
        r"repeated: .*divided by how often",
        r"option otherwise: .*mode is taken as 'mean'",
        r"option otherwise: .*reduction is taken as 'mean'",
        r"factor: .*divided",
    ),
    "sum for mean": (
        SIZE,
        r"option otherwise: .*mode is taken as 'sum'",
        r"option otherwise: .*reduction is taken as 'sum'",
    ),
    "batch averaged": (r"averaged: .*mean over the sample axis", r"factor: .*divided by the batch size"),
    "doubled": (r"doubled: ", r"factor: .*2 times too large", r"promise: .*counts what was there 2 times"),
    # sign, order and place
    "sign": (
        r"sign.*: .*",
        r"slope: .*wrong sign",
        r"factor in region: it is -1 times",
        r"option otherwise: .* taken as -",
    ),
    "transposed": (r"transposed: ", r"reversed: "),
    "kernel flipped": (r"flipped: ", r"reversed: .*along the kernel"),  # a kernel of one axis has but that one
    "channels swapped": (
        r"shifted( channels)?: .*channel",
        r"reversed( channels)?: .*channel",
        r"permuted: .*channels",
    ),
    "groups mixed": (r"groups: ", r"permuted: .*channels", r"right if groups: "),
    "shifted by one": (r"shifted.*: ", r"target: the target is shifted", r"permuted: .*"),
    # zero, stale or of the wrong sign in a region, and which
    "zero": (r"zero: it is zero everywhere", r"constant: it is zero: ", r"zero where: "),
    "zero element": (r"zero in region: .*(one element|output channel alone)", r"zero element: "),
    "zero tail": (r"zero in region: .*the last",),
    "zero border": (r"zero in region: .*(border|last)", r"(option ignored|right if).*output_padding"),
    "zero channel": (r"zero in region: .*channel", r"zero element: the last element of bias"),
    "zero sample": (r"zero in region: .*the last sample", r"sample missing: .*the last sample"),
    "wrong sample": (r".* in region: .*the last sample",),
    "stale": (r"stale: ", r"right if first call: "),
    # a factor, a tensor, an option
    "missing factor": (
        r"factor missing: ",
        r"(input )?factor: .*",
        r"formula: .*",
        r"factor twice: ",
        r"number: ",
        r"absolute: the sign of \w+ is ignored",
        r"option otherwise: the option affine is taken as False",
        r"target: the sum of the target is taken as 1",
    ),
    "cotangent ignored": (r"cotangent.*: .*cotangent",),
    "derivative at the wrong tensor": (
        r"wrong tensor: ",
        r"first derivative: it is dx, the first gradient",
        r"formula: the derivative is (x|y|dy|t) in place of",
        r"formula: it is dy · .* in place of dy · ",
    ),
    "option ignored": (
        r"(option (ignored|otherwise)|mask ignored): ",
        r"right if (stride|padding|dilation|groups|output_padding|alpha|beta|k|num_parameters|num_groups|eps): ",
    ),
    # too few digits
    "downcast bfloat16": (r"rounded: .*bfloat16",),
    "downcast tf32": (r"rounded: .*TF32",),
    # right only sometimes
    "wrong for N > 1": (r"right if batch: ",),
    "only contiguous right": (r"right if contiguous: right for contiguous",),
    "only first batch size right": (r"right if (first batch|batch size): ",),
    "only full storage right": (r"right if contiguous: .*expanded",),
    "wrong at an offset in memory": (r"right if contiguous: .*offset x",),
    # not finite, or nearly right
    "overflow": (r"overflow: ",),
    "constant off": (r"epsilon: ", r"target: the target is smoothed", r"(number|option \w+): .* is taken as "),
    "offset": (r"offset: ", r"factor: .*constant factor 1\.001"),
    "nan swallowed": (r"nan swallowed: ",),
    "infinity clamped": (r"infinity clamped: ",),
    "nan planted": (r".* in region: it is not finite in one element",),
    "one wrong element": (r".* in region: .*(one element|output channel alone)", r"factor: .*constant factor 1\.00024"),
    "absolute value": (
        r"cotangent: the sign of the cotangent is ignored",
        r"formula: .*sgn\(dy\)",
        r"absolute: ",
        r"slope: it is \|x\|",
    ),
    # the contract
    "not accumulated": (r"promise: not accumulated",),
    "input changed": (r"promise: input 0 is changed in place", r"right if untouched: "),
    "target changed": (r"promise: input 1 is changed in place",),
    "cotangent changed": (r"promise: dy is changed in place",),
}


def is_right(cause: str, guess: Guess) -> bool:
    """Return whether a guess names the cause."""
    said = f"{guess.kind}: {guess.words}"
    return any(re.match(pattern, said) for pattern in ACCEPTED[cause])
