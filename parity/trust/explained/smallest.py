"""How small the smallest cases of mutants are, and how long the search for them takes."""

import argparse
import time
from collections.abc import Iterator
from statistics import median

from parity.contract import CHECKS
from parity.diagnosis.minimal import elements, smallest
from parity.diagnosis.minimal.shrink import SECONDS
from parity.settle import settle
from parity.trust.explained.judge import first_failure, sample
from parity.verdict import limits
from reports.command import Command, whole


def searched(number: int, seed: int) -> Iterator[tuple[str, int, int, float]]:
    """Yield, for mutants whose first failure is one of values: the id, the numbers before and after, the seconds."""
    for mutant in sample(number, seed):
        met = first_failure(mutant, seed)
        if met is None or not CHECKS[met[0].cell.check].one_call or not met[1][0].seen:
            continue
        started = time.monotonic()
        shrunk = smallest(met[0], met[1][0].seen.quantity)
        yield mutant.id, elements(met[0]), elements(shrunk), time.monotonic() - started


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--sample", type=whole(0), default=40, help="search for about so many mutants (default 40, 0: all)")
    add("--seed", type=whole(0), default=0, help="seed of the draws, and where the sample begins")


def run(asked: argparse.Namespace) -> int:
    """Print the median and the extremes; return 0 where cases are as small and searches as short as asked, else 1."""
    settle()
    searches = list(searched(asked.sample, asked.seed))
    if not searches:
        raise ValueError("no mutant of this choice failed in its values")
    before, after = median(entry[1] for entry in searches), median(entry[2] for entry in searches)
    largest, longest = max(searches, key=lambda entry: entry[2]), max(searches, key=lambda entry: entry[3])
    most = limits.SMALLEST_NUMBERS
    print(f"{len(searches)} mutants: median {before:g} numbers shrunk to {after:g} (asked {most})")
    print(f"largest {largest[2]} numbers, {largest[0]}; median search {median(entry[3] for entry in searches):.2f} s")
    print(f"longest search {longest[3]:.1f} s (limit {SECONDS:g}), {longest[0]}")
    return 0 if after <= most and longest[3] <= SECONDS + limits.SMALLEST_LATE_SECONDS else 1


COMMAND = Command("--sample 10", run, arguments)
