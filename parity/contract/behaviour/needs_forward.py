"""A backward before any forward is refused, and leaves the module usable."""

from collections.abc import Iterator

from parity.subjects.contract import Stopped, Unsupported
from parity.verdict.check import Check
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Call backward on a fresh module, which must raise; then use the module."""
    built = trial.build()
    refused = "it was accepted"
    try:
        built.backward(trial.dy())
    except (Stopped, Unsupported):
        raise
    except Exception as error:
        refused = unclear(error) if trial.subject.explains else ""
    yield trial.claim("backward before forward", not refused, refused)
    yield from trial.verdicts(built)


def unclear(error: Exception) -> str:
    """Return what is wrong with a refusal of a subject whose errors explain."""
    if not isinstance(error, (RuntimeError, ValueError)):
        return f"it ended in {type(error).__name__}: {error}"
    return "" if str(error) else f"{type(error).__name__} came without a message"


CHECK = Check("needs-forward", run)
