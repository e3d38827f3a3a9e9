"""The judgement on the diagnosis as a command: one line a cause, and how often the right explanation comes first."""

import argparse
import time
from collections.abc import Sequence

from scipy.stats import binomtest

from parity.progress import progress
from parity.settle import settle
from parity.trust.explained.judge import NOT_KILLED, OUTCOMES, Explained, explained, sample
from parity.verdict import limits
from reports.command import Command, whole
from reports.trust import explained as page


def share(judged: Sequence[Explained]) -> tuple[int, int]:
    """Return for how many of those that failed somewhere the right explanation came first, and of how many."""
    killed = [one for one in judged if one.outcome != NOT_KILLED]
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
    judged = []
    with progress(len(chosen)) as advance:
        for mutant in chosen:
            judged.append(explained(mutant, asked.seed))
            advance(mutant.id)
    right, killed = share(judged)
    if not killed:
        raise ValueError("no mutant of this choice failed anywhere")
    print(page.render([(one.cause, one.outcome) for one in judged], (*OUTCOMES, NOT_KILLED)))
    for one in judged:
        if asked.shown and (asked.shown == "all" or one.outcome == asked.shown):
            print(f"{one.outcome}: {one.id} ({one.cause}) in {one.where}: {one.said[:300]}")
    ends = binomtest(right, killed).proportion_ci(0.95, "wilson")
    print(
        f"right explanation first: {right} of {killed} ({right / killed:.1%}, 95 % interval {ends.low:.1%} to "
        f"{ends.high:.1%}), asked {limits.EXPLAINED_FIRST:.0%}, in {time.monotonic() - started:.0f} s"
    )
    return 0 if right / killed >= limits.EXPLAINED_FIRST else 1


COMMAND = Command("--sample 20 --shown 'wrong first'", run, arguments)
