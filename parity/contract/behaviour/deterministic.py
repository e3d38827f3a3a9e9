"""The same input gives the same bits, in one module twice and in a module built again."""

from collections.abc import Iterator

from parity.verdict.check import BEHAVIOUR, Check
from parity.verdict.reading import same_bits
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Observe one module twice, with its gradients cleared between, and a second module once."""
    built = trial.build()
    first = {name: value.clone() for name, value in trial.observe(built).items()}
    built.zero_grad()
    again, rebuilt = trial.observe(built), trial.observe(trial.build())
    for name, value in first.items():
        same = same_bits(value, again[name]) and same_bits(value, rebuilt[name])
        yield trial.claim(name, same, "the same input gave other bits on a second run", value.numel())


CHECK = Check("deterministic", run, BEHAVIOUR, repeats=True)
