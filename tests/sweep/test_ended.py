"""A sweep that is ended from outside, with processes of its own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.started import HANGS, ROOT, heeding


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_sweep_that_is_ended_from_outside_leaves_what_it_had(tmp_path: Path, how: signal.Signals) -> None:
    """With real processes: what is on disk at that moment is gone on with."""
    code = "from parity.sweep import command\ncommand.CHUNK = 20\nfrom parity.__main__ import main\n"
    start = f"{code}import sys\nif __name__ == '__main__':\n    sys.exit(main(sys.argv[1:]))\n"
    (tmp_path / "start.py").write_text(start, encoding="utf-8")
    words = [
        "sweep",
        "--module",
        "LeakyReLU,Linear",
        "--cases",
        "100000",
        "--jobs",
        "1",
        "--out",
        str(tmp_path / "out"),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "start.py"), *words],
        env=environment,
        cwd=ROOT,
        preexec_fn=heeding,
        process_group=0,
    )
    began = time.monotonic()
    while not (done_so_far := count_of(tmp_path / "out")) and time.monotonic() - began < HANGS:
        time.sleep(0.2)
    process.send_signal(how)
    assert process.wait(HANGS) == (130 if how is signal.SIGINT else -how)
    kept = count_of(tmp_path / "out")
    assert kept >= done_so_far >= 1
    assert "INCOMPLETE" in (tmp_path / "out" / "sweep.md").read_text(encoding="utf-8")
    while (left := of_group(process.pid)) and time.monotonic() - began < HANGS:
        time.sleep(0.2)
    assert not left


def of_group(group: int) -> list[int]:
    """Return the processes of a group that have not ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, own, *_ = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            found += [int(entry.name)] if int(own) == group and state != "Z" else []
    return found


def count_of(out: Path) -> int:
    """Return how many chunks are on disk."""
    files = list(out.glob("runs/*/*/sweep.jsonl"))
    return files[0].read_bytes().count(b'"kind": "sweep-chunk"') if files else 0
