"""Measure one row in this fresh process and print its finding as JSON: python -m perf.confirm ROW --subject NAME."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence

from parity.settle import keep_freed_memory, settle
from parity.subjects import load
from perf.bench.measure import Bench
from perf.bench.rows import named
from perf.statistics.gate import SLOWER

SECONDS = 6.0


def in_fresh_process(row: str, subject: str, gate: float) -> tuple[bool, str]:
    """Return whether a fresh process, with other addresses and another hash seed, agrees that a row is slower."""
    command = [sys.executable, "-m", "perf.confirm", row, "--subject", subject, "--gate", str(gate)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        return True, f"a fresh process could not measure it: {done.stderr.strip()[-200:]}"
    found = json.loads(done.stdout)
    words = f"in a fresh process {found['ratio']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"
    return found["verdict"] == SLOWER, words


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where the row was timed; 2, after one line, where it could not be."""
    parser = argparse.ArgumentParser(prog="python -m perf.confirm", description=__doc__)
    parser.add_argument("row")
    parser.add_argument("--subject", default="framework")
    parser.add_argument("--gate", type=float, required=True)
    asked = parser.parse_args(arguments)
    settle()
    keep_freed_memory()
    try:
        row = named(asked.row, ("cpu", "cuda"))
        found, times = Bench(load(asked.subject), asked.gate, memory=False).measure(row, SECONDS)
    except ValueError as error:
        print(f"perf.confirm: {error}", file=sys.stderr)
        return 2
    if times is None:
        print(f"perf.confirm: {found.verdict} {found.detail}", file=sys.stderr)
        return 2
    print(json.dumps(found.as_dict()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
