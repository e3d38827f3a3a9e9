"""Whether a run is whole: whether its command line left nothing out of what a run does without words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parity.run.session import devices_for
from reports import settings

CHOOSE = {"--module": [], "--case": "all", "--check": "all", "--dtype": "all", "--device": "auto"}  # as without words
OF_PYTEST = ("keyword", "markexpr", "deselect", "lf", "ignore", "ignore_glob")  # options that leave tests out


def usual(option: Callable[[str], Any], names: tuple[str, ...] = tuple(CHOOSE)) -> bool:
    """Return whether options choose what a run does without words: everything, or what the user's settings choose."""
    try:
        words = settings.words((), CHOOSE, False)
    except ValueError:  # of a file that the command which reads it has told of
        words = []
    chosen = dict(zip(words[::2], words[1::2], strict=True))
    return all(
        value_of(name, option(name)) in (value_of(name, chosen.get(name)), value_of(name, CHOOSE[name]))
        for name in names
    )


def value_of(name: str, given: Any) -> str:
    """Return an option's value as a text that is the same for all words that choose the same."""
    if name == "--device":
        return " ".join(devices_for(given or "auto")[0])
    return ",".join(given) if isinstance(given, list) else str(given or "")


def unnarrowed(config: pytest.Config, suite: Path) -> bool:
    """Return whether pytest's own words leave no test of a suite out."""
    words = (Path(word).resolve() for word in config.args)
    return not any(config.getoption(name, None) for name in OF_PYTEST) and any(
        path == suite or path in suite.parents for path in words
    )
