"""What another process is asked for: functions of the subject there, with plain data in and out."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from parity.catalogue import offered
from parity.catalogue.page import Page
from parity.independence import audits
from parity.independence.auditor import audit
from parity.independence.effort import Effort
from parity.independence.kinds import Sample
from parity.independence.listening import Heard, listen
from parity.subjects.contract import Subject, traits

Told = list[tuple[Any, ...]]


def page(module: str) -> Page:
    return offered(True)[module]


def wraps(subject: Subject) -> bool:
    """Return whether the subject says that it wraps torch."""
    return traits(subject).wraps_torch


def listened(subject: Subject, module: str, samples: Sequence[Sample], seconds: float, waited: float) -> Told:
    """Return what is heard of the samples that there is time for."""
    return [astuple(heard) for heard in listen(subject, page(module), samples, seconds, waited)]


def rehearsed(subject: Subject, module: str, sample: Sample) -> tuple[dict[str, object], float]:
    """Return the audit of one sample under all witnesses, and its seconds of work."""
    effort = Effort()
    return audits.told(audit(subject, sample.cell(page(module)))), effort.seconds


def heard(said: Told) -> list[Heard]:
    """Return what another process has heard; raise ValueError where it has no sense."""
    try:
        return [
            Heard(tuple(map(str, against)), tuple(map(str, unseen)), str(ended), bool(lacking), spent(seconds))
            for against, unseen, ended, lacking, seconds in said
        ]
    except (TypeError, ValueError):
        raise ValueError("the process did not tell what was heard") from None


def spent(seconds: Any) -> float:
    """Return the seconds of work that another process told; it cannot give any back."""
    return max(0.0, float(seconds))


def audited(said: Any) -> tuple[audits.Audit, float]:
    """Return the row and the seconds that another process told; raise ValueError where they have no sense."""
    try:
        row, seconds = said
        return audits.heard(row), spent(seconds)
    except TypeError:
        raise ValueError("the process did not tell what the audit found") from None
