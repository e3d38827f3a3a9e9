"""What the other files of a folder say on the page: times, trust, papers."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from reports.header import facts
from reports.html import tables, times
from reports.html.tables import TableView
from reports.html.times import ForestView
from reports.html.words import inline, prose
from reports.papers import page as papers_page
from reports.papers.reading import PaperRecords
from reports.perf import page as perf_page
from reports.perf import paper_004
from reports.perf.columns import ROWS
from reports.perf.legend import LEGEND
from reports.perf.reading import Timed
from reports.record import Run
from reports.sweep import page as sweep_page
from reports.sweep.reading import Sweep
from reports.text import counted, one_line
from reports.trust import mutants, nulls
from reports.trust import page as trust_page
from reports.trust.gate import complaints_of
from reports.trust.reading import Trust

Facts = Sequence[tuple[str, Markup]]


def of_run(run: Run, names: Sequence[str], own: Mapping[str, str] | None = None) -> Facts:
    return [(name, inline(text)) for name, text in facts(run, names, own)]


@dataclass(frozen=True)
class TimesView:
    """What perf.json says."""

    subject: str
    sentences: Sequence[Markup]
    lacking: str
    forest: ForestView | None
    rows: TableView
    trust: Markup
    not_timed: Markup
    paper_004: Markup
    legend: Markup
    facts: Facts

    @classmethod
    def of(cls, timed: Timed, _: Path) -> "TimesView":
        lacking, shown = perf_page.lacking(timed), [row for row in timed.findings if row.time]
        return cls(
            subject=one_line(timed.run.subject),
            sentences=[inline(sentence) for sentence in perf_page.sentences(timed)],
            lacking=f"The timing run is INCOMPLETE: {lacking}" if lacking else "",
            forest=times.forest(timed),
            rows=tables.view(ROWS, shown),
            trust=prose(perf_page.trust(timed)),
            not_timed=prose(perf_page.not_timed(timed)),
            paper_004=prose(paper_004.section(timed.findings)),
            legend=prose(LEGEND),
            facts=of_run(timed.run, perf_page.FACTS, perf_page.own(timed)),
        )


@dataclass(frozen=True)
class TrustView:
    """What trust.jsonl says."""

    sentences: Sequence[Markup]
    figures: Sequence[tuple[str, str]]  # the three by which it is judged, each with its name
    lacking: str
    sections: Mapping[str, Markup]
    facts: Facts

    @classmethod
    def of(cls, trust: Trust, _: Path) -> "TrustView":
        wrong = complaints_of(trust)
        return cls(
            sentences=[inline(sentence) for sentence in trust_page.sentences(trust, wrong)],
            figures=list(figures(trust)),
            lacking=f"The trust run is INCOMPLETE: {trust.unfinished}" if trust.unfinished else "",
            sections={heading: prose(text) for heading, text in trust_page.sections(trust).items()},
            facts=of_run(trust.runs[0], trust_page.FACTS) if trust.runs else [],
        )


def figures(trust: Trust) -> Iterator[tuple[str, str]]:
    """Yield how many planted faults were killed, how many subjects that compute nothing failed, and false alarms."""
    if trust.mutants:
        killed, planted = mutants.killed(trust.mutants), len(trust.mutants)
        yield "planted faults killed", f"{killed:,} of {planted:,} ({100 * killed / planted:.1f} %)"
    if trust.nulls:
        every = nulls.Tallied("every null", trust.nulls)
        yield "passed by computing nothing", f"{every.total('passed'):,} of {counted(every.total('cells'), 'cell')}"
    for rate in trust.rates:
        if rate.regime == "all":
            yield "false alarms", f"{rate.alarms:,} of {counted(rate.runs, 'run')}"
            yield "those of assert_close", f"{rate.assert_close_alarms:,} of {counted(rate.runs, 'run')}"


@dataclass(frozen=True)
class SweepView:
    """What sweep.jsonl says."""

    subject: str
    failed: Markup  # the causes; empty where nothing failed
    sentences: Sequence[Markup]
    lacking: str
    sections: Mapping[str, Markup]
    cost: str  # the address of its figure, which holds the figure itself; empty where there is none
    facts: Facts

    @classmethod
    def of(cls, sweep: Sweep, folder: Path) -> "SweepView":
        return cls(
            subject=one_line(sweep.runs[0].subject) if sweep.runs else "a subject",
            failed=prose(sweep_page.failed(sweep)) if sweep.causes else Markup(""),
            sentences=[inline(sentence) for sentence in sweep_page.sentences(sweep)],
            lacking=f"The sweep is INCOMPLETE: {sweep.unfinished}" if sweep.unfinished else "",
            sections={heading: prose(text) for heading, text in sweep_page.sections(sweep).items()},
            cost=held(folder / sweep_page.FIGURE),
            facts=of_run(sweep.runs[0], sweep_page.FACTS) if sweep.runs else [],
        )


def held(figure: Path) -> str:
    """Return an address that holds a drawing, as a page needs it that is one file; empty where there is none."""
    if not figure.is_file():
        return ""
    return f"data:image/svg+xml;base64,{b64encode(figure.read_bytes()).decode()}"


@dataclass(frozen=True)
class PaperView:
    """One paper: what was found, and its figures that lie beside the page."""

    title: str
    text: Markup
    figures: Sequence[tuple[str, str]]  # address and caption


@dataclass(frozen=True)
class PapersView:
    """What papers.jsonl says."""

    verdict: Markup
    lacking: str
    headline: Markup
    reading: Markup
    papers: Sequence[PaperView]
    facts: Facts

    @classmethod
    def of(cls, records: PaperRecords, folder: Path) -> "PapersView":
        why = records.unfinished or records.untimed
        return cls(
            verdict=inline(papers_page.held(records.claims)),
            lacking=f"The run of the papers is INCOMPLETE: {why}" if why else "",
            headline=prose(papers_page.headline(records.claims)),
            reading=inline(papers_page.READING),
            papers=[paper(number, records.of(number), folder) for number in records.papers],
            facts=of_run(records.runs[0], papers_page.FACTS) if records.runs else [],
        )


def paper(number: str, records: PaperRecords, folder: Path) -> PaperView:
    """Return one paper; of its figures those whose files lie in the folder."""
    _, _, text = papers_page.section(number, records).partition("\n\n")
    names = papers_page.drawings(number, records)
    there = [name for name in names if "/" not in name and (folder / "figures" / f"{name}.svg").is_file()]
    return PaperView(
        title=papers_page.TITLES.get(number, one_line(number)),
        text=prose(text),
        figures=[(f"figures/{quote(name)}.svg", one_line(papers_page.caption(name))) for name in there],
    )
