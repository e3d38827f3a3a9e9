"""What parity.jsonl says on the page: a subject at a time its verdict, grid, modules, and what stands behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from reports.header import NO_RUN, facts
from reports.html import tables
from reports.html.facets import Facets, RowFilter
from reports.html.grid import GridLine, placed
from reports.html.modules import Anchors, ModuleView, sections
from reports.html.tables import TableView
from reports.html.words import inline, prose
from reports.parity import audit_table, headline, page, paper_004, side_by_side, three_way
from reports.parity.legend import LEGEND
from reports.parity.referee import report, speed
from reports.parity.summary import Closeness, closeness
from reports.perf.reading import Timed
from reports.reading import Recorded
from reports.text import one_line, percent

SIDES = {"subject": "subject closer", "equal": "equally close", "reference": "torch.nn closer"}


@dataclass(frozen=True)
class SideShare:
    """How often one side is closer to the truth, in per cent."""

    side: str
    words: str
    percent: str


@dataclass(frozen=True)
class SubjectView:
    """Everything that the records say of one subject."""

    name: str
    sentences: Sequence[Markup]  # the verdict first, or why there is none
    right: bool
    lines: Sequence[GridLine]  # of the grid, what is wrong first
    modules: Sequence[ModuleView]
    shares: Sequence[SideShare]  # empty where the sides were never compared outside float64
    closer: TableView
    report: Markup  # of the referee; empty of a subject of the suite's own
    audit: Markup
    paper_004: Markup
    not_run: Markup
    left_out: int  # how many things did not run
    facts: Sequence[tuple[str, Markup]]


@dataclass(frozen=True)
class ParityView:
    """Everything that parity.jsonl says."""

    subjects: Sequence[SubjectView]
    choices: Sequence[RowFilter]
    together: Mapping[str, Markup]  # of several subjects: side by side, by heading
    legend: Markup
    lacking: str = ""  # the verdict itself says what a run lacks

    @property
    def names(self) -> str:
        return ", ".join(subject.name for subject in self.subjects)

    @classmethod
    def of(cls, recorded: Recorded, folder: Path) -> "ParityView":
        """Return what the records say, and the timings beside them in the folder."""
        each = side_by_side.by_subject(recorded)
        several, timed = len(each) > 1, speed.beside(folder)
        facets, anchors = Facets(recorded.parity), Anchors()
        subjects = [subject(of, timed, facets, anchors) for of in (each.values() if several else [recorded])]
        together = beside(each, recorded) if several else {}
        return cls(subjects, facets.choices(), together, prose(LEGEND))


def beside(each: Mapping[str, Recorded], recorded: Recorded) -> dict[str, Markup]:
    """Return what compares several subjects, by heading."""
    sections = side_by_side.sections(each) | {"Quantity by quantity": three_way.section(recorded.parity)}
    return {heading: prose(text) for heading, text in sections.items() if heading != "In five seconds"}


def subject(recorded: Recorded, timed: Timed | None, facets: Facets, anchors: Anchors) -> SubjectView:
    """Return what the records say of one subject."""
    run = recorded.runs[0] if recorded.runs else None
    modules = sections(recorded.parity, run, facets, anchors)
    outside, left_out = run is not None and bool(run.source), page.not_run(recorded)
    said = headline.sentences(recorded)
    own = {"subject": "; ".join(dict.fromkeys(page.of_file(run) for run in recorded.runs))}
    return SubjectView(
        name=one_line(run.subject) if run else "unknown",
        sentences=[inline(sentence) for sentence in said],
        right=headline.is_right(recorded),
        lines=placed([module.line for module in modules]),
        modules=modules,
        shares=shares(closeness(recorded.parity)),
        closer=tables.view(headline.CLOSER, headline.by_module(recorded.parity)),
        report=prose(report.render(recorded, timed)) if outside else Markup(""),
        audit=prose(audit_table.render(recorded.audits)),
        paper_004=prose(paper_004.section(recorded.differences)) if recorded.differences else Markup(""),
        not_run=prose(left_out),
        left_out=sum(line.startswith("- ") for line in left_out.splitlines()),
        facts=[(name, inline(text)) for name, text in facts(run, page.FACTS, own)]
        if run
        else [("run", inline(NO_RUN))],
    )


def shares(closeness: Closeness) -> list[SideShare]:
    """Return how often each side is closer; nothing where they were never compared."""
    counts = {side: getattr(closeness, side) for side in SIDES}
    whole = sum(counts.values())
    return [SideShare(side, SIDES[side], percent(count, whole)) for side, count in counts.items()] if whole else []
