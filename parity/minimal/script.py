"""A failing case as a script of its own: torch, the adapter, and the numbers."""

from pprint import pformat

from torch import Tensor

from parity.verdict.trial import Trial

TEMPLATE = '''"""{quantity} of {module} is wrong ({subject}). Run it from the checkout: python {name}"""

import torch

from parity.catalogue import pages
from parity.subjects import load

options = {options}
parameters = {parameters}
inputs = {inputs}
dy = {dy}

reference = pages()["{module}"].reference(**options).to({dtype})  # torch.nn
reference.load_state_dict(parameters)
x = inputs[0].clone().requires_grad_()
y = reference(x, *inputs[1:])
y.backward(torch.ones_like(y) if dy is None else dy)
wanted = {{"output": y.detach(), "dx": x.grad}} | {{f"d{{n}}": p.grad for n, p in reference.named_parameters()}}

built = load("{subject}").build("{module}", options, parameters, torch.device("cpu"), {dtype})
got = {{"output": built.forward(*inputs), "dx": built.backward(dy)}}
got |= {{f"d{{n}}": gradient for n, gradient in built.gradients().items()}}

print("got   ", got["{quantity}"])
print("wanted", wanted["{quantity}"])
assert torch.allclose(got["{quantity}"], wanted["{quantity}"], rtol={rtol}, atol=0), "{quantity} is wrong"
'''


def literal(value: Tensor) -> str:
    return f"torch.tensor({value.tolist()}, dtype={value.dtype})"


def script(trial: Trial, quantity: str, subject: str, name: str) -> str:
    """Return the script that shows a failing quantity: it prints both sides and ends in an AssertionError.

    The assertion asks for a hundredth of the largest relative error that was found, so that it holds for a correct
    library and not for this one.
    """
    drawn, cell = trial.drawn, trial.cell
    parameters = ", ".join(f'"{key}": {literal(value)}' for key, value in drawn.parameters.items())
    return TEMPLATE.format(
        quantity=quantity,
        module=cell.page.module,
        subject=subject,
        name=name,
        options=pformat(dict(cell.case.options), sort_dicts=False),
        parameters=f"{{{parameters}}}",
        inputs=f"({', '.join(literal(value) for value in drawn.inputs)},)",
        dy="None" if drawn.dy is None else literal(drawn.dy),
        dtype=cell.torch_dtype,
        rtol=f"{worst(trial, quantity) / 100:.1e}",
    )


def worst(trial: Trial, quantity: str) -> float:
    """Return the largest relative error of the quantity, at most 1."""
    truth = trial.evidence.truth[quantity]
    got = trial.observe(trial.build())[quantity].double().cpu()
    relative = ((got - truth).abs() / truth.abs().clamp_min(1e-300)).nan_to_num(1.0, 1.0, 1.0)
    return min(1.0, float(relative.max()))
