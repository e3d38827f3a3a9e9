"""Functions of several Variables that are methods of none."""

from collections.abc import Sequence

import torch
from torch import Tensor

from framework import arguments
from framework.tape.operators import elementwise, shapes
from framework.tape.variable import Operand, Variable, apply, operand_for


def tensor_of(asker: str, argument: str, value: object) -> Tensor:
    """Return the tensor of a Variable, or a plain one; raise TypeError for anything else."""
    return arguments.floating(asker, argument, value.tensor if isinstance(value, Variable) else value)


def cat(pieces: Sequence[Variable | Tensor], dim: int = 0) -> Variable:
    """Return several Variables (or tensors) one after another along an axis.

    Raises ValueError if there is none; TypeError if one is no tensor, or of another dtype than the first.
    """
    if not isinstance(pieces, (list, tuple)) or not pieces:
        raise ValueError(f"cat: pieces must be a list of at least one Variable, was {pieces!r}")
    tensors = [tensor_of("cat", "every piece", piece) for piece in pieces]
    for tensor in tensors:
        arguments.alike("cat", "every piece", tensor, tensors[0], "the first")
    return apply(shapes.Cat, tuple(pieces), dim)


def where(mask: Tensor, a: Operand, b: Operand) -> Variable:
    """Return a where the mask holds and b elsewhere; a mask is a tensor of bools.

    Raises TypeError if it is not, if a and b are both numbers, or of two dtypes.
    """
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
        shown = getattr(mask, "dtype", type(mask).__name__)
        raise TypeError(f"where: mask must be a tensor of torch.bool, was {shown}")
    models = [value for kind in (Variable, Tensor) for value in (a, b) if isinstance(value, kind)]
    if not models:
        raise TypeError(f"where: a or b must be a Variable or a tensor, were {a!r} and {b!r}")
    model = tensor_of("where", "a or b", models[0])
    return apply(elementwise.Where, [operand_for(model, "where", value) for value in (a, b)], mask)
