"""This checkout's framework against another commit's, both in one run.

The rows are those of the quick set, head / base; base is checked out into a temporary folder, which goes away again.
Rows that stay unclear are counted in the last line; they fail nothing."""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

from parity.settle import keep_freed_memory, settle
from parity.subjects import load
from parity.subjects.contract import Subject, Unsupported
from parity.verdict import limits
from perf.bench.contest import contest
from perf.bench.rows import Row, named, quick, rows
from perf.checkouts import subject_at, worktree
from perf.method.duel import duel
from perf.statistics.gate import ERROR, SLOWER, UNCLEAR, UNSUPPORTED, VOID, checked, verdict
from perf.statistics.interval import Interval
from perf.statistics.looks import Stopping
from reports.command import Command

SECONDS, PATIENT_SECONDS = 1.5, 6.0


@dataclass(frozen=True)
class Compared:
    """A row with the ratio head / base."""

    row: Row
    verdict: str
    ratio: Interval | None = None
    detail: str = ""

    def __str__(self) -> str:
        at = "" if self.ratio is None else f"{self.ratio.ratio:.3f} [{self.ratio.low:.3f}, {self.ratio.high:.3f}]"
        return f"{self.row!s:52} {at:24} {self.verdict} {self.detail}".rstrip()


def compared(row: Row, head: Subject, base: Subject, gate: float, seconds: float) -> Compared:
    """Time a row of both checkouts against each other, where both agree with torch."""
    made = contest(row)
    try:
        wrong = [f"{name}: {made.parity(one).detail}" for name, one in (("head", head), ("base", base))]
        faults = [words for words in wrong if not words.endswith(": ")]
        if faults:
            return Compared(row, VOID, detail="; ".join(faults))
        sides = made.subject_side(head), made.subject_side(base)
        at = duel(*sides, Stopping(seconds=seconds)).interval
    except Unsupported as reason:
        return Compared(row, UNSUPPORTED, detail=str(reason))
    except Exception as error:  # whatever either checkout may raise
        return Compared(row, ERROR, detail=f"{type(error).__name__}: {error}")
    return Compared(row, verdict(at, gate), at)


def judged(row: Row, head: Subject, place: Path, base: Subject, gate: float) -> Compared:
    """Compare a row; once more and longer if unclear, and in a fresh process if slower."""
    result = compared(row, head, base, gate, SECONDS)
    if result.verdict == UNCLEAR:
        result = compared(row, head, base, gate, PATIENT_SECONDS)
    if result.verdict == SLOWER:
        command = [sys.executable, "-m", "parity", "bench-compare"]
        options = ["--at", str(place), "--row", str(row), "--gate", str(gate)]
        agreed = subprocess.run([*command, *options], check=False, stdout=subprocess.DEVNULL).returncode == 1
        words = "in a fresh process too" if agreed else "but not in a fresh process"
        result = Compared(row, SLOWER if agreed else UNCLEAR, result.ratio, words)
    return result


def summary(results: Sequence[Compared], asked: int) -> str:
    counts = Counter(one.verdict for one in results)
    return f"{len(results)} of {asked} rows, head / base: " + ", ".join(f"{n} {name}" for name, n in counts.items())


def all_rows(head: Subject, place: Path, gate: float) -> list[Compared]:
    """Compare every row of the quick set; what was finished survives an interruption."""
    base, chosen, results = subject_at(place, "base"), quick(rows(["cpu"])), []
    try:
        for row in track(chosen, "comparing", transient=True):
            results.append(judged(row, head, place, base, gate))
            print(results[-1], flush=True)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(summary(results, len(chosen))) from None
    print(summary(results, len(chosen)))
    return results


def one_row(name: str, head: Subject, place: Path, gate: float) -> list[Compared]:
    """Compare one row, patiently: what a fresh process is asked to confirm."""
    return [compared(named(name, ["cpu"]), head, subject_at(place, "base"), gate, PATIENT_SECONDS)]


def arguments(parser: argparse.ArgumentParser) -> None:
    margin = limits.TIME_MARGIN
    parser.add_argument("base", nargs="?", help="a commit, branch or tag")
    parser.add_argument("--gate", type=float, default=margin, help=f"largest ratio allowed (default {margin})")
    parser.add_argument("--at", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--row", help=argparse.SUPPRESS)


def run(asked: argparse.Namespace) -> int:
    """Return 0 where no row is proven slower than the gate; 1 where one is, in a fresh process too, or is wrong."""
    checked(asked.gate)
    if asked.base is None and asked.at is None:
        raise ValueError("BASE must name a commit, e.g. BASE=main")
    settle()
    keep_freed_memory()
    head = load("framework")
    if asked.at is not None and asked.row is not None:
        results = one_row(asked.row, head, asked.at, asked.gate)
    else:
        with worktree(asked.base) as place:
            results = all_rows(head, place, asked.gate)
    return int(any(one.verdict in (SLOWER, VOID, ERROR) for one in results) or not results)


COMMAND = Command("main --gate 1.05", run, arguments)
