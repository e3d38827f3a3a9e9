"""A new module has no gradient yet: zeros, or none to be shown; never what its memory held before."""

from collections.abc import Iterator

from torch import Tensor

from parity.subjects.contract import Stopped, Unsupported
from parity.verdict.check import BEHAVIOUR, Check, with_parameters
from parity.verdict.reading import poison
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Build in poisoned memory and read the gradients before anything is called; then use the module."""
    poison(trial.drawn.parameters.values())
    built = trial.build()
    try:
        fresh = built.gradients()
    except (Stopped, Unsupported):
        raise
    except Exception:  # a library may have no gradients to show before its first backward
        fresh = {}
    for name, gradient in fresh.items():
        if isinstance(gradient, Tensor):
            words = "a new module's gradient is not zero: its memory was never cleared"
            yield trial.claim(f"d{name}", not gradient.any(), words, gradient.numel())
    yield from trial.verdicts(built)


CHECK = Check("fresh-gradients", run, BEHAVIOUR, concerns=with_parameters)
