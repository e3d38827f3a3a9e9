"""The sixth witness: processes beside the subject's own, in which no witness sees what is computed."""

import os
import socket
from contextlib import suppress
from pathlib import Path

from parity.subjects.process.limits import MARK, marked

IDLE = b"multiprocessing.resource_tracker"  # started by the standard library, computes nothing


def beside() -> set[str]:
    """Return a sentence for each sign that there is another process which the subject could ask.

    In a process of its own: processes that it started, by their mark, and connections beside the suite's one. In the
    process of the suite: its children without a mark, since those with one are the suite's.
    """
    mark = os.environ.get(MARK, "")
    others = (
        set(marked(mark)) - {os.getpid()} if mark else {child for child in children(os.getpid()) if not bears(child)}
    )
    signs = {f"process {one} is alive beside it ({name(one)})" for one in others if IDLE not in command(one)}
    return signs | ({f"it is connected to {peer}" for peer in peers()} if mark else set())


def children(process: int) -> set[int]:
    """Return the processes that descend from one; none where the system does not show them."""
    found: set[int] = set()
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found |= {int(word) for word in listed.read_text(encoding="ascii").split()}
    return found.union(*(children(child) for child in found))


def bears(process: int) -> bool:
    """Return whether a process is one that the suite started for a subject, or has ended."""
    try:
        return any(
            word.startswith(f"{MARK}=".encode()) for word in Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        )
    except OSError:
        return True


def command(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def name(process: int) -> str:
    """Return the name of the program of a process."""
    return Path(command(process).split(b"\0")[0].decode(errors="replace")).name or "unknown"


def peers() -> set[str]:
    """Return the names of those to whom this process is connected: addresses, and sockets that have a path."""
    found = set()
    for entry in Path("/proc/self/fd").glob("*"):
        with suppress(OSError, ValueError):
            if os.readlink(entry).startswith("socket:"):
                with socket.socket(fileno=os.dup(int(entry.name))) as held:
                    peer = held.getpeername()
                    found.add(str(peer) if isinstance(peer, (str, bytes)) else ":".join(map(str, peer[:2])))
    return found - {"", "b''"}
