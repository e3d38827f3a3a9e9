"""A backward before any forward is refused, and leaves the module usable.

Where no error is meant to explain, it may be answered too, if the answer is right: as one of a map without parameters,
which needs no more than dy, can be.
"""

from collections.abc import Iterator

from parity.subjects.contract import Built, Stopped, Unsupported
from parity.verdict.check import BEHAVIOUR, CONVENTIONS, Check
from parity.verdict.draw import Tensors
from parity.verdict.reading import gradients
from parity.verdict.trial import Judged, Trial

ACCEPTED = "it was accepted"


def run(trial: Trial) -> Iterator[Judged]:
    """Call backward on a fresh module, which must raise, or be right; then use the module."""
    built = trial.build()
    try:
        returned = trial.backward(built, trial.cotangents())
    except (Stopped, Unsupported):
        raise
    except Exception as error:
        wrong = unclear(error) if trial.subject.explains else ""
    else:
        wrong = "" if not trial.subject.explains and right(trial, returned, built) else ACCEPTED
        if not wrong:
            built.zero_grad()
    claimed = trial.claim("backward before forward", not wrong, wrong)
    yield claimed if wrong in ("", ACCEPTED) else claimed.told(aspect=CONVENTIONS)
    yield from trial.verdicts(built)


def right(trial: Trial, returned: Tensors, built: Built) -> bool:
    """Return whether what a backward gave is right; of what forward gives there is nothing."""
    judged = trial.judge(returned | gradients(built))
    of_forward = {*trial.signature.outputs, *trial.drawn.buffers}
    return not any(one.fails for one in judged if one.record.quantity not in of_forward)


def unclear(error: Exception) -> str:
    """Return what is wrong with a refusal of a subject whose errors explain."""
    if not isinstance(error, (RuntimeError, ValueError)):
        return f"it ended in {type(error).__name__}: {error}"
    return "" if str(error) else f"{type(error).__name__} came without a message"


CHECK = Check("needs-forward", run, BEHAVIOUR)
