"""A subject whose Linear does in forward what a file asks for by name; its other modules are torch's own.

The file is named by the environment, so that one process can be asked for one thing after the other.
"""

import importlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import torch

from parity.subjects.process.wire import HEAD
from parity.subjects.torch_nn import TorchSubject

ASKED = Path(os.environ["ROGUE"])
CONNECTION = int(sys.argv[1])
BUFFER = torch.zeros(2**16)


def hang():
    while True:
        time.sleep(0.01)


class Runs:
    """Whoever unpickles this runs code."""

    def __reduce__(self):
        return Path.touch, (ASKED.with_suffix(".ran"),)


class RunsTensor(torch.Tensor):
    def __reduce_ex__(self, _):
        return Path.touch, (ASKED.with_suffix(".ran"),)


class MuteError(Exception):
    def __str__(self):
        raise SystemExit("no words")


def wrong(error):
    def act(_):
        raise error

    return act


def close(_):
    threading.Thread(target=hang).start()
    os.close(CONNECTION)
    hang()


def half(_):
    os.write(CONNECTION, HEAD.pack(1, 100, 100))
    hang()


def gigabytes(_):
    os.write(CONNECTION, HEAD.pack(1, 100, 2**40))
    hang()


def other_number(y):
    os.write(CONNECTION, HEAD.pack(999, 9, 0) + b"[[],null]")
    return y


def pickled(_):
    content = pickle.dumps(Runs())
    os.write(CONNECTION, HEAD.pack(2, len(content), 0) + content)
    hang()


def unasked(y):
    def speak():
        while not ASKED.with_suffix(".speak").exists():
            time.sleep(0.01)
        os.write(CONNECTION, HEAD.pack(999, 9, 0) + b"[[],null]")

    threading.Thread(target=speak, daemon=True).start()
    return y


def fork(y):
    os.fork()  # the child comes back too
    return y


def fork_that_stays(y):
    if os.fork() == 0:
        held = bytearray(900 * 2**20)
        hang()
        print(held)
    hang()
    return y


def start_others(y):
    for apart in (False, True):
        subprocess.Popen(["sleep", "1000"], start_new_session=apart)
    if os.fork() == 0:
        os.setsid()
        hang()
    return y


def leave(_):
    start_others(_)
    os._exit(7)


def stop(_):
    os.kill(os.getpid(), signal.SIGSTOP)


def switch(y):
    torch.set_default_device("meta")
    torch.set_grad_enabled(False)
    for name in ("torch.nn.functional", "parity.subjects.contract", "json"):
        sys.modules[name] = None
    return y


def buffered(y):
    kept = BUFFER[: y.numel()].view(y.shape)
    return kept.copy_(y)


ACTS = {
    "nothing": lambda y: y,
    "runs": lambda _: Runs(),
    "pickled": pickled,
    "tensor that runs": lambda y: y.as_subclass(RunsTensor),
    "surrogate": wrong(ValueError("bad \ud800\x00\x1b[31m word")),
    "integer": wrong(ValueError(10**5000)),
    "megabytes": wrong(ValueError("x" * 5_000_000)),
    "mute": wrong(MuteError()),
    "name": wrong(type("\x1b" + "n" * 100_000, (KeyError,), {})("gone")),
    "close": close,
    "half": half,
    "gigabytes": gigabytes,
    "other number": other_number,
    "unasked": unasked,
    "fork": fork,
    "fork that stays": fork_that_stays,
    "others": start_others,
    "leave": leave,
    "stop": stop,
    "switch": switch,
    "buffered": buffered,
}
LOADED = set(sys.modules)


class Subject(TorchSubject):
    name = "rogue"

    def build(self, module, *rest):
        asked = ASKED.read_text(encoding="utf-8")
        if asked == "imports":
            raise RuntimeError(f"imported since: {sorted(set(sys.modules) - LOADED)}")
        importlib.import_module("torch.nn.functional")
        built = super().build(module, *rest)
        if module == "Linear":
            forward = built.forward
            built.forward = lambda *inputs: ACTS[asked](forward(*inputs))
        return built


subject = Subject()
