"""Faults of the fully connected layer, of one input and of two."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Table, planted
from parity.trust.planted import Call, Change, Mutant, unchanged


def weight_transposed(_: Tensor, call: Call) -> Tensor:
    """Return the output of the weight's memory read column by column."""
    return call.again(parameters={"weight": c.misread(call.parameters["weight"], call)})["output"]


def last_feature_dropped(_: Tensor, call: Call) -> Tensor:
    return call.again(x=c.tail_zero(call.x, call))["output"]


def without_bias(value: Tensor, call: Call) -> Tensor:
    return value - call.parameters["bias"] if "bias" in call.parameters else value


def bias_over_batch(value: Tensor, call: Call) -> Tensor:
    """Return the output with the bias shared out among the samples."""
    return value - call.parameters["bias"] * (1 - 1 / max(1, call.x.shape[0])) if "bias" in call.parameters else value


def bias_twice(value: Tensor, call: Call) -> Tensor:
    return value + call.parameters["bias"] if "bias" in call.parameters else value


def bias_shifted(value: Tensor, call: Call) -> Tensor:
    bias = call.parameters.get("bias", torch.zeros(()))
    return value - bias + bias.roll(1) if bias.dim() else value


def by_transposed_weight(_: Tensor, call: Call) -> Tensor:
    return call.again(parameters={"weight": c.misread(call.parameters["weight"], call)})["dx"]


def of_output(_: Tensor, call: Call) -> Tensor:
    """Return dweight of y where it should be of dy."""
    return call.again(dy=call.y)["dweight"]


OUTPUT: Table = {
    "weight read transposed": ("transposed", weight_transposed),
    "last feature dropped": ("missing term", last_feature_dropped),
    "bias missing": ("missing term", without_bias),
    "bias over N": ("batch averaged", bias_over_batch),
    "bias twice": ("doubled", bias_twice),
    "bias shifted by one": ("shifted by one", bias_shifted),
    "factors rounded to TF32": ("downcast tf32", c.of_factors("output", "tf32")),
    "factors rounded to bfloat16": ("downcast bfloat16", c.of_factors("output", "bfloat16")),
    "nan swallowed": ("nan swallowed", c.nan_swallowed),
}
DX: Table = {
    "by the weight read transposed": ("transposed", by_transposed_weight),
    "factors rounded to TF32": ("downcast tf32", c.of_factors("dx", "tf32")),
    "last output dropped": ("missing term", lambda _, call: call.again(dy=c.tail_zero(call.cotangent, call))["dx"]),
}
DWEIGHT: Table = {
    "of y, not of dy": ("derivative at the wrong tensor", of_output),
    "factors rounded to TF32": ("downcast tf32", c.of_factors("dweight", "tf32")),
    "last row negative": ("sign", c.last_row_negative),
    "last column of x dropped": ("zero tail", lambda _, call: call.again(x=c.tail_zero(call.x, call))["dweight"]),
}
DBIAS: Table = {
    "maximum for sum": (
        "wrong formula",
        lambda v, call: call.cotangent.flatten(0, -2).amax(0) if call.x.numel() else v,
    ),
    "of x": ("derivative at the wrong tensor", lambda v, call: v + call.x.mean()),
    "last cotangent counted twice": ("extra term", lambda v, call: v + call.cotangent.reshape(-1, len(v))[-1:].sum(0)),
}


def bilinear(quantity: str, turn: Change = unchanged, second: Change = unchanged) -> Change:
    """Return the change to what the layer gives if its weight is turned first, or its second input changed."""

    def change(_: Tensor, call: Call) -> Tensor:
        weight = turn(call.parameters["weight"], call)
        inputs = [call.x, second(call.given[1], call)]
        return call.again(parameters={"weight": weight}, inputs=inputs)[quantity]

    return change


def if_square(weight: Tensor, turned: Tensor) -> Tensor:
    return turned if weight.shape == turned.shape else weight


def transposed(weight: Tensor, _: Call) -> Tensor:
    return if_square(weight, weight.transpose(1, 2))


def symmetrised(weight: Tensor, _: Call) -> Tensor:
    return (weight + transposed(weight, _)) / 2


def ones(value: Tensor, _: Call) -> Tensor:
    return torch.ones_like(value)


def of_bilinear(quantity: str) -> Table:
    """Return what may be wrong with anything that the layer of two inputs gives."""
    return {
        "second factor left out": ("missing factor", bilinear(quantity, second=ones)),
        "weight transposed": ("transposed", bilinear(quantity, transposed)),
        "weight symmetrised": ("wrong formula", bilinear(quantity, symmetrised)),
        "last feature of the second dropped": ("missing term", bilinear(quantity, second=c.tail_zero)),
    }


FACTORS = ("second factor left out", "last feature of the second dropped")
WEIGHTS = ("weight transposed", "weight symmetrised")


def mutants() -> Iterator[Mutant]:
    """Yield every fault of Linear and Bilinear."""
    for quantity, table in {"output": OUTPUT, "dx": DX, "dweight": DWEIGHT, "dbias": DBIAS}.items():
        yield from planted("Linear", quantity, table)
    without = {"bias missing": OUTPUT["bias missing"], "nan swallowed": OUTPUT["nan swallowed"]}
    yield from planted("Bilinear", "output", {**of_bilinear("output"), **without})
    kept = {"dinput1": (*FACTORS, *WEIGHTS), "dinput2": WEIGHTS, "dweight": FACTORS}
    for quantity, names in kept.items():
        yield from planted("Bilinear", quantity, {name: of_bilinear(quantity)[name] for name in names})
    yield from planted("Bilinear", "dweight", {"of y, not of dy": DWEIGHT["of y, not of dy"]})
    yield from planted("Bilinear", "dbias", {name: DBIAS[name] for name in ("maximum for sum", "of x")})
