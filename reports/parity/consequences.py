"""One fault, one accusation: which failures of checks only say again that a quantity is wrong."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from reports.parity.verdicts import COMPARED, weighs_values
from reports.record import CONVENTIONS, Parity
from reports.text import counted

Place = tuple[str, ...]


def place(record: Parity) -> Place:
    """Return the quantity of one case that a record is of."""
    return record.subject, record.module, record.case, record.device, record.quantity


def draw(record: Parity) -> Place:
    """Return the quantity of one case, and how its input was drawn."""
    return *place(record), record.dtype, record.regime, str(record.cotangent), str(record.seed)


class Consequences:
    """What the values found wrong, and which other checks fail because of it.

    A check that compares a quantity with the truth fails wherever the quantity is wrong anyhow. That is no finding of
    its own: not where the values found the quantity wrong in the same draw, nor in another draw of the same case if
    they were not asked of this one.
    """

    def __init__(self, records: Iterable[Parity]) -> None:
        held = list(records)
        values = [one for one in held if weighs_values(one) and one.verdict in COMPARED and one.aspect != CONVENTIONS]
        self.asked = {draw(record) for record in values}
        self.wrong = {draw(record) for record in values if record.verdict == "fail"}
        self.said: defaultdict[Place, set[str]] = defaultdict(set)
        for record in values:
            if record.verdict == "fail":
                self.said[place(record)].add(record.detail)
        self.checks: defaultdict[Place, set[str]] = defaultdict(set)
        for record in held:
            if record in self:
                self.checks[self.group(record)].add(record.check)

    def __contains__(self, record: Parity) -> bool:
        """Whether a record is a consequence."""
        if record.verdict != "fail" or weighs_values(record) or place(record) not in self.said:
            return False
        if draw(record) in self.asked and draw(record) not in self.wrong:
            return False
        compared = not math.isnan(record.subject_error)
        return compared or any(detail and record.detail.endswith(detail) for detail in self.said[place(record)])

    @staticmethod
    def group(record: Parity) -> Place:
        """Return what one sentence accuses: a quantity of a module."""
        return record.subject, record.module, record.quantity

    def fails(self, record: Parity) -> str:
        """Return in brackets how many checks fail because a quantity is wrong; empty where none does."""
        checks = self.checks.get(self.group(record)) if weighs_values(record) else None
        return f" (and so fails {counted(len(checks), 'check')})" if checks else ""


def own(records: Sequence[Parity]) -> list[Parity]:
    """Return the records that are no consequences of others."""
    consequences = Consequences(records)
    return [record for record in records if record not in consequences]
