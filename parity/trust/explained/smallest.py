"""How small the smallest cases of mutants are: python -m parity.trust.explained.smallest [--sample N] [--seed N].

Exit status 0 where the median is at most 16 numbers and no search took longer than its limit, 1 where it is not so.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from statistics import median

from parity.contract import CHECKS
from parity.diagnosis.minimal import elements, smallest
from parity.diagnosis.minimal.shrink import SECONDS
from parity.settle import settle
from parity.trust.explained.judge import first_failure, sample
from parity.verdict import limits


def searched(number: int, seed: int) -> Iterator[tuple[str, int, int, float]]:
    """Yield, for mutants whose first failure is one of values: the id, the numbers before and after, the seconds."""
    for mutant in sample(number, seed):
        met = first_failure(mutant, seed)
        if met is None or not CHECKS[met[0].cell.check].one_call or not met[1][0].seen:
            continue
        started = time.monotonic()
        found = smallest(met[0], met[1][0].seen.quantity)
        yield mutant.id, elements(met[0]), elements(found), time.monotonic() - started


def main(arguments: Sequence[str] | None = None) -> int:
    """Search, print the median and the extremes, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m parity.trust.explained.smallest", description=__doc__)
    parser.add_argument("--sample", type=int, default=40, help="search for about so many mutants (default 40, 0: all)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draws, and where the sample begins")
    asked = parser.parse_args(arguments)
    settle()
    found = list(searched(asked.sample, asked.seed))
    if not found:
        print("smallest: no mutant of this choice failed in its values", file=sys.stderr)
        return 2
    before, after = median(entry[1] for entry in found), median(entry[2] for entry in found)
    largest, longest = max(found, key=lambda entry: entry[2]), max(found, key=lambda entry: entry[3])
    print(f"{len(found)} mutants: median {before:g} numbers shrunk to {after:g} (asked {limits.SMALLEST_NUMBERS})")
    print(f"largest {largest[2]} numbers, {largest[0]}; median search {median(entry[3] for entry in found):.2f} s")
    print(f"longest search {longest[3]:.1f} s (limit {SECONDS:g}), {longest[0]}")
    return 0 if after <= limits.SMALLEST_NUMBERS and longest[3] <= SECONDS + limits.SMALLEST_LATE_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
