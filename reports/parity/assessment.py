"""What the records say of one module: which numbers are wrong, which claims are broken, what was not judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.parity.summary import order
from reports.parity.verdicts import COMPARED, standing, weighs_values
from reports.reading import grouped
from reports.record import Parity


@dataclass(frozen=True)
class Assessment:
    """The records of one module of one subject, sorted by what they say.

    A value is an output or a gradient that was compared with the truth; a claim is what a contract check establishes.
    """

    module: str
    records: Sequence[Parity]

    def of(self, *verdicts: str) -> list[Parity]:
        return [record for record in self.records if standing(record) in verdicts]

    @property
    def values(self) -> list[Parity]:
        return [record for record in self.of(*COMPARED) if weighs_values(record)]

    @property
    def claims(self) -> list[Parity]:
        return [record for record in self.of(*COMPARED) if not weighs_values(record)]

    @property
    def wrong_values(self) -> list[Parity]:
        return [record for record in self.values if record.verdict == "fail"]

    @property
    def broken_claims(self) -> list[Parity]:
        return [record for record in self.claims if record.verdict == "fail"]

    @property
    def stopped(self) -> list[Parity]:
        return self.of("error")

    @property
    def void(self) -> list[Parity]:
        return self.of("void")

    @property
    def unsupported(self) -> list[Parity]:
        return self.of("unsupported")

    @property
    def offered(self) -> bool:
        """Whether anything of the module ran."""
        return len(self.unsupported) < len(self.records)

    @property
    def wrong(self) -> bool:
        return bool(self.wrong_values or self.broken_claims or self.stopped or self.void)

    @property
    def wrong_quantities(self) -> list[str]:
        """The quantities that are wrong somewhere, the output first."""
        return list(dict.fromkeys(record.quantity for record in self.wrong_values))

    @property
    def checks(self) -> list[str]:
        """The checks of behaviour that it was subjected to."""
        return list(dict.fromkeys(record.check for record in self.claims))

    @property
    def broken_checks(self) -> list[str]:
        return list(dict.fromkeys(record.check for record in [*self.broken_claims, *self.stopped]))


def assessed(records: Iterable[Parity]) -> list[Assessment]:
    """Return every module of the records, by name."""
    by_module = grouped(sorted(records, key=order), lambda record: record.module)
    return [Assessment(module, by_module[module]) for module in sorted(by_module)]
