"""Inputs, cotangent and parameters are the same bits after forward and backward as before."""

from parity.subjects.contract import Stateful
from parity.verdict.trial import Trial, same_bits
from reports.record import Parity


def check(trial: Trial) -> list[Parity]:
    """Hold what was given beside fresh copies of it, and the parameters beside those drawn."""
    built, given, dy = trial.build(), trial.inputs(), trial.dy()
    built.forward(*given)
    found = [
        trial.claim(f"input {i}", same_bits(a, b), f"forward changed input {i}", a.numel())
        for i, (a, b) in enumerate(zip(given, trial.inputs(), strict=True))
    ]
    built.backward(dy)
    same = all(same_bits(a, b) for a, b in zip(given, trial.inputs(), strict=True))
    found.append(trial.claim("inputs after backward", same, "backward changed an input", given[0].numel()))
    if dy is not None:
        wanted = trial.dy()
        same = wanted is not None and same_bits(dy, wanted)
        found.append(trial.claim("dy", same, "backward changed the cotangent", dy.numel()))
    if isinstance(built, Stateful):
        fresh = trial.build()
        assert isinstance(fresh, Stateful)
        wanted_state = fresh.state_dict()
        for name, value in built.state_dict().items():
            same = same_bits(value, wanted_state[name])
            found.append(trial.claim(name, same, f"forward or backward changed {name}", value.numel()))
    return found
