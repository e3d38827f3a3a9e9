"""The test of the suite itself, as a command; its exit status says whether the verdict can be trusted."""

import argparse
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parity.catalogue import operators, pages
from parity.catalogue.optimisers import optimisers
from parity.run.planning import add_pages
from parity.run.session import run_record
from parity.run.suite import pages_option
from parity.settle import settle
from parity.trust.false_alarms import rates
from parity.trust.mutants import catalogue, specific_of_module
from parity.trust.mutants.survivors import SURVIVORS
from parity.trust.optimisers.mutants import StepMutant, step_mutants
from parity.trust.planted import HOST, Mutant
from parity.trust.pool import ProcessPool
from parity.trust.work import Part, parts
from parity.verdict import limits
from reports.command import FAILED, Command, folder, whole
from reports.lines import read
from reports.record import Run, write
from reports.running import RunningFile, finish
from reports.runs import RunFolder, claimed, show
from reports.trust.gate import complaints_of
from reports.trust.reading import Trust
from reports.trust.record import FalseAlarm, MutantRecord, TrustDemands, TrustScope

NAME = "trust.jsonl"
DEMANDS = TrustDemands(
    least_killed=limits.LEAST_KILLED,
    most_alarms=limits.MOST_ALARMS,
    most_alarms_bound=limits.MOST_ALARMS_BOUND,
    least_runs=limits.LEAST_RUNS,
    least_mutants=limits.LEAST_MUTANTS,
    least_of_module=limits.LEAST_OF_MODULE,
)


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--full", action="store_true", help="plant every mutant and draw every seed, not a sample")
    add("--seed", type=whole(0), default=0, help="seed of every draw (default 0)")
    add("--jobs", type=whole(1), default=os.cpu_count() or 1, help="processes (default: one a core)")
    add("--only", default="", help="do only the parts whose name begins with this, e.g. 'mutants Conv2d'")
    pages_option(add)
    folder(add, "records and page")


def scope(asked: argparse.Namespace, records: Sequence[Any]) -> TrustScope:
    """Return how much of the catalogue was planted, the mutants of optimisers with those of modules."""
    every: list[Mutant | StepMutant] = [*catalogue().values(), *step_mutants().values()]
    own = Counter(mutant.module for mutant in step_mutants().values() if mutant.own)
    return TrustScope(
        full=asked.full,
        seed=asked.seed,
        catalogued=len(every),
        planted=len({record.id for record in records if isinstance(record, MutantRecord)}),
        of_module=dict(Counter(mutant.module for mutant in every)),
        explained=() if asked.seed else tuple(SURVIVORS),
        specific_of_module=specific_of_module() | own,
    )


def finished(
    asked: argparse.Namespace, records: Sequence[Any], header: Run, place: RunFolder
) -> tuple[list[str], Path]:
    """Write records and page; return what keeps the verdict from being trusted, and the folder where they are shown."""
    path = place.own / NAME
    pooled = list(rates([record for record in records if isinstance(record, FalseAlarm)]))
    ordered = sorted(records, key=lambda record: tuple(map(str, asdict(record).values())))
    write(
        path, [header, DEMANDS, scope(asked, records), *pooled, *sorted(ordered, key=lambda record: str(record.kind))]
    )
    written = Trust.of(list(read(path)))
    finish(path, written)
    return complaints_of(written), place.out if show(place, NAME, written) else place.own


def chosen(asked: argparse.Namespace) -> tuple[list[Part], list[str]]:
    """Return the parts to be done and, in one sentence, those left out."""
    every = parts(pages(), asked.full, asked.seed, operators(), optimisers())
    kept = [part for part in every if str(part).startswith(asked.only)]
    left = len(every) - len(kept)
    return kept, [f"{left} of {len(every)} parts, because only those of {asked.only!r} were asked for"] if left else []


def run(asked: argparse.Namespace) -> int:
    """Do every part, write what came out of it even after Ctrl-C; return 0 where the verdict can be trusted, else 1."""
    started = datetime.now(UTC)
    add_pages(asked.pages)
    work, not_run = chosen(asked)
    if not work:
        raise ValueError(f"--only must begin a part's name, was {asked.only!r}")
    settle()
    print(f"{len(work)} parts in {asked.jobs} processes", flush=True)
    place = claimed(asked.out, "trust", started)
    running = RunningFile(place, NAME, [run_record(HOST, asked.seed, not_run, False, started)], Trust.of)
    pool = ProcessPool(asked.jobs, running)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a request to stop is an interruption
    with suppress(KeyboardInterrupt):
        pool.run(work)
    if pool.missed:
        not_run.append(f"{len(pool.missed)} parts, because the run was interrupted")
    narrowed = (*(["--only"] if asked.only else []), *([] if asked.full else ["a sample, without --full"]))
    header = replace(run_record(HOST, asked.seed, not_run, not pool.missed, started), narrowed_by=narrowed)
    wrong, shown = finished(asked, pool.records, header, place)
    wrong, path = wrong + pool.failures, shown / NAME
    running.close()
    written = f"{len(pool.records)} records in {path}, page in {path.with_suffix('.md')}"
    if pool.missed:
        raise KeyboardInterrupt(written)
    for sentence in wrong:
        print(f"trust: {sentence}", file=sys.stderr)
    print(written)
    return FAILED if wrong else 0


COMMAND = Command("--full --jobs 8", run, arguments)
