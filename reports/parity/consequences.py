"""One fault, one accusation: which failures of checks, and of networks, only say again that a quantity is wrong."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from reports.parity.verdicts import COMPARED, VALUE_CHECKS, weighs_values
from reports.record import CONVENTIONS, NUMBERS, Parity
from reports.text import counted

Place = tuple[str, ...]
FORWARD, BACKWARD = "forward", "backward"


def place(record: Parity) -> Place:
    """Return the quantity of one case that a record is of."""
    return record.subject, record.module, record.case, record.device, record.quantity


def draw(record: Parity) -> Place:
    """Return the quantity of one case, and how its input was drawn."""
    return *place(record), record.dtype, record.regime, str(record.cotangent), str(record.seed)


def drawn_alike(record: Parity, module: str, of_backward: bool) -> Place:
    """Return what of a module a record would be explained by, and how its input was drawn."""
    return record.subject, module, record.device, record.dtype, record.regime, BACKWARD if of_backward else FORWARD


def of_backward(record: Parity) -> bool:
    """Return whether a number comes of a backward pass: a gradient, or a parameter that was trained by them."""
    return record.quantity.startswith("d") if weighs_values(record) else True


class Consequences:
    """What the values found wrong, and what else fails because of it: other checks, and networks.

    A check that compares a quantity with the truth fails wherever the quantity is wrong anyhow. That is no finding of
    its own: not where the values found the quantity wrong in the same draw, nor in another draw of the same case if
    they were not asked of this one. Nor are numbers of a network a finding on such input on which a module that it is
    put together of is wrong: what else may be wrong with it cannot be told before that is mended.
    """

    def __init__(self, records: Iterable[Parity]) -> None:
        held = list(records)
        values = [one for one in held if weighs_values(one) and one.verdict in COMPARED and one.aspect != CONVENTIONS]
        failed = [record for record in values if record.verdict == "fail"]
        self.asked = {draw(record) for record in values} if failed else set()
        self.wrong = set(map(draw, failed))
        self.said: defaultdict[Place, set[str]] = defaultdict(set)
        for record in failed:
            self.said[place(record)].add(record.detail)
        self.parts = {
            drawn_alike(record, record.module, of_backward(record))
            for record in failed
            if not record.made_of and record.check == VALUE_CHECKS[0]
        }
        self.checks: defaultdict[Place, set[str]] = defaultdict(set)
        for record in held:
            if record in self:
                self.checks[self.group(record)].add(record.check)

    def __contains__(self, record: Parity) -> bool:
        """Whether a record is a consequence."""
        if record.verdict == "fail" and record.aspect == NUMBERS and self.wrong_parts(record):
            return True
        if record.verdict != "fail" or weighs_values(record) or place(record) not in self.said:
            return False
        if draw(record) in self.asked and draw(record) not in self.wrong:
            return False
        compared = not math.isnan(record.subject_error)
        return compared or any(detail and record.detail.endswith(detail) for detail in self.said[place(record)])

    def wrong_parts(self, record: Parity) -> list[str]:
        """Return the modules of a network that are wrong by themselves on such input as that of a record.

        A wrong output may spoil everything that comes after it, a wrong gradient no output.
        """
        passes = (False, True) if of_backward(record) else (False,)
        return [part for part in record.made_of if any(drawn_alike(record, part, one) in self.parts for one in passes)]

    @staticmethod
    def group(record: Parity) -> Place:
        """Return what one sentence accuses: a quantity of a module."""
        return record.subject, record.module, record.quantity

    def fails(self, record: Parity) -> str:
        """Return in brackets how many checks fail because a quantity is wrong; empty where none does."""
        checks = self.checks.get(self.group(record)) if weighs_values(record) else None
        return f" (and so fails {counted(len(checks), 'check')})" if checks else ""


def networks(records: Iterable[Parity]) -> str:
    """Return the words for networks among what fails because of others; empty where there is none."""
    return " and in networks" if any(record.made_of and record.verdict == "fail" for record in records) else ""


def own(records: Sequence[Parity]) -> list[Parity]:
    """Return the records that are no consequences of others."""
    consequences = Consequences(records)
    return [record for record in records if record not in consequences]
