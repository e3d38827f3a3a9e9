"""The process that tries scripts: it has torch ready, and forks for each one, so that none sees what another has done.

It reads a request a line from its standard input, and answers with a line of JSON each: {"kind": ..., "said": ...}. The
kind is "exit" with the status or the words of the exit, the name of an exception with its message, or "stopped".
"""

import contextlib
import json
import os
import runpy
import select
import signal
import sys
import time
from typing import Any

TICK_SECONDS = 0.02
PAGE_BYTES, GIBIBYTE = 4096, 2**30
MOST_BYTES = 2**16  # of an answer
SHOWN = 200  # characters of what an exception says


def result(script: str, words: list[str]) -> dict[str, str]:
    """Run a script as Python does; return how it ended."""
    sys.argv, sys.path[0] = [script, *words], os.path.dirname(script)
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        return {"kind": "exit", "said": str(ended.code or 0)}
    except BaseException as error:
        return {"kind": type(error).__name__, "said": str(error)[:SHOWN]}
    return {"kind": "exit", "said": "0"}


def play(answer: int, script: str, words: list[str], surroundings: dict[str, str], folder: str) -> None:
    """Run a script in this process, write how it ended, and end the process."""
    from parity.settle import settle

    os.setsid()
    os.environ.clear()
    os.environ.update(surroundings)
    os.chdir(folder)
    settle()  # scripts are tried beside each other, and threads that wait for each other take the cores from all
    os.write(answer, json.dumps(result(script, words)).encode())
    os._exit(0)


def held_gib(process: int) -> float:
    """Return the resident memory of a process; 0 where the system does not show it."""
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * PAGE_BYTES / GIBIBYTE
    except (OSError, IndexError):
        return 0.0


def awaited(process: int, answer: int, seconds: float, gib: float) -> dict[str, str]:
    """Return the answer of a process, or what stopped it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ready = bool(select.select([answer], [], [], TICK_SECONDS)[0])
        said = os.read(answer, MOST_BYTES) if ready else b""
        if said:
            found: dict[str, str] = json.loads(said)
            return found
        if ready:  # it has closed its end without an answer
            return {"kind": "stopped", "said": obituary(process)}
        if held_gib(process) > gib:
            return {"kind": "stopped", "said": f"it held more than {gib:g} GiB of memory"}
    return {"kind": "stopped", "said": f"it took more than {seconds:g} s"}


def obituary(process: int) -> str:
    """Return how a process ended, which has closed its connection."""
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return f"it ended with status {status}" if status >= 0 else f"it was ended by signal {-status}"


def tried(seconds: float, gib: float, **asked: Any) -> dict[str, str]:
    """Return how a script ends in a process of its own, which is ended with all that it started."""
    ours, theirs = os.pipe()
    process = os.fork()
    if not process:
        os.close(ours)
        play(theirs, **asked)
    os.close(theirs)
    try:
        return awaited(process, ours, seconds, gib)
    except ValueError:
        return {"kind": "stopped", "said": "it gave no answer that has a sense"}
    finally:
        os.close(ours)
        for end in (os.killpg, os.kill):
            with contextlib.suppress(OSError):  # it has ended, or has no group yet
                end(process, signal.SIGKILL)
        with contextlib.suppress(OSError):  # its status was read
            os.waitpid(process, 0)


def main(checkout: str) -> None:
    """Answer until the input ends. What scripts print is dropped."""
    sys.path[0] = checkout
    import torch.fx.experimental.symbolic_shapes  # noqa: F401 - which the first backward of torch imports

    import parity.subjects.framework  # noqa: F401 - what every script imports, and a stand-in

    answers, requests = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    for line in requests:
        answers.write(json.dumps(tried(**json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
