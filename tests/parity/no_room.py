"""A plugin that lets no file of its process grow beyond what a few records need, as a full disk would."""

import resource


def pytest_configure() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
