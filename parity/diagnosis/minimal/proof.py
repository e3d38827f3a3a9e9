"""Whether a script does what it says: red on the library, green where what it asks is right."""

import atexit
import json
import os
import select
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.diagnosis.minimal.acts import ERROR, STOPPED
from parity.diagnosis.minimal.script import CHECKOUT
from parity.subjects.contract import Unsupported
from parity.subjects.process import Limits
from parity.subjects.process.limits import MARK

STAND_INS = "framework", "torch_nn"  # in place of the library: the first that has the module must be right
STARTED_SECONDS = 120.0  # until the process that tries scripts must have torch
FORKS = Path(__file__).with_name("forks.py")


@dataclass(frozen=True)
class ScriptEnd:
    """How a script ended: with "exit" and its status or words, an exception by its name, or "stopped" and by what."""

    kind: str
    said: str

    @property
    def words(self) -> str:
        if self.kind == "exit":
            return "it says that all is right" if self.said == "0" else self.said
        return self.said if self.kind == STOPPED else f"it ends in {self.kind}: {self.said}"


class Forks:
    """The process that tries the scripts of this one; it is started by the first and ended with this process."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, script: Path, words: list[str], limits: Limits) -> ScriptEnd:
        """Return how a script ends when it is run with these words, within the limits of a cell."""
        asked: dict[str, Any] = {"script": str(script), "words": words, "folder": os.getcwd()}
        asked |= {"surroundings": dict(os.environ), "seconds": limits.cell_seconds, "gib": limits.memory_gib}
        process = self.running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            ready = select.select([process.stdout], [], [], STARTED_SECONDS + limits.cell_seconds)[0]
            return ScriptEnd(**json.loads(process.stdout.readline() if ready else b""))
        except (OSError, ValueError):
            self.end()
            return ScriptEnd(STOPPED, "it could not be tried")

    def running(self) -> "subprocess.Popen[bytes]":
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, str(FORKS), str(CHECKOUT)]
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {MARK: f"scripts of {os.getpid()}"},  # it is the suite's, and no subject's
                start_new_session=True,  # Ctrl-C is for this process, whose end ends that one
            )
            atexit.register(self.end)
        return self.process

    def end(self) -> None:
        """End the process, if there is one."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            with suppress(OSError):
                process.communicate()


FORKED = Forks()


def doubt(script: Path, quantity: str, fault: str, limits: Limits) -> str:
    """Return why a script would mislead its reader; empty where it shows the fault, and only the fault.

    It must be red on the library for the reason that it names, and green with the first stand-in that has the module.
    """
    found = FORKED.ask(script, [], limits)
    if not shows(found, quantity, fault):
        return f"in a process of its own {found.words}"
    for name in STAND_INS:
        found = FORKED.ask(script, [name], limits)
        if found.kind != Unsupported.__name__:
            return "" if found == ScriptEnd("exit", "0") else f"with {name} in place of the library {found.words}"
    return "nothing that is right can be put in place of the library"


def shows(found: ScriptEnd, quantity: str, fault: str) -> bool:
    """Return whether a script ended as its fault says."""
    if quantity == ERROR:
        return found.kind == fault and found.said != "it ended with status 0"
    return found.kind == "exit" and found.said.startswith(f"{quantity} is wrong")
