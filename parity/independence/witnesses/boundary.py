"""The third witness: values that leave torch for NumPy or Python, and threads that the trace has to follow."""

import _thread
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from parity import subjects
from parity.independence.witnesses.interpreter import blames, is_standard, place

LEAVING = frozenset("numpy __array__ tolist __dlpack__".split())
ADAPTERS = str(subjects.__path__[0])


def asked_by(frame: FrameType | None) -> FrameType | None:
    """Return the nearest frame that is neither torch's, nor the standard library's, nor the audit's."""
    while frame is not None and (is_standard(frame) or not blames(frame)):
        frame = frame.f_back
    return frame


def is_adapters(frame: FrameType | None) -> bool:
    """Return whether a frame is of the suite's own adapters: what they carry to a library and back is not its doing."""
    return frame is not None and frame.f_code.co_filename.startswith(ADAPTERS)


def is_result(value: object) -> bool:
    """Return whether a value is a tensor of more than one number: whole numbers are classes and places, no results."""
    return isinstance(value, Tensor) and value.is_floating_point() and value.numel() > 1


class Boundary(TorchFunctionMode):
    """Note the calls by which a floating tensor of more than one element hands its values to other than torch.

    What is read while a module is built can be no answer to an input that is not there yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.left: dict[str, str] = {}  # name of the call -> call of the subject and line
        self.carried = False  # by an adapter of the suite: the library computes with something other than tensors
        self.phase = ""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in LEAVING and self.phase != "build" and args and is_result(args[0]):
            asking = asked_by(sys._getframe(1))
            if is_adapters(asking):
                self.carried = True
            else:
                self.left.setdefault(name, f"{self.phase}, {place(asking)}")
        return func(*args, **(kwargs or {}))


@contextmanager
def followed(watch: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    """Let every thread that is started meanwhile run under `watch`: the modes of torch hold in one thread only."""
    start = _thread.start_new_thread

    def start_watched(function: Callable[..., object], *rest: Any) -> int:
        def under_watch(*args: Any, **kwargs: Any) -> None:
            with watch():
                function(*args, **kwargs)

        return start(under_watch, *rest)

    _thread.start_new_thread = threading._start_new_thread = start_watched  # type: ignore[attr-defined]  # put back below
    try:
        yield
    finally:
        _thread.start_new_thread = threading._start_new_thread = start  # type: ignore[attr-defined]  # as above
