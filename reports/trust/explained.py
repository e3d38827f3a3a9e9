"""The table of a judgement of the diagnosis: how often each outcome came, cause by cause."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.columns import RIGHT, Column, table
from reports.reading import grouped


@dataclass(frozen=True)
class Cause:
    """The outcomes of all mutants with one cause."""

    name: str
    outcomes: Counter[str]


def render(judged: Iterable[tuple[str, str]], outcomes: Sequence[str]) -> str:
    """Return one row a cause and one for all; `judged` has the cause and the outcome of every mutant."""
    mutants = list(judged)
    by_cause = grouped(mutants, lambda mutant: mutant[0])
    rows = [Cause(name, Counter(outcome for _, outcome in by_cause[name])) for name in sorted(by_cause)]
    rows.append(Cause("all", Counter(outcome for _, outcome in mutants)))
    cause: Column[Cause] = Column("cause", lambda row: row.name)
    return table([cause, *map(of_outcome, outcomes)], rows)


def of_outcome(outcome: str) -> Column[Cause]:
    """Return the column that counts one outcome."""
    return Column(outcome, lambda row: str(row.outcomes[outcome]), RIGHT)
