"""What a script wants: the true numbers, by torch.nn where that is enough, and how far from them is still right."""

import torch
from torch import Tensor

from parity.verdict import arithmetic, limits
from parity.verdict.compare import errors, largest
from parity.verdict.trial import Trial

REFERENCE = """
reference = {reference}(**options).double()
reference.load_state_dict(parameters)
x, *rest = (value.double() if value.is_floating_point() else value for value in inputs)
x = x.clone().requires_grad_()
y = reference(x, *rest)
y.backward(torch.ones_like(y) if dys[0] is None else dys[0].double())
wanted = {{"output": y.detach(), "dx": x.grad}} | {{f"d{{n}}": p.grad for n, p in reference.named_parameters()}}
wanted = wanted["{quantity}"]{times}"""
NEAR = "(got - wanted).abs() <= allowed"
WITHIN = "(got >= low - allowed) & (got <= high + allowed) & got.isfinite() & wanted.isfinite()"
SAME = "(got == {name}) | (got.isnan() & {name}.isnan())"


def literal(value: Tensor) -> str:
    """Return the expression of a tensor; infinities and nan are spelled as torch knows them."""
    if not value.numel():
        return f"torch.empty({tuple(value.shape)}, dtype={value.dtype})"
    numbers = str(value.tolist()).replace("nan", "torch.nan").replace("inf", "torch.inf")
    return f"torch.tensor({numbers}, dtype={value.dtype})"


def wanted(trial: Trial, quantity: str, rounds: int) -> tuple[str, str]:
    """Return the lines that give what is wanted and how far off is allowed, and the expression that compares.

    Of the gradient of a parameter, that of so many rounds.
    """
    evidence = trial.evidence
    truth, gauge = evidence.truth[quantity], evidence.gauges[quantity]
    reference = evidence.reference[quantity].cpu()
    times = rounds if quantity.removeprefix("d") in trial.drawn.parameters else 1
    lines = [of_reference(trial, quantity, times), f"wanted_dtype = {reference.dtype}"]
    lines.append(f"allowed = {literal(times * allowed(trial, quantity))}  # what rounding may do")
    low, high = (truth if end is None else end for end in (gauge.low, gauge.high))
    same = [SAME.format(name="wanted")]
    finite = all(value.isfinite().all() for value in (truth, reference, truth.to(reference.dtype)))
    if finite and torch.equal(low, high) and gauge.free is None:
        return "\n".join(lines), " | ".join([f"({NEAR})", *same])
    lines.append(f"low, high = {literal(times * low)}, {literal(times * high)}  # every number between is right")
    lines.append(f"other = {literal(times * reference.double())}  # torch.nn in the dtype itself")
    if gauge.free is not None and gauge.free.any():
        lines.append(f"free = {literal(gauge.free)}  # where it hangs on how nan compares")
        same.append("(free & got.isnan())")
    if gauge.limit is not None:
        lines.append(f"limit = {literal(times * gauge.limit)}  # where an infinity makes it nan: what it tends to")
        same.append("(got == limit) | ((got - limit).abs() <= allowed)")
    rounded = SAME.format(name="wanted.to(dtype).double()")
    return "\n".join(lines), " | ".join([f"({WITHIN})", *same[1:], rounded, SAME.format(name="other")])


def of_reference(trial: Trial, quantity: str, times: int) -> str:
    """Return the lines that compute what is wanted; its numbers, where the reference is not of torch.nn."""
    page, made = trial.cell.page, trial.cell.page.exact.reference
    of_x = page.signature.is_plain and not trial.drawn.buffers and not page.has_modes
    if of_x and isinstance(made, type) and getattr(torch.nn, made.__name__, None) is made:
        by = f" * {times}  # it accumulates" if times > 1 else ""
        return REFERENCE.format(reference=f"torch.nn.{made.__name__}", quantity=quantity, times=by)
    return f"wanted = {literal(times * trial.evidence.truth[quantity])}  # the reference in float64"


def zeros(like: Tensor, dtype: torch.dtype) -> tuple[str, str]:
    """Return the lines and the expression of a gradient that must be cleared."""
    lines = f"wanted, wanted_dtype = torch.zeros({tuple(like.shape)}, dtype=torch.float64), {dtype}"
    return lines, "got == wanted"


def allowed(trial: Trial, quantity: str) -> Tensor:
    """Return how far each element may be from the truth: within the limit, or as far as torch.nn itself is."""
    evidence, cell = trial.evidence, trial.cell
    truth, gauge = evidence.truth[quantity], evidence.gauges[quantity]
    reference = evidence.reference[quantity].cpu()
    unit = arithmetic.of(cell.torch_dtype, cell.device).storage * gauge.size
    distance = gauge.distance(reference, truth)
    of_torch = errors(reference, truth, distance, unit)
    limit = limits.allowed(largest(of_torch))
    return torch.maximum(limit * unit, of_torch * unit).nan_to_num(0.0, torch.inf, 0.0)
