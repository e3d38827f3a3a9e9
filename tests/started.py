"""Commands, started as their user starts them, but in a process that has torch and pytest ready.

A start of Python that imports both takes two seconds, most of a short command. A server imports them once and forks for
each command, which imports the suite itself. It is nobody's child, since an audit looks for children of the process
that is audited, and it ends when the process that asks it does.
"""

import atexit
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
HANGS = 1800.0  # seconds until what was started is said to hang: no test is about how long it takes on a busy machine


def run(
    words: Sequence[str | Path], cwd: Path = ROOT, env: Mapping[str, str] | None = None, timeout: float = HANGS
) -> "subprocess.CompletedProcess[str]":
    """Run `python WORDS` to its end; raise TimeoutExpired, with all of its group ended, if it hangs.

    What it prints need not be text: what cannot be decoded is replaced.
    """
    ours, reader = server()
    with tempfile.TemporaryDirectory() as folder:
        asked = {"words": list(map(os.fspath, words)), "cwd": os.fspath(cwd), "env": dict(env or os.environ)}
        ours.sendall(json.dumps(asked | {"folder": folder}).encode() + b"\n")
        process = int(reader.readline())
        try:
            ours.settimeout(timeout)
            status = int(reader.readline())
        except TimeoutError:
            os.killpg(process, signal.SIGKILL)
            server.cache_clear()
            raise subprocess.TimeoutExpired(asked["words"], timeout) from None
        out, err = (Path(folder, name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err"))
    return subprocess.CompletedProcess(asked["words"], status, out, err)


@cache
def server():  # type: ignore[no-untyped-def]  # a socket, and a file that reads from it
    """Start the server of this process; return the connection with it."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, __file__, str(theirs.fileno())]
    subprocess.run(command, pass_fds=[theirs.fileno()], check=True, start_new_session=True)
    theirs.close()
    reader = ours.makefile("r", encoding="utf-8")
    atexit.register(lambda: (reader.close(), ours.close()))
    return ours, reader


def heeding() -> None:
    """Heed Ctrl-C in the process to be started, also where the tests themselves run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def serve(connection: socket.socket) -> None:
    """Fork for every line that is asked; return, in the process of a command, when it is ready to run it."""
    for line in connection.makefile("r", encoding="utf-8"):
        process = os.fork()
        if not process:
            connection.close()
            become(**json.loads(line))
            return
        connection.sendall(f"{process}\n".encode())
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        connection.sendall(f"{status}\n".encode())
    os._exit(0)


def become(words: list[str], cwd: str, env: dict[str, str], folder: str) -> None:
    """Be the process that was asked for: its words, folder, environment and output."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, place in ((0, os.devnull), (1, f"{folder}/out"), (2, f"{folder}/err")):
        os.dup2(os.open(place, os.O_RDWR | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = words
    first = cwd if words[0] in ("-m", "-c") else os.path.dirname(os.path.abspath(words[0]))
    sys.path[:] = [first, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep)), *sys.path[1:]]


def main() -> None:
    """Serve, without a parent; then, in a process that was forked, run its command."""
    if os.fork():
        os._exit(0)
    import numpy  # noqa: F401
    import pytest  # noqa: F401
    import scipy.special  # noqa: F401
    import torch.fx.experimental.symbolic_shapes  # noqa: F401  # which autograd.grad imports

    serve(socket.socket(fileno=int(sys.argv[1])))
    if sys.argv[0] == "-m":
        _, module, *words = sys.argv
        sys.argv = [module, *words]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    elif sys.argv[0] == "-c":
        exec(sys.argv.pop(1), {"__name__": "__main__"})
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
