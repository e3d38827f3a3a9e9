"""An input changed in place between forward and backward is noticed, or does no harm."""

from collections.abc import Iterator

from parity.subjects.contract import Stopped, Unsupported
from parity.verdict.check import BEHAVIOUR, CONVENTIONS, Check
from parity.verdict.reading import buffers, gradients
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Halve the inputs in place after forward; backward must raise, or give what belongs to those that forward saw."""
    built, given = trial.build(), trial.inputs()
    outputs = {name: value.clone() for name, value in trial.forward(built, given).items()}
    kept = buffers(built, trial.drawn)
    for _, value in trial.signature.differentiated(given):
        value.mul_(0.5)
    try:
        got = outputs | trial.backward(built, trial.cotangents()) | gradients(built) | kept
    except (Stopped, Unsupported):
        raise
    except Exception as error:
        clear = bool(str(error)) or not trial.subject.explains
        claimed = trial.claim("refusal", clear, "the error came without a message", 1)
        yield claimed if clear else claimed.told(aspect=CONVENTIONS)
        return
    judged = trial.judge(got)
    if any(one.fails for one in judged) and not trial.subject.explains:
        raise Unsupported("the subject trusts its caller not to change an input between forward and backward")
    yield from judged


CHECK = Check("guards", run, BEHAVIOUR)
