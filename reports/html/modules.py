"""A module a section: what failed of it in full, then its records pooled, by quantity and by case."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports import again
from reports.columns import RIGHT, Column
from reports.html import failures, grid
from reports.html.facets import Facets
from reports.html.failures import FailureGroup
from reports.html.grid import GridLine
from reports.html.tables import TableView, view
from reports.html.words import prose
from reports.parity.consequences import Consequences
from reports.parity.gate.aspects import DIFFERS
from reports.parity.module_tables import CONTRACTS, VALUES, kind_of_value
from reports.parity.page import following, headings
from reports.parity.summary import Pool, display, dtype, order, pool
from reports.parity.verdicts import COMPARED, UNJUDGED, WORDS, spelled, standing, weighs_values
from reports.reading import grouped
from reports.record import Parity, Run
from reports.text import ABSENT, figure, listed, one_line, safe

MOST_NAMED = 6


@dataclass(frozen=True)
class CasePool:
    """The records of one check of one case."""

    pool: Pool
    quantities: str
    dtypes: str

    @classmethod
    def of(cls, records: Sequence[Parity]) -> "CasePool":
        names = dict.fromkeys(display(record.quantity) for record in records)
        widths = dict.fromkeys(map(dtype, records))
        return cls(pool(records), listed(list(names), MOST_NAMED), ", ".join(widths))


CASES: Sequence[Column[CasePool]] = (
    Column("case", lambda row: safe(row.pool.first.case)),
    Column("check", lambda row: safe(row.pool.first.check)),
    Column("quantities", lambda row: safe(row.quantities)),
    Column("dtypes", lambda row: safe(row.dtypes)),
    Column("cells", lambda row: f"{row.pool.cells:,}", RIGHT),
    Column("worst error", lambda row: figure(row.pool.subject_error), RIGHT),
    Column("verdicts", lambda row: spelled(row.pool.verdicts)),
)


@dataclass(frozen=True)
class ModuleView:
    """The section of one module."""

    name: str
    verdict: str
    word: str
    facts: str
    line: GridLine
    looks: Markup  # what its wrong quantities look like together
    failures: Sequence[FailureGroup]
    more: int  # groups of failures that are not shown
    follows: Markup  # which checks fail because of them
    values: TableView | None
    contracts: TableView | None
    cases: TableView
    again: str


def sections(records: Sequence[Parity], run: Run | None, facets: Facets, anchors: "Anchors") -> list[ModuleView]:
    """Return the section of every module, by name."""
    ordered = sorted(records, key=order)
    consequences, by_module = Consequences(ordered), grouped(ordered, lambda record: record.module)
    return [
        section(module, by_module[module], consequences, run, facets, anchors.of(module))
        for module in sorted(by_module)
    ]


def section(
    module: str, records: Sequence[Parity], consequences: Consequences, run: Run | None, facets: Facets, anchor: str
) -> ModuleView:
    """Return the section of one module from its records, in the order of the page."""
    wrong = [record for record in records if standing(record) in grid.WRONG]
    own = [record for record in wrong if record not in consequences]
    whole, (shown, more) = pool(records), failures.groups(own, run, facets)
    met = {grid.verdict(record, consequences) for record in records}
    gravest = next(verdict for verdict in grid.SIGNS if verdict in met)
    places = Places(anchor)
    return ModuleView(
        name=one_line(module),
        verdict=gravest,
        word=DIFFERS if gravest == grid.DIFFERS else WORDS[gravest],
        facts=facts(whole),
        line=grid.line(module, records, consequences, anchor, facets),
        looks=prose("\n".join(headings(records))),
        failures=shown,
        more=more,
        follows=prose("\n".join(following([record for record in wrong if record in consequences]))),
        values=values(records, facets, places),
        contracts=contracts(records, facets, places),
        cases=cases(records, facets),
        again=again.of_module(module, run),
    )


def facts(whole: Pool) -> str:
    """Return the figures of a module in one sentence."""
    verdicts: Counter[str] = whole.verdicts
    words = [f"{sum(verdicts[name] for name in COMPARED):,} compared"]
    names = {"fail": "failed", "same-route": "by the same route", "unsupported": "unsupported"}
    words += [f"{verdicts[name]:,} {word}" for name, word in names.items() if verdicts[name]]
    unjudged = sum(verdicts[name] for name in UNJUDGED)
    words += [f"{unjudged:,} void or in error"] if unjudged else []
    if figure(whole.subject_error) != ABSENT:
        words.append(f"worst error {figure(whole.subject_error)} (torch.nn {figure(whole.reference_error)})")
    return ", ".join(words)


class Places:
    """The anchors of a module's squares: the first row that a square counts bears it, in whatever table."""

    def __init__(self, anchor: str) -> None:
        self.anchor, self.met = anchor, set[str]()

    def mark(self, alike: Sequence[Parity]) -> str:
        """Return the anchor that a row of records of one column bears; empty where a row before it does."""
        column = grid.kind(alike[0])
        first = column not in self.met
        self.met.add(column)
        return f"{self.anchor}--{column}" if first else ""


def values(records: Sequence[Parity], facets: Facets, places: Places) -> TableView | None:
    """Return the table of values, by check, quantity and dtype."""
    weighed = filter(weighs_values, records)
    groups = list(grouped(weighed, lambda record: (kind_of_value(record), grid.kind(record))).values())
    marks = [(facets.tokens(alike), places.mark(alike)) for alike in groups]
    return view(VALUES, map(pool, groups), marks) if groups else None


def contracts(records: Sequence[Parity], facets: Facets, places: Places) -> TableView | None:
    """Return the table of checks of behaviour and of conventions."""
    others = [record for record in records if not weighs_values(record)]
    groups = list(grouped(others, lambda record: (record.check, grid.kind(record))).values())
    marks = [(facets.tokens(alike), places.mark(alike)) for alike in groups]
    return view(CONTRACTS, map(pool, groups), marks) if groups else None


def cases(records: Sequence[Parity], facets: Facets) -> TableView:
    """Return the table of cells pooled by case and check."""
    groups = grouped(records, lambda record: (record.case, record.check))
    placed = [groups[key] for key in sorted(groups)]
    return view(CASES, map(CasePool.of, placed), [(facets.tokens(alike), "") for alike in placed])


class Anchors:
    """Names by which links find modules: of letters, digits and hyphens, each once."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    def of(self, module: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9]+", "-", one_line(module, 60)).strip("-") or "module"
        self.taken[plain.lower()] += 1
        count = self.taken[plain.lower()]
        return f"m-{plain}" if count == 1 else f"m-{plain}--{count}"
