"""A backward before any forward is refused, and leaves the module usable."""

from parity.subjects.contract import Stopped, Unsupported
from parity.verdict.check import Check
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> list[Judged]:
    """Call backward on a fresh module, which must raise; then use the module."""
    built = trial.build()
    refused = "it was accepted"
    try:
        built.backward(trial.dy())
    except (RuntimeError, ValueError) as error:
        refused = "" if str(error) else f"{type(error).__name__} came without a message"
    except (Stopped, Unsupported):
        raise
    except Exception as error:
        refused = f"it ended in {type(error).__name__}: {error}"
    claim = trial.claim("backward before forward", not refused, refused)
    return [claim, *trial.judge(trial.observe(built))]


CHECK = Check("needs-forward", run)
