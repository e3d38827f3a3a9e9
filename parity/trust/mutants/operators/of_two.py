"""Wrong derivatives of the operators of two operands, and the sums over broadcast axes that go wrong."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Faults, Table
from parity.trust.planted import Call, Change

# Of the operands a and b, as far as they are tensors: the factor that dy is multiplied by.
Slope = Callable[[Tensor, Tensor], Tensor]


def right(call: Call) -> Tensor:
    """Return the second operand, which may be a number."""
    return call.parameters["other"] if "other" in call.parameters else call.x.new_tensor(call.option("arguments")[0])


def by(slope: Slope) -> Change:
    """Return the change to dy times another slope, summed over the axes that were broadcast."""
    return lambda value, call: (call.cotangent * slope(call.x, right(call))).sum_to_size(value.shape)


def first_repeat(quantity: str) -> Change:
    """Return the change to what the first of the repeats by broadcasting gives, the sum forgotten."""

    def change(value: Tensor, call: Call) -> Tensor:
        extents = (1,) * (call.y.dim() - value.dim()) + tuple(value.shape)
        kept = tuple(slice(0, extent) for extent in extents[: call.y.dim()])
        dy = torch.zeros_like(call.cotangent)
        dy[kept] = call.cotangent[kept]
        return call.again(dy=dy)[quantity]

    return change


def averaged(value: Tensor, call: Call) -> Tensor:
    """Return the gradient as a mean over the repeats."""
    return value * value.numel() / max(1, call.y.numel())


def over_all_axes(value: Tensor, _: Call) -> Tensor:
    """Return the gradient summed over every axis, and not over those that were broadcast."""
    return value.sum().expand(value.shape).clone()


def summed_wrongly(quantity: str) -> Faults:
    return {
        "first of the repeats alone": ("missing term", first_repeat(quantity)),
        "mean over the repeats": ("mean for sum", averaged),
        "summed over every axis": ("wrong axis", over_all_axes),
    }


def misread_factor(quantity: str) -> Change:
    """Return the change to what the second matrix gives, read from memory column by column."""
    return lambda _, call: call.again(parameters={"other": c.misread(right(call), call)})[quantity]


OF_TWO: Mapping[str, Table] = {
    "add": summed_wrongly("dx"),
    "sub": summed_wrongly("dx"),
    "mul": summed_wrongly("dx")
    | {
        "by the wrong operand": ("derivative at the wrong tensor", by(lambda a, _: a)),
        "factor missing": ("missing factor", by(lambda a, _: torch.ones_like(a))),
        "by the product": ("derivative at the wrong tensor", by(torch.mul)),
    },
    "div": summed_wrongly("dx")
    | {
        "multiplied": ("wrong formula", by(lambda _, b: b)),
        "denominator missing": ("missing factor", by(lambda a, _: torch.ones_like(a))),
        "by the wrong operand": ("derivative at the wrong tensor", by(lambda a, _: 1 / a)),
    },
    "pow": {
        "exponent not lowered": ("wrong formula", by(lambda a, b: b * a**b)),
        "exponent missing": ("missing factor", by(lambda a, b: a ** (b - 1))),
        "exponent lowered twice": ("wrong formula", by(lambda a, b: b * a ** (b - 2))),
        "nan at a base of zero": ("nan planted", by(lambda a, b: b * a**b / a)),
    },
    "matmul": {
        "by the factor read transposed": ("transposed", misread_factor("dx")),
        "last column dropped": ("missing term", lambda _, call: call.again(dy=c.tail_zero(call.cotangent, call))["dx"]),
        "first batch alone": ("missing term", first_repeat("dx")),
        "by y": ("derivative at the wrong tensor", lambda _, call: call.again(dy=call.y)["dx"]),
    },
    "__radd__": {"number as a factor": ("extra term", by(lambda _, b: b))},
    "__rsub__": {"of x - c": ("sign", by(lambda a, _: torch.ones_like(a)))},
    "__rmul__": {
        "factor missing": ("missing factor", by(lambda a, _: torch.ones_like(a))),
        "by x": ("derivative at the wrong tensor", by(lambda a, _: a)),
    },
    "__rtruediv__": {
        "of x / c": ("wrong formula", by(lambda a, b: (1 / b).expand_as(a))),
        "square missing": ("missing factor", by(lambda a, b: -b / a)),
        "numerator missing": ("missing factor", by(lambda a, _: -1 / a**2)),
        "sign missing": ("sign", by(lambda a, b: b / a**2)),
    },
    "__rpow__": {
        "logarithm missing": ("missing factor", by(lambda a, b: b**a)),
        "logarithm of the exponent": ("derivative at the wrong tensor", by(lambda a, b: b**a * a.log())),
        "of x to the c": ("wrong formula", by(lambda a, b: b * a ** (b - 1))),
    },
    "__rmatmul__": {
        "by the factor read transposed": ("transposed", misread_factor("dx")),
        "last column dropped": ("missing term", lambda _, call: call.again(dy=c.tail_zero(call.cotangent, call))["dx"]),
    },
}
OF_TWO_OTHER: Mapping[str, Table] = {
    "add": summed_wrongly("dother"),
    "sub": summed_wrongly("dother") | {"of a sum": ("sign", by(lambda a, _: torch.ones_like(a)))},
    "mul": summed_wrongly("dother")
    | {
        "by the wrong operand": ("derivative at the wrong tensor", by(lambda _, b: b)),
        "factor missing": ("missing factor", by(lambda a, _: torch.ones_like(a))),
    },
    "div": summed_wrongly("dother")
    | {
        "sign missing": ("sign", by(lambda a, b: a / b**2)),
        "square missing": ("missing factor", by(lambda a, b: -a / b)),
        "numerator missing": ("missing factor", by(lambda _, b: -1 / b**2)),
    },
    "pow": summed_wrongly("dother")
    | {
        "logarithm missing": ("missing factor", by(lambda a, b: a**b)),
        "logarithm of the exponent": ("derivative at the wrong tensor", by(lambda a, b: a**b * b.abs().log())),
        "nan at a base of zero": ("nan planted", by(lambda a, b: a**b * a.log())),
        "of the base": ("derivative at the wrong tensor", by(lambda a, b: b * a ** (b - 1))),
    },
    "matmul": {
        "of y, not of dy": ("derivative at the wrong tensor", lambda _, call: call.again(dy=call.y)["dother"]),
        "last sample dropped": ("missing term", c.without_last_sample("dother")),
        "first batch alone": ("missing term", first_repeat("dother")),
        "by the input read transposed": (
            "transposed",
            lambda _, call: call.again(x=c.misread(call.x, call))["dother"],
        ),
    },
    "__rmatmul__": {
        "of y, not of dy": ("derivative at the wrong tensor", lambda _, call: call.again(dy=call.y)["dother"]),
        "by the input read transposed": (
            "transposed",
            lambda _, call: call.again(x=c.misread(call.x, call))["dother"],
        ),
    },
}
