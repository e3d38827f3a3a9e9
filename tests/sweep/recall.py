"""Which rare faults a sweep finds, and which the planned cells do: python -m tests.sweep.recall [CONFIGURATIONS]."""

import sys
from collections.abc import Iterable, Iterator

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.settle import settle
from parity.sweep.chunk import asked, trial_of
from parity.sweep.drawing import configuration
from parity.verdict.plan import cells
from parity.verdict.trial import Judged, Trial
from tests.sweep.rare import FAULTS, MODULES, subject

Found = set[tuple[str, str]]


def failing(judged: Iterable[Judged]) -> Found:
    return {(one.record.module, one.record.quantity) for one in judged if one.fails}


def by_sweep(count: int, seed: int = 0) -> Found:
    """Return module and quantity of whatever failed in so many configurations."""
    found: Found = set()
    for number in range(count):
        drawn = configuration(number, seed, MODULES)
        found |= failing(asked(trial_of(drawn, subject)))
    return found


def planned() -> Iterator[Trial]:
    for module in MODULES:
        for cell in cells(pages()[module], [CHECKS["values"]], ["cpu"], 0):
            yield Trial(cell, subject)


def by_catalogue() -> Found:
    return set().union(*(failing(asked(trial)) for trial in planned()))


if __name__ == "__main__":
    settle()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
    planted = {(fault.module, fault.quantity) for fault in FAULTS}
    swept, listed = by_sweep(count), by_catalogue()
    print(
        f"planted {len(planted)}; sweep of {count:,} configurations: {len(swept & planted)}, others {swept - planted}"
    )
    print(f"planned cells of the catalogue: {len(listed & planted)}, others {listed - planted}")
    print("missed by the sweep:", sorted(planted - swept) or "none")
    print("missed by the catalogue:", sorted(planted - listed) or "none")
