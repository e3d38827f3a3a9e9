"""The fourth witness: the interpreter's audit events, for cheats that never touch a tensor.

Such a hook cannot be removed, so one is installed for good and switched on and off.
"""

import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch

STANDARD = sysconfig.get_paths()["stdlib"]
INSTALLED = sysconfig.get_paths()["purelib"]  # lies inside STANDARD in some installations
TORCH = str(Path(torch.__file__).parent)
HERE = str(Path(__file__).parents[1])
STACK_READERS = ("inspect.py", "traceback.py")

MEMORY = frozenset(("gc.get_objects", "gc.get_referrers", "gc.get_referents"))
PROCESSES = frozenset("subprocess.Popen os.fork os.forkpty os.posix_spawn os.system os.exec os.spawn pty.spawn".split())
NETWORK = frozenset(("socket.connect", "socket.sendto"))
TRACERS = frozenset(("sys.settrace", "sys.setprofile"))


def is_standard(frame: FrameType) -> bool:
    """Return whether the code of `frame` belongs to the standard library."""
    name = frame.f_code.co_filename
    return name.startswith("<frozen") or (name.startswith(STANDARD) and not name.startswith(INSTALLED))


def is_others(frame: FrameType) -> bool:
    """Return whether the code of `frame` is the standard library's or an installed package's: they name callers."""
    return is_standard(frame) or frame.f_code.co_filename.startswith(INSTALLED)


def asker(frame: FrameType | None) -> FrameType | None:
    """Return the nearest frame outside the standard library."""
    while frame is not None and is_standard(frame):
        frame = frame.f_back
    return frame


def blames(frame: FrameType | None) -> bool:
    """Return whether what happens in `frame` is the subject's doing, not torch's or the audit's."""
    return frame is not None and not frame.f_code.co_filename.startswith((TORCH, HERE))


@dataclass
class Events:
    """What audit events said: against the subject, and of what no witness can see."""

    against: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)


class Hook:
    """Collects what events say while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.events = Events()
        self.phase = ""  # the call of the subject that goes on

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on:
            return
        self.on = False  # sys._getframe raises an event of its own
        try:
            frame = sys._getframe(1)
            against, unseen = finding(event, args, frame), elsewhere(event, frame)
            where = f"{self.phase}{', ' if self.phase else ''}{place(frame)}" if against or unseen else ""
        finally:
            self.on = True
        if against:
            self.events.against.add(f"{against}: {where}")
        if unseen:
            self.events.unseen.add(f"{unseen}: {where}")


LOOKED = "it looked at its caller's frames ("


def place(frame: FrameType | None) -> str:
    """Return the nearest line outside the standard library and torch, as file:line in function."""
    while frame is not None and (is_standard(frame) or not blames(frame)):
        frame = frame.f_back
    if frame is None:
        return "in a thread of its own"
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}, in {frame.f_code.co_name}"


def elsewhere(event: str, frame: FrameType) -> str:
    """Return what an audit event says of work in another process; empty if nothing."""
    if event in PROCESSES and blames(asker(frame)):
        return f"it started another process ({event})"
    if event in NETWORK and blames(asker(frame)):
        return f"it spoke to another process ({event})"
    return ""


def finding(event: str, args: tuple[Any, ...], frame: FrameType) -> str:
    """Return what an audit event that was raised in `frame` says against the subject; empty if nothing."""
    if event in MEMORY and blames(frame) and not is_standard(frame):
        return f"it searched the interpreter's memory ({event})"
    if event in TRACERS and blames(asker(frame)):
        return f"it traced its caller ({event})"
    if event == "sys._getframe":
        reads = frame.f_code.co_filename.endswith(STACK_READERS)
        frame_asking = asker(frame) if reads else frame
        if frame_asking is not None and blames(frame_asking) and not is_others(frame_asking):
            return f"{LOOKED}sys._getframe)"
    if event == "object.__getattr__" and args[1] == "tb_frame" and blames(frame) and not is_others(frame):
        return f"{LOOKED}by a traceback)"
    return ""


HOOK = Hook()
sys.addaudithook(HOOK)


@contextmanager
def listening(events: Events, phase: str) -> Iterator[None]:
    """Add to `events` what the audit events say meanwhile, in this call of the subject."""
    before = HOOK.events, HOOK.phase, HOOK.on
    HOOK.events, HOOK.phase, HOOK.on = events, phase, True
    try:
        yield
    finally:
        HOOK.events, HOOK.phase, HOOK.on = before
