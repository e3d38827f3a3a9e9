"""The judgement on the diagnosis as a command: one line a cause, and how often the right explanation comes first."""

import argparse
import time
from collections import Counter
from collections.abc import Sequence

from scipy.stats import binomtest
from tabulate import tabulate

from parity.settle import settle
from parity.trust.explained.judge import NOT_KILLED, OUTCOMES, Judged, judged, sample
from parity.verdict import limits
from reports.command import Command, whole


def table(found: Sequence[Judged]) -> str:
    """Return how often the right explanation came first, cause by cause."""
    causes = sorted({one.cause for one in found})
    counted = {cause: Counter(one.outcome for one in found if one.cause == cause) for cause in causes}
    rows = [[cause, *(counted[cause][outcome] for outcome in (*OUTCOMES, NOT_KILLED))] for cause in causes]
    whole = Counter(one.outcome for one in found)
    rows.append(["all", *(whole[outcome] for outcome in (*OUTCOMES, NOT_KILLED))])
    return tabulate(rows, ["cause", *OUTCOMES, NOT_KILLED], tablefmt="github")


def share(found: Sequence[Judged]) -> tuple[int, int]:
    """Return for how many of those that failed somewhere the right explanation came first, and of how many."""
    killed = [one for one in found if one.outcome != NOT_KILLED]
    return sum(one.outcome == OUTCOMES[0] for one in killed), len(killed)


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--sample", type=whole(0), default=0, help="judge about so many mutants (default 0: all)")
    add("--seed", type=whole(0), default=0, help="seed of the draws, and where a sample begins (default 0)")
    add("--only", default="", help="judge only mutants whose cause is this")
    add("--shown", default="", help="also print every mutant with this outcome, e.g. 'wrong first'")


def run(asked: argparse.Namespace) -> int:
    """Print the table and the share with its 95 % interval; return 0 where the share is what is asked for, else 1."""
    settle()
    started = time.monotonic()
    chosen = [mutant for mutant in sample(asked.sample, asked.seed) if asked.only in ("", mutant.cause)]
    every = [judged(mutant, asked.seed) for mutant in chosen]
    right, killed = share(every)
    if not killed:
        raise ValueError("no mutant of this choice failed anywhere")
    print(table(every))
    for one in every:
        if asked.shown and (asked.shown == "all" or one.outcome == asked.shown):
            print(f"{one.outcome}: {one.id} ({one.cause}) in {one.where}: {one.said[:300]}")
    ends = binomtest(right, killed).proportion_ci(0.95, "wilson")
    print(
        f"right explanation first: {right} of {killed} ({right / killed:.1%}, 95 % interval {ends.low:.1%} to "
        f"{ends.high:.1%}), asked {limits.EXPLAINED_FIRST:.0%}, in {time.monotonic() - started:.0f} s"
    )
    return 0 if right >= limits.EXPLAINED_FIRST * killed else 1


COMMAND = Command("--sample 20 --shown 'wrong first'", run, arguments)
