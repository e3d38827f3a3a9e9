"""Put the harness itself to the test: python -m parity.trust [--full] [--seed N] [--out FOLDER] [--jobs N].

Exit status 0 where the verdict can be trusted, 1 where it cannot, 2 for a wrong option, 130 after an interruption.
"""

import argparse
import os
import shlex
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parity.catalogue import operators, pages
from parity.run.session import run_record
from parity.settle import settle
from parity.trust.false_alarms import rates
from parity.trust.mutants import catalogue
from parity.trust.mutants.survivors import SURVIVORS
from parity.trust.planted import HOST
from parity.trust.pool import Crew
from parity.trust.work import Part, parts
from reports.record import read, write
from reports.trust import page as trust_page
from reports.trust.gate import complaints
from reports.trust.record import FalseAlarm, MutantRecord, TrustScope

UNTRUSTED, INTERRUPTED = 1, 130


def whole(least: int) -> Any:
    """Return the reader of a whole number of at least `least`."""

    def reader(word: str) -> int:
        if not word.isdecimal() or int(word) < least:
            raise argparse.ArgumentTypeError(f"must be a whole number of at least {least}, was {word!r}")
        return int(word)

    return reader


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; end with status 2 and one line for one that names nothing."""
    parser = argparse.ArgumentParser(prog="python -m parity.trust", description="Put the harness itself to the test.")
    parser.add_argument("--full", action="store_true", help="plant every mutant and draw every seed, not a sample")
    parser.add_argument("--seed", type=whole(0), default=0, help="seed of every draw (default 0)")
    parser.add_argument("--out", type=Path, default=Path("reports/out"), help="folder of records and page")
    parser.add_argument("--jobs", type=whole(1), default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--only", default="", help="do only the parts whose name begins so, e.g. 'mutants Conv2d'")
    parser.set_defaults(started=datetime.now(UTC))
    return parser.parse_args(arguments)


def scope(asked: argparse.Namespace, records: Sequence[Any]) -> TrustScope:
    """Return how much of the catalogue was planted."""
    return TrustScope(
        full=asked.full,
        seed=asked.seed,
        catalogued=len(catalogue()),
        planted=len({found.id for found in records if isinstance(found, MutantRecord)}),
        of_module=dict(Counter(mutant.module for mutant in catalogue().values())),
        explained=() if asked.seed else tuple(SURVIVORS),
    )


def finished(
    path: Path, asked: argparse.Namespace, records: Sequence[Any], not_run: Sequence[str], ended: bool
) -> list[str]:
    """Write records and page; return what keeps the verdict from being trusted."""
    command = shlex.join(["python", "-m", "parity.trust", *sys.argv[1:]])
    header = replace(run_record(HOST, asked.seed, not_run, ended, asked.started), command=command)
    pooled = list(rates([found for found in records if isinstance(found, FalseAlarm)]))
    ordered = sorted(records, key=lambda found: tuple(map(str, asdict(found).values())))
    write(path, [header, scope(asked, records), *pooled, *sorted(ordered, key=lambda found: str(found.kind))])
    written = list(read(path))
    path.with_suffix(".md").write_text(trust_page.render(written), encoding="utf-8", newline="\n")
    return complaints(written)


def chosen(asked: argparse.Namespace) -> tuple[list[Part], list[str]]:
    """Return the parts to be done and, in one sentence, those left out."""
    every = parts(pages(), asked.full, asked.seed, operators())
    kept = [part for part in every if str(part).startswith(asked.only)]
    left = len(every) - len(kept)
    return kept, [f"{left} of {len(every)} parts, because only those of {asked.only!r} were asked for"] if left else []


def main(arguments: Sequence[str] | None = None) -> int:
    """Do every part, write what came out of it even after Ctrl-C, and return the exit status."""
    asked = options(arguments)
    work, not_run = chosen(asked)
    if not work:
        print(f"trust: --only must begin a part's name, was {asked.only!r}", file=sys.stderr)
        return 2
    settle()
    print(f"{len(work)} parts in {asked.jobs} processes", flush=True)
    path = asked.out / "trust.jsonl"
    crew = Crew(asked.jobs, path.with_suffix(".jsonl.running"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to be told to stop is to be interrupted
    try:
        crew.run(work)
    except OSError as error:
        print(f"trust: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    if crew.missed:
        not_run.append(f"{len(crew.missed)} parts, because the run was interrupted")
    wrong = finished(path, asked, crew.records, not_run, not crew.missed) + crew.failures
    crew.running.unlink(missing_ok=True)
    for sentence in wrong:
        print(f"trust: {sentence}", file=sys.stderr)
    print(f"{len(crew.records)} records in {path}, page in {path.with_suffix('.md')}")
    return INTERRUPTED if crew.missed else UNTRUSTED if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
