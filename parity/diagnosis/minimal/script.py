"""A failing case as a script of its own: torch, the subject, and the numbers."""

from pathlib import Path
from pprint import pformat

import torch
from torch import Tensor

from parity.verdict import limits
from parity.verdict.trial import Trial

CHECKOUT = Path(__file__).parents[3]
TEMPLATE = '''"""{quantity} of {module} is wrong. Run it: python {name}

It prints what came and what was wanted, and ends with status 1 as long as the two differ by more than rounding.
"""

import runpy
import sys

import torch

sys.path[:0] = {folders}
subject = runpy.run_path({subject!r})["subject"]

options = {options}
parameters = {parameters}
inputs = {inputs}
dy = {dy}
{wanted}
allowed = {allowed}  # what rounding may do

built = subject.build("{module}", options, parameters, torch.device("cpu"), {dtype})
got = {{"output": built.forward(*inputs), "dx": built.backward(dy)}}
got |= {{f"d{{name}}": gradient for name, gradient in built.gradients().items()}}
got = got["{quantity}"].detach().double()

print("got   ", got)
print("wanted", wanted)
right = ((got - wanted).abs() <= allowed) | (got == wanted) | (got.isnan() & wanted.isnan())
sys.exit(0 if right.all() else "{quantity} is wrong")
'''
REFERENCE = """
reference = {reference}(**options).double()
for name, parameter in reference.named_parameters():
    parameter.data.copy_(parameters[name])
x, *rest = (value.double() if value.is_floating_point() else value for value in inputs)
y = reference(x.requires_grad_(), *rest)
y.backward(torch.ones_like(y) if dy is None else dy.double())
wanted = {{"output": y.detach(), "dx": x.grad}} | {{f"d{{n}}": p.grad for n, p in reference.named_parameters()}}
wanted = wanted["{quantity}"]"""


def literal(value: Tensor) -> str:
    """Return the expression of a tensor; infinities and nan are spelled as torch knows them."""
    numbers = str(value.tolist()).replace("nan", "torch.nan").replace("inf", "torch.inf")
    return f"torch.tensor({numbers}, dtype={value.dtype})"


def script(trial: Trial, quantity: str, subject: str, name: str) -> str:
    """Return the script that shows a failing quantity of the library that the file `subject` adapts.

    It says that the quantity is right exactly where the verdict does: within the limit, in units of u x gauge.
    """
    drawn, cell, source = trial.drawn, trial.cell, Path(subject).resolve()
    parameters = ", ".join(f'"{key}": {literal(value)}' for key, value in drawn.parameters.items())
    return TEMPLATE.format(
        quantity=quantity,
        module=cell.page.module,
        name=name,
        folders=[str(source.parent), str(CHECKOUT)],
        subject=str(source),
        options=pformat(dict(cell.case.options), sort_dicts=False),
        parameters=f"{{{parameters}}}",
        inputs=f"({', '.join(literal(value) for value in drawn.inputs)},)",
        dy="None" if drawn.dy is None else literal(drawn.dy),
        wanted=wanted(trial, quantity),
        allowed=literal(allowed(trial, quantity)),
        dtype=cell.torch_dtype,
    )


def wanted(trial: Trial, quantity: str) -> str:
    """Return the lines that give what is wanted: by torch.nn, or as numbers where the reference is not of torch.nn."""
    made = trial.cell.page.reference
    if isinstance(made, type) and getattr(torch.nn, made.__name__, None) is made:
        return REFERENCE.format(reference=f"torch.nn.{made.__name__}", quantity=quantity)
    return f"wanted = {literal(trial.evidence.truth[quantity])}  # the reference in float64"


def allowed(trial: Trial, quantity: str) -> Tensor:
    """Return how far each element may be from the truth."""
    return limits.LIMIT * limits.STORAGE[trial.cell.torch_dtype] * trial.evidence.gauges[quantity].size
