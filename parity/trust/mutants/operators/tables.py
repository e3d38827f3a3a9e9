"""Faults of the operators of the tape: values and gradients. Contracts are kept by the module around an operator, and
are broken in the layers' mutants."""

from collections.abc import Iterator, Mapping

from torch import Tensor

from parity.catalogue import operators
from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families.tables import Faults, Table, of_any, planted
from parity.trust.mutants.operators.elementwise import ELEMENTWISE
from parity.trust.mutants.operators.of_two import OF_TWO, OF_TWO_OTHER
from parity.trust.mutants.operators.picking import PICKING, PICKING_OTHER
from parity.trust.mutants.operators.summing import SUMMING
from parity.trust.mutants.operators.twice import second
from parity.trust.nulls import filled
from parity.trust.planted import Call, Mutant

DX: Mapping[str, Table] = {**ELEMENTWISE, **OF_TWO, **PICKING, **SUMMING}
DOTHER: Mapping[str, Table] = {**OF_TWO_OTHER, **PICKING_OTHER}
# What a single call cannot show, and what an output of one element does not have.
LEFT_OUT = ("of the call before", "tail zero")


def values(quantity: str) -> Faults:
    """Return what may be wrong with any value of an operator."""
    return {name: fault for name, fault in of_any(quantity).items() if name not in LEFT_OUT}


def input_as_gradient(value: Tensor, call: Call) -> Tensor:
    """Return x in the shape of the gradient."""
    return filled(value.shape, call.x).clone()


def gradient(quantity: str) -> Faults:
    """Return what may be wrong with any gradient of an operator."""
    return values(quantity) | {
        "the input": ("derivative at the wrong tensor", input_as_gradient),
        "read transposed": ("transposed", c.misread),
        "one element nan": ("nan planted", c.one_nan),
        "cotangent ignored": ("cotangent ignored", c.without_cotangent(quantity)),
        "sign of the cotangent ignored": ("absolute value", c.cotangent_positive(quantity)),
    }


def mutants() -> Iterator[Mutant]:
    """Yield every fault of the operators: those of any, and each operator's own."""
    for module, page in operators().items():
        method = module.removeprefix("Tensor.")
        yield from planted(module, "output", values("output"))
        yield from planted(module, "dx", {**gradient("dx"), **DX[method]})
        for quantity, faults in second(method).items():
            yield from planted(module, quantity, faults)
        if any(case.options.get("other") for case in page.cases):
            yield from planted(module, "dother", {**gradient("dother"), **DOTHER[method]})
