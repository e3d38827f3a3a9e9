"""Under which simpler conditions a cell that ended in an error is right."""

from parity.diagnosis.conditions import narrowed, simpler
from parity.verdict.trial import Trial


def spared(trial: Trial) -> str:
    """Return under which simpler conditions a cell that ended in an error is right; empty if its first call is."""
    cells = [] if all_pass(trial) else simpler(trial.cell)
    met = narrowed([condition for condition, cell in cells if all_pass(trial.at(cell))])
    return "; ".join(condition.words for condition in met)


def all_pass(trial: Trial) -> bool:
    """Return whether every quantity passes in a first call; not if the subject, or torch.nn, raises."""
    try:
        return all(one.record.verdict in ("pass", "same-route") for one in trial.verdicts(trial.build()))
    except Exception:
        return False
