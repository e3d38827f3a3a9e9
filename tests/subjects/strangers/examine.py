"""Put a library of strangers to the suite as its user does, and read what the records and the page say of it."""

import json
import math
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from parity.__main__ import main as parity_command
from parity.catalogue import pages

LIBRARIES = Path(__file__).parent / "libraries"
PATIENCE_SECONDS = 300.0
WRONG = ("fail", "error", "void")
HEADING, NEXT = "**What is wrong, and why.**", "**What was not tested.**"
Record = dict[str, Any]


def adapter(library: str) -> Path:
    return LIBRARIES / f"{library}_adapter.py"


def key(record: Record) -> tuple[str, ...]:
    """Return what makes a record: where it was asked, and of what."""
    names = "kind", "module", "case", "check", "quantity", "device", "dtype", "regime", "cotangent"
    return tuple(str(record.get(name, "")) for name in names)


@dataclass(frozen=True)
class Visit:
    """One run of the suite on one module of one library: its folder, exit status and seconds."""

    out: Path
    status: int
    seconds: float

    @cached_property
    def records(self) -> list[Record]:
        lines = (self.out / "parity.jsonl").read_text(encoding="utf-8").splitlines()
        return [record for record in map(json.loads, lines) if record["kind"] == "parity"]

    @cached_property
    def wrong(self) -> list[Record]:
        return [record for record in self.records if record["verdict"] in WRONG]

    def beyond(self, honest: "Visit") -> list[Record]:
        """Return what is wrong here and is not in a run of the honest library."""
        known = {key(record) for record in honest.wrong}
        return [record for record in self.wrong if key(record) not in known]

    @cached_property
    def items(self) -> list[str]:
        """The items under the page's heading on what is wrong; raises ValueError if the page has no such heading."""
        page = (self.out / "parity.md").read_text(encoding="utf-8")
        if HEADING not in page or NEXT not in page:
            raise ValueError(f"{self.out / 'parity.md'} has no part between {HEADING!r} and {NEXT!r}")
        part = page.split(HEADING, 1)[1].split(NEXT, 1)[0]
        return [line[2:] for line in part.splitlines() if line.startswith("- ") and "what is right:" not in line]

    @cached_property
    def cells(self) -> list[tuple[str, str]]:
        """The cells that failed, in the order in which they ran: the test's name, and what the terminal says of it."""
        tests = ElementTree.parse(self.out / "cells.xml").getroot().iter("testcase")
        found = [(test.get("name", ""), test.find("failure")) for test in tests]
        return [(name, of.text or "") for name, of in found if of is not None and name.startswith("test_parity[")]

    def first_cell(self, honest: "Visit") -> str:
        """Return what the terminal says of the first cell that fails here and not with the honest library."""
        known = {name for name, _ in honest.cells}
        return next((said for name, said in self.cells if name not in known), "")


def warm(out: Path) -> None:
    """Load all that a run of the suite loads, once, for the processes that start from this one."""
    pages()
    one_cell = ["--module", "Flatten", "--case", "image", "--check", "values", "--dtype", "float32", "--device", "cpu"]
    with redirect_stdout(StringIO()):
        parity_command(["parity", *one_cell, "--out", str(out), "-n", "0", "-p", "no:cacheprovider"])


def visit(library: str, module: str, fault: str, out: Path, words: Sequence[str] = ()) -> Visit:
    """Run the suite on one module in a process of its own; a run that is in the folder already is read again.

    Raises RuntimeError if the run leaves no records.
    """
    ended = out / "ended.json"
    if ended.exists():
        return Visit(out, **json.loads(ended.read_text(encoding="utf-8")))
    out.mkdir(parents=True, exist_ok=True)
    started, child = time.monotonic(), os.fork()
    if not child:
        status = 70
        try:
            os.environ["STRANGER"] = fault
            with (out / "terminal.txt").open("w") as terminal:
                os.dup2(terminal.fileno(), 1)
                os.dup2(terminal.fileno(), 2)
            where = ["--module", module, "--subject", str(adapter(library)), "--out", str(out)]
            asked = [*where, "--device", "cpu", "-n", "0", "-p", "no:cacheprovider", f"--junit-xml={out / 'cells.xml'}"]
            status = parity_command(["parity", *asked, *words])
            sys.stdout.flush()
        finally:
            os._exit(status)
    status = waited(child, started)
    if not (out / "cells.xml").exists() or status not in (0, 1):
        raise RuntimeError(f"{fault or 'honest'}: the suite ended with status {status}, see {out / 'terminal.txt'}")
    seconds = time.monotonic() - started
    ended.write_text(json.dumps({"status": status, "seconds": seconds}), encoding="utf-8")
    return Visit(out, status, seconds)


def waited(child: int, started: float) -> int:
    """Wait for a process that this one started; return its exit status, 124 for one that was too slow and is ended."""
    while time.monotonic() - started < PATIENCE_SECONDS:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 124


def falsely(records: Sequence[Record], patterns: Sequence[str]) -> list[str]:
    """Return the quantities that are compared with the truth and called wrong, but are not wrong by the patterns."""
    compared = (r for r in records if r["verdict"] == "fail" and not math.isnan(float(r["subject_error"])))
    names = dict.fromkeys((record["check"], record["quantity"]) for record in compared)
    return [f"{check} {name}" for check, name in names if not any(fnmatchcase(name, pattern) for pattern in patterns)]
