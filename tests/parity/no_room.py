"""A plugin that lets no file of its process grow beyond an empty page or a few records, as a full disk would."""

import resource


def pytest_configure() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
