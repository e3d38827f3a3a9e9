"""Steps in words: what a kernel computes, as an expression in what was given."""

import math
import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from parity.diagnosis.edited.recording import Recording, is_view, slots_in
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.program import Slot, Step

LONGEST = 44  # characters of an expression within another; of a longer one stands what was done last
INFIX: Mapping[str, str] = {
    "add": "+", "sub": "-", "mul": "·", "div": "/", "pow": "^", "gt": ">", "ge": "≥", "lt": "<", "le": "≤", "eq": "=",
    "ne": "≠", "mm": "@", "bmm": "@",
}  # fmt: skip
OVER, ROOT = "1 / ", "1 / sqrt "
PREFIX: Mapping[str, str] = {"neg": "-", "reciprocal": OVER, "rsqrt": ROOT, "logical_not": "not "}
VARIANCE = re.compile(r"^mean\(\((.+) - mean\(\1\)\)²\)$")  # the mean of the squares of what differs from its mean
CONSTANT: Mapping[str, str] = {
    "ones_like": "1", "zeros_like": "0", "new_ones": "1", "new_zeros": "0", "empty_like": "0", "new_empty": "0",
}  # fmt: skip


def is_one(words: str) -> bool:
    """Return whether an expression is one name, number or call: no operator stands outside its brackets."""
    depth = 0
    for character in words:
        depth += (character == "(") - (character == ")")
        if character == " " and not depth:
            return False
    return True


class Expressions:
    """The expression of each slot of a recording: a sum over the number of its terms is a mean, and so on."""

    def __init__(self, recording: Recording) -> None:
        names = recording.names
        self.of: dict[Slot, str] = dict(names)
        self.before: dict[int, str] = {}  # of what a step writes over, by the step's id
        self.terms = {
            step.results: recording.values[step.args[0]].numel() / max(1, recording.values[step.results].numel())
            for step in recording.steps
            if kernels.name_of(step.kernel) == "sum"
        }
        for step in recording.steps:
            words = self.step(step)
            if is_view(step) and step.args[0] in self.terms:
                self.terms[step.results] = self.terms[step.args[0]]
            if step.kernel._schema.is_mutable:
                self.before[id(step)] = self.part(step.args[0])
            for slot in slots_in(step.results):
                if slot not in self.of or (step.kernel._schema.is_mutable and slot not in names):
                    self.of[slot] = words

    def step(self, step: Step) -> str:
        """Return what a step computes."""
        name, args = kernels.name_of(step.kernel), step.args
        if is_view(step):
            return self.whole(args[1 if step.kernel._schema.is_mutable else 0])  # copy_ takes what it writes into first
        if name in CONSTANT:
            return CONSTANT[name]
        if name in ("full", "full_like", "scalar_tensor", "fill"):
            return self.part(args[-1])
        if (name == "mul" and self.whole(args[0]) == self.whole(args[1])) or (name == "pow" and args[1] == 2):
            return f"{self.part(args[0])}²"
        if self.is_mean(name, args):
            mean = f"mean({self.whole(args[0]).removeprefix('sum(').removesuffix(')')})"
            return VARIANCE.sub(r"var(\1)", mean)
        if name == "mul" and self.whole(args[1]).startswith(ROOT):
            return f"{self.part(args[0])} / {self.whole(args[1]).removeprefix(OVER)}"
        if name in INFIX and len(args) > 1:
            return f"{self.part(args[0])} {INFIX[name]} {self.part(args[1])}"
        if name == "rsub":
            return f"{self.part(args[1])} - {self.part(args[0])}"
        if name in PREFIX:
            return f"{PREFIX[name]}{self.part(args[0])}"
        return f"{name.strip('_')}({', '.join(self.whole(one) for one in args if type(one) is Slot)})"

    def is_mean(self, name: str, args: Any) -> bool:
        """Return whether a sum is divided by the number of its terms."""
        count = self.terms.get(args[0], 1) if args and type(args[0]) is Slot else 1
        if count == 1 or name not in ("mul", "div") or type(args[1]) not in (int, float):
            return False
        return bool(math.isclose(args[1], count if name == "div" else 1 / count, rel_tol=1e-12))

    def taken(self, step: Step) -> str:
        """Return what a step takes first, as it was before the step."""
        return self.before.get(id(step)) or self.part(step.args[0])

    def whole(self, value: Any) -> str:
        """Return an argument in words."""
        if type(value) is Slot:
            return self.of.get(value, "...")
        if isinstance(value, Tensor):
            return f"{float(value):.6g}" if value.numel() == 1 else "..."
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    def part(self, value: Any) -> str:
        """Return an argument as it stands within another expression: bracketed, or cut short."""
        words = self.whole(value)
        if len(words) > LONGEST:
            words = f"{words.split('(')[0]}(...)" if words.split("(")[0].isidentifier() else "(...)"
        return words if is_one(words) else f"({words})"
