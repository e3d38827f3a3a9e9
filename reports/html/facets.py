"""By what the rows of the page are filtered: verdict, dtype, device and check, each value by a short token.

A token stands in the page in place of the value, which may be any words of a record and may stand in thousands of rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.parity.summary import DTYPES, dtype, position
from reports.parity.verdicts import WORDS, standing
from reports.record import Parity


@dataclass(frozen=True)
class RowFilter:
    """One thing to filter by, with the tokens of its values and what the reader sees of each."""

    name: str
    values: Mapping[str, str]  # token: words


class Facets:
    """The values that occur in the records of a folder."""

    def __init__(self, records: Sequence[Parity]) -> None:
        verdicts = {standing(record) for record in records}
        self.verdicts = numbered("v", [verdict for verdict in WORDS if verdict in verdicts])
        widths = sorted({dtype(record) for record in records}, key=lambda name: position(name, DTYPES))
        self.dtypes = numbered("t", widths)
        self.devices = numbered("p", sorted({record.device for record in records}))
        self.checks = numbered("c", sorted({record.check for record in records}))

    def choices(self) -> list[RowFilter]:
        """Return what a reader can choose."""
        return [
            RowFilter("verdict", {token: WORDS[value] for value, token in self.verdicts.items()}),
            RowFilter("dtype", turned(self.dtypes)),
            RowFilter("device", turned(self.devices)),
            RowFilter("check", turned(self.checks)),
        ]

    def tokens(self, records: Iterable[Parity]) -> str:
        """Return the tokens of a row that stands for these records."""
        found: set[str] = set()
        for record in records:
            found.update(
                (
                    self.verdicts[standing(record)],
                    self.dtypes[dtype(record)],
                    self.devices[record.device],
                    self.checks[record.check],
                )
            )
        return " ".join(sorted(found))


def numbered(letter: str, values: Sequence[str]) -> dict[str, str]:
    return {value: f"{letter}{place}" for place, value in enumerate(values)}


def turned(tokens: Mapping[str, str]) -> dict[str, str]:
    return {token: value for value, token in tokens.items()}
