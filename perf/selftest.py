"""How far timings on this machine may be trusted: torch against itself, as it is and with known extra work.

Every comparison is a row's whole measurement. Equal sides: a verdict of slower or faster beyond the 5 % gate, or an
interval without 1, is an error of the method. Extra work: one side runs a work 20 times and the other 21 times, or 10
and 11, so the true ratio is 1.05 or 1.10 by construction. With --load a second process keeps a core busy meanwhile.
Written to perf_selftest.json, whose grade is at the top of every page."""

import argparse
import json
import multiprocessing
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import torch
from rich.progress import track

from parity.run.workers import deaf
from parity.settle import keep_freed_memory, settle
from parity.verdict import limits
from perf.bench.contest import contest
from perf.bench.rows import Row
from perf.method.duel import duel
from perf.method.work import Side, Work
from perf.statistics import trust
from perf.statistics.interval import Interval
from perf.statistics.looks import Stopping
from reports.command import FAILED, Command, folder, whole

# Short and long, bound by dispatch, memory and arithmetic, with and without parameters.
ROWS = (
    Row("ReLU", "papers", "forward"),
    Row("Sigmoid", "papers", "forward+backward"),
    Row("Linear", "papers", "forward"),
    Row("Linear", "papers", "forward+backward"),
    Row("Conv2d", "papers", "forward"),
    Row("MSELoss", "papers", "forward+backward"),
    Row("training step", "dense-mse", "step"),
)
TIMES = {1.0: (1, 1), 1.05: (20, 21), 1.10: (10, 11)}  # truth: runs of the reference's and of the other side's work
MOST_REPEATS = 10  # comparisons with extra work, for each row and truth


def repeated(side: Side, times: int) -> Side:
    """Return a side whose every run is `times` runs."""

    def make() -> Work:
        work = side.make()
        if times == 1:
            return work
        run, repeat = work.run, range(times)

        def runs() -> None:
            for _ in repeat:
                run()

        return replace(work, run=runs)

    return Side(side.name, make)


def busy(stop: Any) -> None:
    """Keep a core busy until `stop` is set, with work that takes memory bandwidth too."""
    settle()
    a = torch.randn(700, 700)
    while not stop.is_set():
        a = torch.tanh(a @ a)


@contextmanager
def neighbour(wanted: bool) -> Iterator[None]:
    """Run a busy second process meanwhile, if wanted."""
    if not wanted:
        yield
        return
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=busy, args=(stop,), daemon=True)
    with deaf():
        process.start()
    try:
        yield
    finally:
        stop.set()
        process.join()


def plan(comparisons: int, chance: random.Random) -> list[tuple[Row, float]]:
    """Return what is compared, in random order: equals `comparisons` times, known extra work some times."""
    rounds = -(-comparisons // len(ROWS))
    equals = [(row, 1.0) for _ in range(rounds) for row in ROWS][:comparisons]
    extra = [(row, truth) for truth in (1.05, 1.10) for _ in range(min(MOST_REPEATS, rounds)) for row in ROWS]
    return chance.sample([*equals, *extra], len(equals) + len(extra))


def compared(row: Row, truth: float, seconds: float) -> Interval:
    """Return the interval of torch with `truth` times the work against torch."""
    side = contest(row).reference_side()
    fewer, more = TIMES[truth]
    return duel(repeated(side, more), repeated(side, fewer), Stopping(seconds=seconds)).interval


def figures(intervals: dict[float, list[Interval]]) -> tuple[dict[str, str], bool, str]:
    """Return the results in words, whether the method may be trusted, and the grade."""
    equals = intervals[1.0]
    alarms, coverage = trust.alarms(equals, limits.TIME_MARGIN), trust.coverage(equals, 1.0)
    passes = bool(equals) and alarms.value <= limits.MOST_TIME_ALARMS and coverage.value >= limits.LEAST_COVERAGE
    words = {
        f"false alarms at a {limits.TIME_MARGIN - 1:.0%} gate": str(alarms),
        "intervals of equals that hold 1 (nominal 95 %)": str(coverage),
        "half-width that 90 % do not exceed": f"{trust.width_at(equals):.2%}",
        "smallest true ratio provable at that gate": f"{trust.smallest_provable(equals, limits.TIME_MARGIN):.3f}",
    }
    for truth, above in ((1.05, 1.0), (1.10, limits.TIME_MARGIN)):
        if intervals.get(truth):
            words[f"true {truth:.2f} proven above {above:.2f}"] = str(trust.proven(intervals[truth], above))
            words[f"intervals of true {truth:.2f} that hold it"] = str(trust.coverage(intervals[truth], truth))
    return words, passes, trust.grade(equals, passes)


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--comparisons", type=whole(1), default=420, help="of torch with itself (default 420)")
    add("--seconds", type=float, default=1.5, help="that one comparison may take (default 1.5)")
    add("--load", action="store_true", help="keep a core busy with a second process")
    folder(add, "perf_selftest.json")


def run(asked: argparse.Namespace) -> int:
    """Return 0 where the method may be trusted here, 1 where it errs too often; write what was compared either way."""
    if asked.seconds <= 0:
        raise ValueError(f"--seconds must be above 0, was {asked.seconds:g}")
    settle()
    keep_freed_memory()
    intervals: dict[float, list[Interval]] = {truth: [] for truth in TIMES}
    started, before, complete = perf_counter(), os.getloadavg(), False
    with suppress(KeyboardInterrupt):
        with neighbour(asked.load):
            for row, truth in track(plan(asked.comparisons, random.Random()), "comparing", transient=True):
                intervals[truth].append(compared(row, truth, asked.seconds))
        complete = True
    words, passes, grade = figures(intervals)
    words["load average before, after; neighbour"] = f"{before[0]:.1f}, {os.getloadavg()[0]:.1f}; {asked.load}"
    words["seconds"] = f"{perf_counter() - started:.0f}"
    print("\n".join(f"{name}: {value}" for name, value in words.items()))
    errors = "errors are as rare as they should be" if passes else "errors are MORE frequent than they should be"
    print(f"noise grade {grade} (A narrow to D wide intervals): {errors}")
    document = {
        "grade": grade,
        "passes": passes,
        "complete": complete,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "results": words,
        "half_widths": [one.half_width for one in intervals[1.0]],
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "perf_selftest.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if not complete:
        raise KeyboardInterrupt("what was compared is written")
    return 0 if passes else FAILED


COMMAND = Command("--comparisons 70 --load", run, arguments)
