"""Judge the diagnosis: python -m parity.trust.explained [--sample N] [--seed N] [--shown OUTCOME].

Exit status 0 where the right explanation comes first for at least four mutants of five, 1 where it does not.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from scipy.stats import binomtest

from parity.settle import settle
from parity.trust.explained.judge import NOT_KILLED, OUTCOMES, Explained, explained, sample
from parity.verdict import limits
from reports.trust import explained as page


def share(found: Sequence[Explained]) -> tuple[int, int]:
    """Return for how many of those that failed somewhere the right explanation came first, and of how many."""
    killed = [one for one in found if one.outcome != NOT_KILLED]
    return sum(one.outcome == OUTCOMES[0] for one in killed), len(killed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print the table and the share with its 95 % interval, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m parity.trust.explained", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="judge about so many mutants (default 0: all)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draws, and where a sample begins (default 0)")
    parser.add_argument("--only", default="", help="judge only mutants whose cause is this")
    parser.add_argument("--shown", default="", help="also print every mutant with this outcome, e.g. 'wrong first'")
    asked = parser.parse_args(arguments)
    settle()
    started = time.monotonic()
    chosen = [mutant for mutant in sample(asked.sample, asked.seed) if asked.only in ("", mutant.cause)]
    found = [explained(mutant, asked.seed) for mutant in chosen]
    right, killed = share(found)
    if not killed:
        print("explained: no mutant of this choice failed anywhere", file=sys.stderr)
        return 2
    print(page.render([(one.cause, one.outcome) for one in found], (*OUTCOMES, NOT_KILLED)))
    for one in found:
        if asked.shown and (asked.shown == "all" or one.outcome == asked.shown):
            print(f"{one.outcome}: {one.id} ({one.cause}) in {one.where}: {one.said[:300]}")
    ends = binomtest(right, killed).proportion_ci(0.95, "wilson")
    print(
        f"right explanation first: {right} of {killed} ({right / killed:.1%}, 95 % interval {ends.low:.1%} to "
        f"{ends.high:.1%}), asked {limits.EXPLAINED_FIRST:.0%}, in {time.monotonic() - started:.0f} s"
    )
    return 0 if right >= limits.EXPLAINED_FIRST * killed else 1


if __name__ == "__main__":
    sys.exit(main())
