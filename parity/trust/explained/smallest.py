"""How small the smallest cases of mutants are, and how many cases are tried until they are found."""

import argparse
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from parity.contract import CHECKS
from parity.diagnosis.minimal import elements, smallest
from parity.diagnosis.minimal.acts import PLAIN
from parity.diagnosis.minimal.shrink import STEPS
from parity.settle import settle
from parity.trust.explained.judge import first_failure, sample
from parity.verdict import limits
from parity.verdict.trial import Trial
from reports.command import Command, whole


@dataclass
class Counted:
    """The plainest act, which counts how many cases it is shown."""

    cases: list[Trial] = field(default_factory=list)

    def covers(self, trial: Trial, quantity: str) -> bool:
        return PLAIN.covers(trial, quantity)

    def faults(self, trial: Trial) -> Mapping[str, str]:
        self.cases.append(trial)
        return PLAIN.faults(trial)


def searched(number: int, seed: int) -> Iterator[tuple[str, int, int, int]]:
    """Yield, for mutants whose first failure is one of values: the id, the numbers before and after, the steps."""
    for mutant in sample(number, seed):
        met = first_failure(mutant, seed)
        if met is None or not CHECKS[met[0].cell.check].one_call or not met[1][0].seen:
            continue
        counted = Counted()
        shrunk = smallest(met[0], met[1][0].seen.quantity, counted)
        yield mutant.id, elements(met[0]), elements(shrunk), len(counted.cases)


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--sample", type=whole(0), default=40, help="search for about so many mutants (default 40, 0: all)")
    add("--seed", type=whole(0), default=0, help="seed of the draws, and where the sample begins")


def run(asked: argparse.Namespace) -> int:
    """Print the median and the extremes; return 0 where cases are as small as asked, else 1."""
    settle()
    started = time.monotonic()
    searches = list(searched(asked.sample, asked.seed))
    if not searches:
        raise ValueError("no mutant of this choice failed in its values")
    before, after = median(entry[1] for entry in searches), median(entry[2] for entry in searches)
    largest, longest = max(searches, key=lambda entry: entry[2]), max(searches, key=lambda entry: entry[3])
    cut_off = sum(entry[3] > STEPS for entry in searches)
    print(f"{len(searches)} mutants: median {before:g} numbers shrunk to {after:g} (asked {limits.SMALLEST_NUMBERS})")
    print(f"largest {largest[2]} numbers, {largest[0]}; median search {median(entry[3] for entry in searches):g} steps")
    print(f"longest search {longest[3]} steps, {longest[0]}; cut off after {STEPS} steps: {cut_off}")
    print(f"in {time.monotonic() - started:.0f} s, with the search for the first failures")
    return 0 if after <= limits.SMALLEST_NUMBERS else 1


COMMAND = Command("--sample 10", run, arguments)
