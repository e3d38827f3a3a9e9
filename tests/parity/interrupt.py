"""A plugin that presses Ctrl-C after the tenth test."""

import pytest

count = 0


def pytest_runtest_teardown(item: pytest.Item) -> None:  # noqa: ARG001 - the name is pytest's
    global count
    count += 1
    if count == 10:
        raise KeyboardInterrupt
