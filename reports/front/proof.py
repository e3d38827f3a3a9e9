"""The table of a front page: what the records of a folder prove, a line a figure."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reports.columns import Column, table
from reports.lines import is_there
from reports.papers import page as papers_page
from reports.parity.headline import judgement
from reports.parity.summary import closeness
from reports.parity.verdicts import standing
from reports.perf import page as perf_page
from reports.sources import SOURCES, gathered
from reports.sweep import page as sweep_page
from reports.text import counted
from reports.trust import alarms, mutants

NOTHING = "holds no records of a finished run"


class Proof(NamedTuple):
    """What is asked, what came of it, and the page that shows it all."""

    asked: str
    found: str
    page: str


COLUMNS = (
    Column[Proof]("question", lambda proof: proof.asked),
    Column[Proof]("answer", lambda proof: proof.found),
    Column[Proof]("page", lambda proof: f"[{Path(proof.page).name}]({proof.page})"),
)


def held(folder: Path) -> dict[str, Any]:
    """Return the records of a folder's finished runs, by file; raise ValueError where there are none, or one is not."""
    found = {name: gathered(folder / name) for name in SOURCES if is_there(folder / name)}
    for name, records in found.items():
        if why := SOURCES[name].unfinished(records):
            raise ValueError(f"{folder / name} is not of a finished run: {why}")
    if not found:
        raise ValueError(f"{folder} {NOTHING}")
    return found


def render(folder: Path, records: Mapping[str, Any]) -> str:
    """Return the table; addresses are those that were given, so that it stands where they lead from."""
    rows = [
        Proof(asked, found, (folder / name).with_suffix(".md").as_posix())
        for name, told in TOLD.items()
        if name in records
        for asked, found in told(records[name])
    ]
    return table(COLUMNS, rows)


def of_parity(recorded: Any) -> Iterator[tuple[str, str]]:
    verdicts: dict[str, int] = {}
    for record in recorded.parity:
        verdicts[standing(record)] = verdicts.get(standing(record), 0) + 1
    yield "Is every output and gradient of the framework right?", judgement(recorded.parity, verdicts, True)
    near = closeness(recorded.parity)
    if near.subject + near.equal + near.reference:
        yield (
            "Who is closer to the truth, it or `torch.nn`?",
            f"It in {near.share(near.subject)} %, `torch.nn` in {near.share(near.reference)} %, "
            f"neither in {near.share(near.equal)} % of comparisons.",
        )


def of_trust(trust: Any) -> Iterator[tuple[str, str]]:
    if trust.mutants:
        yield "Does the verdict see a planted fault?", mutants.sentence(trust.mutants)
    if trust.rates:
        yield "Does it accuse what is right?", alarms.sentence(trust.rates)


def of_sweep(sweep: Any) -> Iterator[tuple[str, str]]:
    if sweep.total("quantities"):
        yield "And in configurations that nobody chose?", next(iter(sweep_page.sentences(sweep)))


def of_times(timed: Any) -> Iterator[tuple[str, str]]:
    yield "How fast is it beside `torch.nn`?", " ".join(perf_page.sentences(timed))


def of_papers(records: Any) -> Iterator[tuple[str, str]]:
    claims = counted(len(records.claims), "claim")
    yield f"Do the papers' {claims} hold on both sides?", papers_page.held(records.claims)


TOLD = {
    "parity.jsonl": of_parity,
    "trust.jsonl": of_trust,
    "sweep.jsonl": of_sweep,
    "perf.json": of_times,
    "papers.jsonl": of_papers,
}
