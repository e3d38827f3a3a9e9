"""The third witness: values that leave torch for NumPy or Python, and threads that the trace has to follow."""

import _thread
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

LEAVING = frozenset("numpy __array__ tolist __dlpack__".split())


class Boundary(TorchFunctionMode):
    """Note the calls by which a tensor of more than one element hands its values to something other than torch."""

    def __init__(self) -> None:
        super().__init__()
        self.left: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in LEAVING and args and isinstance(args[0], Tensor) and args[0].numel() > 1:
            self.left.add(name)
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
