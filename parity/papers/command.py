"""The papers' experiments as a command: what is done is kept, so that a later call goes on from there."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from parity.papers.experiment import Plan, Results
from parity.papers.experiments import denoising, paper_000, paper_001, paper_002, paper_003, paper_004
from parity.papers.trainings.jobs import Job, Store, execute
from parity.run import session
from parity.settle import settle
from parity.subjects import load
from reports import lines, record
from reports.command import Command, folder, whole
from reports.papers import figures as papers_figures
from reports.papers.page import TIMES
from reports.papers.record import PaperClaim
from reports.running import finish
from reports.runs import claimed, show
from reports.sources import gathered

KIND = "papers.jsonl"
PAPERS: dict[str, ModuleType] = {
    "000": paper_000, "001": paper_001, "002": paper_002, "003": paper_003, "004": denoising,
}  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--quick", action="store_true", help="a small version, under a minute")
    add("--only", default="", metavar="PAPER", help=f"one of {', '.join(PAPERS)}")
    add("--device", default="cpu", help="cpu (default) or cuda")
    add("--workers", type=whole(0), default=0, help="processes (default: one a core)")
    folder(add, "records, page and figures")


def checked(asked: argparse.Namespace) -> None:
    """Raise ValueError for a word that names nothing."""
    if asked.only:
        session.one_of("--only", asked.only, PAPERS)
    if asked.device != "cpu":
        session.devices_for(session.one_of("--device", asked.device, ("cpu", "cuda")))


def progressed(jobs: Sequence[Job], store: Store, workers: int) -> None:
    """Do the jobs, with a bar on a terminal and a line a tenth elsewhere."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    total, done = sum(job.weight for job in jobs), 0.0
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("papers", total=round(total))
        for job in execute(jobs, store, workers):
            before, done = done, done + job.weight
            bar.update(task, completed=round(done), description=f"{job.setting.name} {job.side or job.kind}")
            if not console.is_terminal and int(10 * before / total) < int(10 * done / total):
                print(f"papers: {100 * done / total:.0f} % of the work done", file=sys.stderr, flush=True)


def measurements(plan: Plan, only: str, store: Store, jobs: dict[str, list[Job]]) -> Iterator[Any]:
    """Yield the records of every paper."""
    for name, paper in PAPERS.items():
        if only in ("", name):
            yield from paper.records(Results(store, jobs[name]), plan)
    if only in ("", "004"):
        for row in paper_004.ROWS:
            yield from paper_004.tables(row, load("framework"), "cpu", 0, plan.runs(200, 10))


def run(asked: argparse.Namespace) -> int:
    """Return 0 where every claim held, 1 where one did not."""
    checked(asked)
    settle()
    plan = Plan(asked.quick, asked.device)
    jobs = {name: paper.jobs(plan) for name, paper in PAPERS.items() if asked.only in ("", name)}
    store = Store(asked.out / "papers")
    try:
        every = [job for of_paper in jobs.values() for job in of_paper]
        progressed(every, store, asked.workers or os.cpu_count() or 1)
        outcomes = list(measurements(plan, asked.only, store, jobs))
    except KeyboardInterrupt:
        raise KeyboardInterrupt("what is finished is kept, and the next call goes on from there") from None
    return published(outcomes, asked, plan)


def published(outcomes: list[Any], asked: argparse.Namespace, plan: Plan) -> int:
    """Write records, page and figures; say what failed."""
    not_run = ["the full experiments: this is the quick version, without the claims on the papers' figures"]
    header = session.run_record("framework", 0, not_run if plan.quick else [], complete=True)
    if asked.only:
        header = replace(header, faults=(f"only the experiments of paper {asked.only} were asked for",))
    place = claimed(asked.out, "papers", datetime.now(UTC))
    path: Path = place.own / KIND
    narrowed = [word for word, given in (("--quick", plan.quick), ("--only", asked.only)) if given]
    record.write(path, [replace(header, narrowed_by=tuple(narrowed)), *outcomes])
    with suppress(FileNotFoundError):  # the times of the papers' trainings have a command of their own
        shutil.copyfile(asked.out / TIMES, place.own / TIMES)
    papers_figures.draw(lines.read(path), place.own / "figures")
    told = gathered(path)
    finish(path, told)
    path = place.out / KIND if show(place, KIND, told) else path
    gates = [entry for entry in outcomes if isinstance(entry, PaperClaim)]
    failed = [gate for gate in gates if gate.verdict != "pass"]
    for gate in failed:
        print(f"papers: {gate.paper}: {gate.claim}: found {gate.found}", file=sys.stderr)
    print(f"{len(gates) - len(failed)} of {len(gates)} claims held; report in {path.with_suffix('.md')}")
    return 1 if failed or not gates else 0


COMMAND = Command("--quick --only 000", run, arguments)
