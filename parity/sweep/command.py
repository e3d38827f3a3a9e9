"""The sweep as a command: as many configurations as were asked for, or as there is time for, and a page of them."""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path

from parity.catalogue import pages
from parity.catalogue.added import files
from parity.diagnosis import explain
from parity.progress import progress
from parity.run.asked.words import chosen_of, devices_for
from parity.run.first_try import in_dtype
from parity.run.planning import IN, add_pages
from parity.run.session import run_record
from parity.run.suite import pages_option
from parity.run.tested import said as said_of
from parity.run.tested import subject_of
from parity.settle import settle
from parity.subjects import is_file
from parity.subjects.contract import Subject
from parity.subjects.inventory import inventory
from parity.subjects.process import Limits
from parity.sweep.chunk import RIGHT, Errand, asked, code_here, of_scope, scoped, trial_of
from parity.sweep.scheduling import Ticks, by_dask, locally
from parity.verdict.cell import DTYPES
from reports.command import FAILED, Command, folder, whole
from reports.lines import read
from reports.record import Run, line, write
from reports.running import RunningFile, finish
from reports.runs import RunFolder, claimed, show
from reports.runs.folder import RUNS, named
from reports.sweep import figure
from reports.sweep.kept import Kept, earlier
from reports.sweep.page import sentences
from reports.sweep.reading import Sweep
from reports.sweep.record import COUNTED, SweepChunk, SweepScope

NAME = "sweep.jsonl"
CASES = 10_000
CHUNK = 500  # configurations: ten seconds of a process
FIRST_MODULES = 5  # that are tried in a dtype before the subject counts as without it
FIRST_CASES = 8  # of a module that are tried before it counts as not offered
WRONG = COUNTED.index("wrong")
SCRIPTS = 20  # causes of which the smallest case is looked for


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--cases", type=whole(1), default=CASES, help=f"configurations (default {CASES})")
    add("--minutes", type=float, help="stop after so many minutes, and leave what is in work to --resume")
    add("--subject", default="framework", help="library under test: a known name or a Python file")
    add("--module", action="append", help="draw from these modules only, e.g. Conv2d,Linear (default all it offers)")
    add("--device", default="cpu", help="cpu (default), cuda, or auto: cuda where there is a device")
    add("--seed", type=whole(0), default=0, help="seed of all that is drawn (default 0)")
    add("-n", "--jobs", type=processes, default="auto", help="processes of this machine (default auto: one a core)")
    add("--shard", type=shard, default=(1, 1), metavar="I/N", help="do the I-th of N equal parts, to be merged later")
    add("--resume", action="store_true", help="go on with the last sweep of the same words, of more --cases or fewer")
    add("--scheduler", metavar="ADDRESS", help="let the workers of a dask scheduler do it, e.g. tcp://host:8786")
    add("--only", type=whole(0), metavar="NUMBER", help="ask one configuration, and say what came of it")
    add("--cell-seconds", type=float, default=60.0, help="time limit a configuration of an isolated subject (60)")
    add("--cell-memory", type=float, default=4.0, help="memory limit of its process, GiB (default 4)")
    pages_option(add)
    folder(add, "records and page")


def processes(word: str) -> int:
    """Return how many processes a word asks for."""
    return os.cpu_count() or 1 if word == "auto" else whole(1)(word)


def shard(word: str) -> tuple[int, int]:
    """Return which part of how many a word names."""
    one, slash, of = word.partition("/")
    if not slash or not one.isdecimal() or not of.isdecimal() or not 1 <= int(one) <= int(of):
        raise argparse.ArgumentTypeError(f"must be such as 3/8, was {word!r}")
    return int(one), int(of)


def offers(subject: Subject, module: str, dtypes: Sequence[str]) -> bool:
    """Return whether a subject has one of the first cases of a module in one of these dtypes."""
    page = pages()[module]
    tried = (replace(page, cases=(case,)) for case in page.cases[:FIRST_CASES])
    return any(not in_dtype(subject, one, dtype).lacks for one in tried for dtype in dtypes)


def scope_of(given: argparse.Namespace, subject: Subject) -> tuple[SweepScope, list[str]]:
    """Return what a sweep draws from, and a sentence on what it does not."""
    chosen = chosen_of(given.module, pages())
    modules = [name for name in chosen if offers(subject, name, IN)]
    if not modules:
        raise ValueError(f"{subject.name} offers none of {', '.join(chosen)}")
    dtypes = [dtype for dtype in DTYPES if any(offers(subject, name, [dtype]) for name in modules[:FIRST_MODULES])]
    lacking = [name for name in (*chosen, *DTYPES) if name not in (*modules, *dtypes)]
    sentence = [f"{', '.join(lacking)}: {subject.name} does not offer them"] if lacking else []
    one, of = given.shard
    scope = SweepScope(
        cases=given.cases,
        chunk=CHUNK,
        seed=given.seed,
        modules=tuple(modules),
        every=not given.module,
        dtypes=tuple(dtypes),
        code=digest([*([Path(given.subject)] if is_file(given.subject) else []), *files()]),
        device=devices_for(given.device)[0][-1],
        shard=one,
        shards=of,
    )
    return scoped(scope), sentence


def digest(paths: Sequence[Path]) -> str:
    """Return a number that another content of these files would have otherwise; empty for none."""
    return sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16] if paths else ""


class Sweeping:
    """A sweep that goes on: its file, which chunks are done, and what ended otherwise than with a record."""

    def __init__(self, place: RunFolder, header: Run, scope: SweepScope) -> None:
        self.place, self.header, self.scope = place, header, scope
        self.running = RunningFile(place, NAME, [replace(header, complete=False)], Sweep.of)
        self.running.write([line(scope)])
        self.seen, self.faults, self.counts = set[int](), list[str](), Counter[str]()
        self.began = time.monotonic()

    def go_on(self, before: Kept) -> None:
        """Take over what an earlier sweep had done."""
        for chunk in before.chunks():
            self.running.add([line(chunk)])
            self.seen.add(chunk["number"])

    @property
    def took(self) -> bool:
        """Whether this sweep itself has done anything yet."""
        return bool(self.counts or self.faults)

    def left(self) -> list[int]:
        """Return the chunks that are not done."""
        return [number for number in self.scope.numbers() if number not in self.seen]

    def take(self, number: int, found: SweepChunk | Exception) -> str:
        """Keep a chunk at once, and return how far the sweep is; one that ended in an error is a fault of the sweep."""
        if isinstance(found, SweepChunk):
            self.running.add([line(found)])
            self.seen.add(number)
            self.counts.update(cells=found.cells, wrong=sum(counts[WRONG] for counts in found.counts.values()))
        else:
            self.faults.append(f"chunk {number} ended in {type(found).__name__}: {found}")
        rate = self.counts["cells"] / max(1e-9, time.monotonic() - self.began)
        return f"{rate:.0f} a second, {self.counts['wrong']:,} wrong"

    def finished(self, complete: bool, not_run: Sequence[str], cut: str = "") -> tuple[Sweep, Path]:
        """Write records, in their order, and the page; return what they say, and where they are shown."""
        path, place = self.place.own / NAME, self.place
        narrowed = (*self.header.narrowed_by, *(["--minutes"] if cut else []))
        header = replace(
            self.header, complete=complete, faults=tuple(self.faults), not_run=tuple(not_run), narrowed_by=narrowed
        )
        write(path, chain((header, replace(self.scope, cut=cut)), Kept(path).chunks()))
        said = Sweep.of(read(path))
        figure.draw(said, path.parent)
        finish(path, said)
        self.running.close()
        return said, (place.out if show(place, NAME, said) else place.own) / NAME


def swept(sweeping: Sweeping, done: Ticks, total: int, minutes: float | None) -> bool:
    """Take chunks as they come, one at least, until all are done or the time is over; return whether it was not."""
    with closing(done), progress(total) as advance:
        for found in done:
            if found is not None:
                advance(sweeping.take(*found))
            if minutes is not None and sweeping.took and time.monotonic() - sweeping.began >= 60 * minutes:
                return not sweeping.left()
    return True


def run(given: argparse.Namespace) -> int:
    """Sweep; return 0 where no configuration is wrong and every chunk was done, else 1."""
    started = datetime.now(UTC)
    if given.minutes is not None and not given.minutes > 0:
        raise ValueError(f"--minutes must be above 0, was {given.minutes:g}")
    add_pages(given.pages)
    if given.only is not None:
        alone(given)
    settle()
    limits = Limits(given.cell_seconds, given.cell_memory)
    subject = subject_of(given.subject, False, limits)
    scope, not_run = scope_of(given, subject)
    if given.only is not None:
        return one(given, scope, subject)
    source = given.subject if is_file(given.subject) else ""
    narrower = {"--module": given.module, "--shard": scope.shards > 1, "--cases": scope.cases < CASES}
    packages = (said_of(subject, inventory) or {}).get("packages", ()) if source else ()
    header = run_record(subject.name, scope.seed, not_run, True, started, source, packages)
    header = replace(header, narrowed_by=tuple(word for word, narrows in narrower.items() if narrows))
    before = earlier(given.out / RUNS / named(subject.name), scope, header) if given.resume else None
    sweeping = Sweeping(claimed(given.out, subject.name, started), header, scope)
    if before:
        sweeping.go_on(before)
    left = sweeping.left()
    errand = Errand(given.subject, limits, scope, tuple(map(str, files())), code_here())
    print(f"{scope.cases:,} configurations of {len(scope.modules)} modules, {len(left)} chunks to do", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a request to stop is an interruption
    interrupted, cut = False, ""
    try:
        done = by_dask(errand, left, given.scheduler) if given.scheduler else locally(errand, left, given.jobs)
        if not swept(sweeping, done, len(left), given.minutes):
            cut = f"{given.minutes:g} minutes were over"
            not_run.append(f"{len(sweeping.left())} chunks, because {cut}; --resume goes on")
    except KeyboardInterrupt:
        interrupted = True
        not_run.append(f"{len(sweeping.left())} chunks, because the sweep was interrupted; --resume goes on")
    said, path = sweeping.finished(not interrupted, not_run, cut)
    if source and said.causes:
        scripts(said, scope, subject, given.subject, sweeping.place.own)
    for sentence in sentences(said):
        print(sentence.replace("**", ""))
    print(f"{len(said.costs)} chunks in {path}, page in {path.with_suffix('.md')}")
    if interrupted:
        raise KeyboardInterrupt("what is finished is kept; --resume goes on")
    for fault in sweeping.faults:
        print(f"sweep: {fault}", file=sys.stderr)
    return FAILED if said.total("wrong") or sweeping.faults or not said.total("quantities") else 0


def alone(given: argparse.Namespace) -> None:
    """Raise ValueError for a word that means nothing to a single configuration."""
    of_many = {
        "--minutes": given.minutes is not None,
        "--shard": given.shard != (1, 1),
        "--resume": given.resume,
        "--scheduler": given.scheduler is not None,
    }
    for word in (word for word, is_given in of_many.items() if is_given):
        raise ValueError(f"--only asks one configuration, and {word} is of many")


def scripts(said: Sweep, scope: SweepScope, subject: Subject, word: str, out: Path) -> None:
    """Write the smallest case of each cause, where there is one."""
    from parity.diagnosis.minimal import shown  # hypothesis, half a second, for failures alone

    for cause in list(said.causes.values())[:SCRIPTS]:
        drawn = of_scope(cause.examples[0]["configuration"], scope)
        trial = trial_of(drawn, subject)
        wrong = [one.record for one in asked(trial) if one.record.verdict not in RIGHT]
        for words in shown(trial, wrong, word, out / "minimal"):
            print(f"{cause.module} {cause.quantity}: {words}", flush=True)


def one(given: argparse.Namespace, scope: SweepScope, subject: Subject) -> int:
    """Ask one configuration and say what came of it; return 1 where it is wrong."""
    drawn = of_scope(given.only, scope)
    trial = trial_of(drawn, subject)
    records = explain(trial, asked(trial))
    case, layouts = drawn.cell.case, " and ".join(filter(None, drawn.layouts)) or "contiguous"
    print(f"{drawn.cell}: x {case.x}, options {dict(case.options)}, seed {drawn.cell.seed}, {layouts}")
    for record in records:
        words = "; ".join(filter(None, (record.detail, record.diagnosis)))
        print(f"  {record.quantity}: {record.verdict}{f', {words}' if words else ''}")
    return FAILED if any(record.verdict not in RIGHT for record in records) else 0


COMMAND = Command("--cases 100000 --module Conv2d", run, arguments)
