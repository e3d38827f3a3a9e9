"""One row measured in a fresh process, and its finding printed as JSON."""

import argparse
import json
import subprocess
import sys

from parity.settle import keep_freed_memory, settle
from parity.subjects import load
from perf.bench.measure import Bench
from perf.bench.rows import named
from perf.statistics.gate import SLOWER, checked
from reports.command import FAILED, Command

SECONDS = 6.0


def in_fresh_process(row: str, subject: str, gate: float) -> tuple[bool, str]:
    """Return whether a fresh process, with other addresses and another hash seed, agrees that a row is slower."""
    command = [sys.executable, "-m", "parity", "bench-row", row, "--subject", subject, "--gate", str(gate)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        return True, f"a fresh process could not measure it: {done.stderr.strip()[-200:]}"
    finding = json.loads(done.stdout)
    words = f"in a fresh process {finding['ratio']:.3f} [{finding['low']:.3f}, {finding['high']:.3f}]"
    return finding["verdict"] == SLOWER, words


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("row", help="as the table of a run names it, e.g. ReLU-papers-forward-cpu")
    parser.add_argument("--subject", default="framework", help="a known name or a Python file (default framework)")
    parser.add_argument("--gate", type=float, help="the ratio above which the row is slower (default: that of a run)")


def run(asked: argparse.Namespace) -> int:
    """Print the finding; return 0 where the row was timed, 1 where it could not be."""
    settle()
    keep_freed_memory()
    row = named(asked.row, ("cpu", "cuda"))
    finding, times = Bench(load(asked.subject), checked(asked.gate), memory=False).measure(row, SECONDS)
    if times is None:
        print(f"bench-row: {finding.verdict} {finding.detail}", file=sys.stderr)
        return FAILED
    print(json.dumps(finding.as_dict()))
    return 0


COMMAND = Command("ReLU-papers-forward-cpu --gate 1.5", run, arguments)
