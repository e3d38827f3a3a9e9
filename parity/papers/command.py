"""Run the papers' experiments on both sides: python -m parity.papers [--quick] [--only 000] [--out DIR]."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from reports import record
from reports.papers import figures as papers_figures
from reports.papers import page as papers_page
from reports.papers.record import PaperClaim

PAPERS: dict[str, ModuleType] = {
    "000": paper_000, "001": paper_001, "002": paper_002, "003": paper_003, "004": denoising,
}  # fmt: skip


def asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; a word that names nothing ends the program with one line and status 2."""
    parser = argparse.ArgumentParser(prog="python -m parity.papers", description=__doc__.split(":")[0])
    parser.add_argument("--quick", action="store_true", help="a small version, under a minute")
    parser.add_argument("--only", default="", metavar="PAPER", help=f"one of {', '.join(PAPERS)}")
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--out", type=Path, default=Path("reports/out"), help="folder of records, page and figures")
    parser.add_argument("--workers", type=int, default=0, help="processes (default: one a core)")
    given = parser.parse_args(arguments)
    try:
        if given.only:
            session.one_of("--only", given.only, PAPERS)
        if given.device != "cpu":
            session.devices_for(session.one_of("--device", given.device, ("cpu", "cuda")))
        if given.workers < 0:
            raise ValueError(f"--workers must be at least 0, was {given.workers}")
    except ValueError as error:
        parser.exit(2, f"python -m parity.papers: {error}\n")
    return given


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where every claim held, 1 where one did not, 2 for bad options, 130 after Ctrl-C."""
    given = asked(arguments)
    settle()
    plan = Plan(given.quick, given.device)
    jobs = {name: paper.jobs(plan) for name, paper in PAPERS.items() if given.only in ("", name)}
    try:
        store = Store(given.out / "papers")
        progressed([job for found in jobs.values() for job in found], store, given.workers or os.cpu_count() or 1)
        found = list(measurements(plan, given.only, store, jobs))
    except KeyboardInterrupt:
        print("papers: interrupted; what is finished is kept, and the next call goes on from there", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"papers: {error}", file=sys.stderr)
        return 2
    return published(found, given, plan)


def published(found: list[Any], given: argparse.Namespace, plan: Plan) -> int:
    """Write records, page and figures; say what failed."""
    not_run = ["the full experiments: this is the quick version, without the claims on the papers' figures"]
    header = session.run_record("framework", 0, not_run if plan.quick else [], not given.only)
    header = replace(header, command=" ".join(["python -m parity.papers", *sys.argv[1:]]))
    path: Path = given.out / "papers.jsonl"
    record.write(path, [header, *found])
    papers_figures.draw(record.read(path), given.out / "figures")
    papers_page.write(given.out)
    gates = [entry for entry in found if isinstance(entry, PaperClaim)]
    failed = [gate for gate in gates if gate.verdict != "pass"]
    for gate in failed:
        print(f"papers: {gate.paper}: {gate.claim}: found {gate.found}", file=sys.stderr)
    print(f"{len(gates) - len(failed)} of {len(gates)} claims held; report in {path.with_suffix('.md')}")
    return 1 if failed or not gates else 0


if __name__ == "__main__":
    sys.exit(main())
