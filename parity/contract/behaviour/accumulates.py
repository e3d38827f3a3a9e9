"""Gradients accumulate: a second backward doubles them, zero_grad clears them, an early param() list stays true."""

import torch

from parity.subjects.contract import Built, Stateful
from parity.verdict.trial import Trial, gradients, same_bits
from reports.record import Parity


def check(trial: Trial) -> list[Parity]:
    """Run forward and backward twice, clear, run again, backward once more. Doubling is exact: bits are compared."""
    built = trial.build()
    shown = built if isinstance(built, Stateful) else None
    early = shown.param() if shown else []
    once = trial.observe(built)
    twice = trial.observe(built)
    found = [
        trial.claim(name, same_bits(twice[name], 2 * value), undoubled(value, twice[name]), value.numel())
        for name, value in once.items()
        if name not in ("output", "dx")
    ]
    same = same_bits(twice["dx"], once["dx"])
    found.append(trial.claim("dx", same, "dx changed on the second backward", once["dx"].numel()))
    if shown:
        found.append(trial.claim("param()", alive(early, shown), "a list taken before backward is stale", len(early)))
    built.zero_grad()
    for name, cleared in gradients(built).items():
        found.append(trial.claim(f"{name} cleared", not cleared.any(), "zero_grad left it", cleared.numel()))
    found += trial.judge(trial.observe(built))
    return [*found, trial.claim("backward again", *repeated(trial, built, once), once["dx"].numel())]


def repeated(trial: Trial, built: Built, once: dict[str, torch.Tensor]) -> tuple[bool, str]:
    """Return whether a second backward for the last forward gives the same dx and adds the same gradients to those of
    the first, or is refused; and the words if neither."""
    try:
        again = built.backward(trial.dy())
    except RuntimeError:
        return True, ""
    if not same_bits(again, once["dx"]):
        return False, "a second backward for the same forward gave another dx"
    wrong = [name for name, value in gradients(built).items() if not same_bits(value, 2 * once[name])]
    return not wrong, f"a second backward for the same forward did not add the same again to {', '.join(wrong)}"


def undoubled(once: torch.Tensor, twice: torch.Tensor) -> str:
    """Return what a second backward did to a gradient that it did not double."""
    if same_bits(once, twice):
        return "a second backward did not double it: the gradient is overwritten, not accumulated"
    return "a second backward did not double it"


def alive(early: list[tuple[torch.Tensor, torch.Tensor]], built: Stateful) -> bool:
    now = built.param()
    return len(early) == len(now) and all(
        a.data_ptr() == b.data_ptr() and same_bits(a, b)
        for old, new in zip(early, now, strict=True)
        for a, b in zip(old, new, strict=True)
    )
