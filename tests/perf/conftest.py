"""Fixtures of the timing harness's tests."""

from collections.abc import Iterator

import pytest

from parity.settle import settle


@pytest.fixture(autouse=True, scope="session")
def outside_xdist() -> Iterator[None]:
    """Hide the worker from the commands that these tests start: pytest-benchmark does not time inside one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_XDIST_WORKER", raising=False)
        yield


@pytest.fixture(autouse=True)
def one_thread() -> None:
    settle()
