"""Gradients accumulate: a second backward doubles them, zero_grad clears them, an early param() list stays live."""

from collections.abc import Iterator

import torch
from torch import Tensor

from parity.subjects.contract import Built, Stateful, Stopped, Unsupported
from parity.verdict import arithmetic, limits
from parity.verdict.check import BEHAVIOUR, WHERE_NOTHING_IS_CAST, Check
from parity.verdict.compare import best_factor
from parity.verdict.draw import Tensors
from parity.verdict.reading import gradients, same_bits
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Run forward and backward twice, clear, run again, backward once more.

    Doubling is exact, unless a library adds each term by itself to what was there: then it is so but for rounding.
    """
    built = trial.build()
    shown = built if isinstance(built, Stateful) else None
    early = shown.param() if shown else []
    once = trial.observe(built)
    twice = trial.observe(built)
    for name in accumulated(trial, once):
        yield trial.claim(
            name, doubled(trial, name, once[name], twice[name]), undoubled(once[name], twice[name]), once[name].numel()
        )
    returned = [name for name in trial.signature.gradients(trial.drawn.inputs) if name in once]
    for name in returned:
        same = same_bits(twice[name], once[name])
        yield trial.claim(name, same, f"{name} changed on the second backward", once[name].numel())
    if shown:
        yield trial.claim("param()", alive(early, shown), "a list taken before backward is stale", len(early))
    built.zero_grad()
    for name, cleared in gradients(built).items():
        yield trial.claim(f"{name} cleared", not cleared.any(), "zero_grad left it", cleared.numel())
    if shown:
        stale = "a list taken before backward is stale after zero_grad"
        yield trial.claim("param() cleared", alive(early, shown), stale, len(early))
    yield from trial.verdicts(built)
    yield trial.claim("backward again", *repeated(trial, built, once), sum(once[name].numel() for name in returned))


def accumulated(trial: Trial, quantities: Tensors) -> list[str]:
    """Return the quantities that backward adds up: the gradients of parameters."""
    return [name for name in quantities if name.removeprefix("d") in trial.drawn.parameters]


NEAR = 1e-3  # relative, for the share of an older gradient: it names a cause, and judges nothing


def repeated(trial: Trial, built: Built, once: Tensors) -> tuple[bool, str]:
    """Return whether a second backward for the last forward gives the same dx and adds the same gradients to those of
    the first, or is refused; and the words if neither."""
    try:
        again = trial.backward(built, trial.cotangents())
    except (Stopped, Unsupported):
        raise
    except Exception:  # a module that has no second backward may say so in its own way
        return True, ""
    for name, value in again.items():
        if not same_bits(value, once[name]):
            return False, f"a second backward for the same forward gave another {name}"
    now, names = gradients(built), accumulated(trial, once)
    wrong = sorted(name for name in names if name not in now or not doubled(trial, name, once[name], now[name]))
    return not wrong, f"a second backward for the same forward did not add the same again to {', '.join(wrong)}"


def doubled(trial: Trial, name: str, once: Tensor, twice: Tensor) -> bool:
    """Return whether a gradient is twice another, in its bits or within what rounding may do to each."""
    if same_bits(twice, 2 * once) or twice.shape != once.shape:
        return same_bits(twice, 2 * once)
    u = arithmetic.of(trial.cell.torch_dtype, trial.cell.device).storage
    off = (twice.double() - 2 * once.double()).abs().cpu()
    return bool((off <= limits.LIMIT * u * 2 * trial.evidence.gauges[name].size).all())


def undoubled(once: Tensor, twice: Tensor) -> str:
    """Return what a second backward did to a gradient that it did not double."""
    if same_bits(once, twice):
        return "a second backward did not double it: the gradient is overwritten, not accumulated"
    return "a second backward did not double it"


def alive(early: list[tuple[Tensor, Tensor]], built: Stateful) -> bool:
    now = built.param()
    return len(early) == len(now) and all(
        a.data_ptr() == b.data_ptr() and same_bits(a, b)
        for old, new in zip(early, now, strict=True)
        for a, b in zip(old, new, strict=True)
    )


def looks_like(trial: Trial, quantity: str) -> str:
    """Return how much of a gradient a second backward, or zero_grad, left of it."""
    if quantity == "backward again":
        return changed_by_backward(trial)
    built, name = trial.build(), quantity.removesuffix(" cleared")
    once = trial.observe(built).get(name)
    if once is None or name.removeprefix("d") not in trial.drawn.parameters:
        return ""
    if quantity != name:
        built.zero_grad()
        return f"zero_grad leaves {share(gradients(built)[name], once)} the gradient: it is not cleared"
    kept = best_factor(trial.observe(built)[name].double(), once.double()) - 1
    if abs(kept) < NEAR:
        return "not accumulated: a second backward overwrites the gradient"
    if abs(kept - 1) < NEAR:
        return f"a second backward doubles it but for a relative {abs(kept - 1):.2g}"
    words = f"a second backward counts what was there {kept:.4g} times in place of once"
    return f"{words}, as if the buffer of a momentum were the gradient" if 0 < kept < 1 - NEAR else words


def changed_by_backward(trial: Trial) -> str:
    """Return which input backward changes in place, so that a second one starts from other numbers; empty if none."""
    built, given = trial.build(), trial.inputs()
    built.forward(*given)
    before = [value if value is None else value.clone() for value in given]
    built.backward(*trial.cotangents())
    pairs = zip(before, given, strict=True)
    places = [at for at, (a, b) in enumerate(pairs) if a is not None and not same_bits(a, b)]
    return f"input {places[0]} is changed in place by backward: a second one reads other numbers" if places else ""


def share(left: Tensor, of: Tensor) -> str:
    factor = best_factor(left.double(), of.double())
    return f"{factor:.4g} of" if torch.allclose(left, factor * of, rtol=NEAR) and factor else "something of"


CHECK = Check("accumulates", run, BEHAVIOUR, repeats=True, dtypes=WHERE_NOTHING_IS_CAST, looks_like=looks_like)
