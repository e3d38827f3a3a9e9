"""A plugin that presses Ctrl-C after the tenth test; the variable ENDED_BY has it press twice, or end the process."""

import os
import signal

import pytest

count = 0
ENDED_BY = os.environ.get("ENDED_BY", "once")


def pytest_runtest_teardown(item: pytest.Item) -> None:  # noqa: ARG001 - the name is pytest's
    global count
    count += 1
    if count == 10:
        if ENDED_BY == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise KeyboardInterrupt


def pytest_keyboard_interrupt() -> None:
    if ENDED_BY == "twice":
        raise KeyboardInterrupt
