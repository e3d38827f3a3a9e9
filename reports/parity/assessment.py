"""What the records say of one module: which numbers are wrong, which claims are broken, what was not judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from reports.parity.consequences import Consequences
from reports.parity.gate.aspects import differs
from reports.parity.summary import order
from reports.parity.verdicts import COMPARED, standing, weighs_values
from reports.reading import grouped
from reports.record import Parity

RIGHT, BUT, WRONG, UNJUDGED = "right", "right, but", "wrong", "not judged"


@dataclass(frozen=True)
class Assessment:
    """The records of one module of one subject, sorted by what they say.

    A value is an output or a gradient that was compared with the truth; a claim is what a contract check establishes,
    or that a value follows torch's convention, where it does not.
    """

    module: str
    records: Sequence[Parity]
    consequences: Consequences

    def of(self, *verdicts: str) -> list[Parity]:
        return [record for record in self.records if standing(record) in verdicts]

    @cached_property
    def values(self) -> list[Parity]:
        return [record for record in self.of(*COMPARED) if weighs_values(record) and not differs(record)]

    @cached_property
    def claims(self) -> list[Parity]:
        return [record for record in self.of(*COMPARED) if not weighs_values(record) or differs(record)]

    @cached_property
    def wrong_values(self) -> list[Parity]:
        return [record for record in self.values if record.verdict == "fail"]

    @cached_property
    def broken_claims(self) -> list[Parity]:
        """The claims that do not hold, without those that fail because a quantity is wrong anyhow."""
        return [record for record in self.claims if record.verdict == "fail" and record not in self.consequences]

    @cached_property
    def met(self) -> list[Parity]:
        """The claims that fail because a quantity is wrong anyhow."""
        return [record for record in self.claims if record in self.consequences]

    @cached_property
    def met_checks(self) -> list[str]:
        return sorted({record.check for record in self.met})

    @cached_property
    def stopped(self) -> list[Parity]:
        return self.of("error")

    @cached_property
    def void(self) -> list[Parity]:
        return self.of("void")

    @cached_property
    def unsupported(self) -> list[Parity]:
        return self.of("unsupported")

    @property
    def offered(self) -> bool:
        """Whether anything of the module ran."""
        return len(self.unsupported) < len(self.records)

    @property
    def verdict(self) -> str:
        """The one word on the module: its numbers first, then its behaviour."""
        if self.wrong_values or (self.stopped and not self.values):
            return WRONG
        if self.void and not self.values:
            return UNJUDGED
        return BUT if self.broken_claims or self.stopped or self.void else RIGHT

    @cached_property
    def through(self) -> list[str]:
        """The wrong modules that a network is put together of, where all that is wrong with it may come of them."""
        parts = [self.consequences.wrong_parts(record) for record in self.wrong_values]
        return sorted({name for names in parts for name in names}) if parts and all(parts) else []

    @cached_property
    def wrong_quantities(self) -> list[str]:
        """The quantities that are wrong somewhere, the output first."""
        return list(dict.fromkeys(record.quantity for record in self.wrong_values))

    @cached_property
    def checks(self) -> list[str]:
        """The checks of behaviour that it was subjected to."""
        return list(dict.fromkeys(record.check for record in self.claims))

    @cached_property
    def broken_checks(self) -> list[str]:
        return list(dict.fromkeys(record.check for record in [*self.broken_claims, *self.stopped]))


def assessed(records: Iterable[Parity]) -> list[Assessment]:
    """Return every module of the records, by name."""
    placed = sorted(records, key=order)
    by_module, consequences = grouped(placed, lambda record: record.module), Consequences(placed)
    return [Assessment(module, by_module[module], consequences) for module in sorted(by_module)]
