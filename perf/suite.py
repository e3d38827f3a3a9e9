"""The timing suite as a command, and its options, which are also given to pytest: pytest does the rest."""

import argparse

from parity.run.suite import Add, run_pytest, shared_options
from reports.command import Command


def options(add: Add) -> None:
    """Declare the options of the timing suite."""
    add("--gate", type=float, help="fail where subject / torch is proven above this ratio (default: none)")
    add(
        "--group-gate",
        action="append",
        metavar="GROUP=RATIO",
        help="fail where the geometric mean of a group is proven above this, e.g. papers=0.9 or steps=0.8",
    )
    add("--seconds", type=float, help="seconds that the rows may take together (default 860, quick 80)")
    add("--compile-seconds", type=float, default=90.0, help="seconds for torch.compile (default 90)")


def arguments(parser: argparse.ArgumentParser) -> None:
    shared_options(parser.add_argument)
    options(parser.add_argument)


def run(asked: argparse.Namespace) -> int:
    """Return 0 where nothing is wrong and no gate is exceeded, 1 where something is, 2 for words that mean nothing."""
    return run_pytest("perf", asked)


COMMAND = Command("--quick --gate 1.5", run, arguments, passes_on=True)
