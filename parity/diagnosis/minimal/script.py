"""A failing case as a script of its own: torch, the subject, and the numbers."""

import inspect
import os
from collections.abc import Sequence
from pathlib import Path
from pprint import pformat

from torch import Tensor

from parity.catalogue.added import VARIABLE
from parity.contract.numbers import layouts
from parity.diagnosis.minimal.acts import (
    ARRANGED,
    ERROR,
    MISSING,
    STOPPED,
    STRUCTURE,
    Act,
    CalledWith,
    Cleared,
    Untouched,
)
from parity.diagnosis.minimal.wanted import literal, wanted, zeros
from parity.verdict.trial import Trial

CHECKOUT = Path(__file__).parents[3]
TEMPLATE = '''"""{headline} Run it: python {name} [ADAPTER]

It prints what came and what was wanted, and ends with status 1 as long as the two differ by more than rounding. The
library is that of {source}, or of another adapter: a file, or "{right_one}", which is right.
"""

{imports}import sys

import torch
{functions}
options = {options}
parameters = {parameters}
inputs = {inputs}
dys = {dys}
device, dtype = torch.device("{device}"), {dtype}
{wanted}

{pages}sys.path.insert(0, {checkout!r})
from parity.subjects import load  # the library comes after what is wanted: it may change torch's settings

subject = load(sys.argv[1] if len(sys.argv) > 1 else {source!r})
inputs, dys = (tuple(each if each is None else each.to(device) for each in some) for some in (inputs, dys))
{act}

print("got   ", got)
print("wanted", wanted)
if not isinstance(got, torch.Tensor) or (got.shape, got.dtype) != (wanted.shape, wanted_dtype):
    sys.exit(f"{quantity} is wrong: it must have the shape {{tuple(wanted.shape)}} in {{wanted_dtype}}")
got = got.detach().cpu().double()
right = {right}
sys.exit(0 if right.all() else "{quantity} is wrong")
'''
PAGES = """os.environ[{variable!r}] = {value!r}  # in which the module has its page
"""
BUILD = 'built = subject.build("{module}", options, parameters, device, dtype)'
COMPOSE = """from parity.subjects.composed import build  # of the library's own layers, where it has no such network

built = build(subject, "{module}", options, parameters, device, dtype)"""
ARRANGE = "{name} = tuple(each if each is None else {layout}(each) for each in {name})"
CALL = """got = {"output": built.forward(*inputs), "dx": built.backward(*dys)}"""
CALL_OF_SEVERAL = """outputs = built.forward(*inputs)
returned = built.backward(*dys)
outputs, returned = (each if isinstance(each, (tuple, list)) else (each,) for each in (outputs, returned))
got = dict(zip({outputs}, outputs)) | dict(zip({gradients}, returned))"""
GET = """got |= {{f"d{{name}}": gradient for name, gradient in built.gradients().items()}}
got = got.get("{quantity}")"""


def script(trial: Trial, quantity: str, act: Act, fault: str, subject: str, name: str) -> str:
    """Return the script in which an act shows a failing quantity of the library that the file `subject` adapts.

    It says that the quantity is right exactly where the verdict does: within the limit, in units of u x gauge.
    """
    at = act.arranged(trial) if isinstance(act, CalledWith) else trial
    drawn, cell = at.drawn, at.cell
    parameters = ", ".join(f'"{key}": {literal(value)}' for key, value in drawn.parameters.items())
    compared = next(iter(at.evidence.truth)) if quantity == ERROR else quantity
    lines, right = asked(at, compared, act)
    return TEMPLATE.format(
        headline=headline(cell.page.module, quantity, fault, act),
        name=name,
        imports="import os\n" if cell.page.source else "",
        functions=functions(act),
        options=pformat(dict(cell.case.options), sort_dicts=False),
        parameters=f"{{{parameters}}}",
        inputs=literals(drawn.inputs),
        dys=literals(drawn.cotangents),
        device=cell.device,
        dtype=cell.torch_dtype,
        wanted=lines,
        right_one="torch_nn" if cell.page.source else "framework",
        pages=PAGES.format(variable=VARIABLE, value=os.environ[VARIABLE]) if cell.page.source else "",
        checkout=str(CHECKOUT),
        source=str(Path(subject).resolve()),
        act=done(at, compared, act),
        quantity=compared,
        right=right,
    )


def literals(values: Sequence[Tensor | None]) -> str:
    """Return the expression of a tuple of tensors."""
    return f"({', '.join('None' if value is None else literal(value) for value in values)},)"


def headline(module: str, quantity: str, fault: str, act: Act) -> str:
    """Return in one sentence what the script shows."""
    if quantity == ERROR:
        how = "the process ends" if fault == STOPPED else f"it ends in {fault}"
        return f"{module} cannot be called: {how}{circumstances(act)}."
    what = {STRUCTURE: "has a wrong shape or dtype", MISSING: "is not given"}.get(fault, "is wrong")
    if isinstance(act, Untouched):
        return f"{quantity} of {module} is changed by a forward and a backward."
    return f"{quantity} of {module} {what}{circumstances(act)}."


def circumstances(act: Act) -> str:
    """Return in which call a fault shows, where that is not the plainest."""
    if not isinstance(act, CalledWith):
        return ""
    laid = [f"{layout} {name}" for layout, name in ((act.of_x, "x"), (act.of_dy, "dy")) if layout]
    words = f", for {' and '.join(laid)}" if laid else ""
    return f"{words}, in {act.rounds} rounds" if act.rounds > 1 else words


def functions(act: Act) -> str:
    """Return the source of the layouts that an act needs."""
    if not isinstance(act, CalledWith):
        return ""
    used = {ARRANGED[layout] for layout in (act.of_x, act.of_dy) if layout}
    if layouts.channels_last in used:
        used.add(layouts.transposed)  # which it calls
    if not used:
        return ""
    sources = sorted(inspect.getsource(function) for function in used)
    return "\n".join(["from torch import Tensor", "", "", *(f"{source}\n" for source in sources)])


def asked(at: Trial, quantity: str, act: Act) -> tuple[str, str]:
    """Return the lines that say what is wanted and how far off is allowed, and the expression that compares."""
    if isinstance(act, CalledWith):
        return wanted(at, quantity, act.rounds)
    if isinstance(act, Cleared):
        return zeros(at.evidence.truth[quantity.removesuffix(act.WORD)], at.cell.torch_dtype)
    place = Untouched.given(at.drawn)[quantity]
    lines = f"wanted = {place}.clone()\nwanted_dtype = wanted.dtype\nwanted = wanted.double()"
    return lines, "(got == wanted) | (got.isnan() & wanted.isnan())"


def done(at: Trial, quantity: str, act: Act) -> str:
    """Return the lines that do the act and leave what came in `got`."""
    page = at.cell.page
    lines = [(COMPOSE if page.network else BUILD).format(module=page.module), *prepared(at)]
    if isinstance(act, Untouched):
        place = act.given(at.drawn)[quantity]
        own = "inputs = tuple(value.clone() for value in inputs)"
        return "\n".join([own, *lines, "built.forward(*inputs)", "built.backward(*dys)", f"got = {place}"])
    if isinstance(act, Cleared):
        name = quantity.removesuffix(act.WORD).removeprefix("d")
        calls = ["built.forward(*inputs)", "built.backward(*dys)", "built.zero_grad()"]
        return "\n".join([*lines, *calls, f'got = built.gradients().get("{name}")'])
    assert isinstance(act, CalledWith)
    layouts_of = {"inputs": act.of_x, "dys": act.of_dy}
    arrange = [ARRANGE.format(name=name, layout=ARRANGED[of].__name__) for name, of in layouts_of.items() if of]
    again = ["built.forward(*inputs)", "built.backward(*dys)"] * (act.rounds - 1)
    kept = ["got |= built.buffers()"] if quantity in at.drawn.buffers else []
    return "\n".join([*arrange, *lines, *again, called(at), *kept, GET.format(quantity=quantity)])


def prepared(at: Trial) -> list[str]:
    """Return the lines that put a module into its mode, and let it keep what was drawn."""
    drawn, training = at.drawn, at.cell.case.training
    mode = [f"built.train({training})"] if at.cell.page.has_modes else []
    kept = ", ".join(f'"{name}": {literal(value)}' for name, value in drawn.buffers.items())
    return mode + ([f"built.load_buffers({{{kept}}})"] if kept else [])


def called(at: Trial) -> str:
    """Return the lines that call forward and backward."""
    signature = at.signature
    if signature.is_plain:
        return CALL
    return CALL_OF_SEVERAL.format(outputs=signature.outputs, gradients=signature.gradients(at.drawn.inputs))
