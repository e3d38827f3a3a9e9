"""What of its command line makes a run a part of one: what leaves out something that a run without words does."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from parity.run.asked.words import devices_for
from reports import settings

MODULE, DEVICE = "--module", "--device"
USUAL = {MODULE: "all", "--case": "all", "--check": "all", "--dtype": "all", DEVICE: "auto"}  # as without words
OF_PYTEST = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "lf": "--lf",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
}
UNREACHED = "cells that were not reached"


def narrowing(option: Callable[[str], Any], names: Iterable[str] = USUAL) -> tuple[str, ...]:
    """Return the options that choose something else than everything, and than the settings of the user choose."""
    chosen = of_settings()
    return tuple(
        name for name in names if text(name, option(name)) not in {text(name, chosen.get(name)), text(name, None)}
    )


def of_settings() -> dict[str, str]:
    """Return what the user's settings choose, by option."""
    try:
        words = settings.words((), USUAL, False)
    except ValueError:  # of a file that the command which reads it has told of
        words = []
    return dict(zip(words[::2], words[1::2], strict=True))


def text(name: str, given: Any) -> str:
    """Return an option's value as a text that is the same for all words that choose the same."""
    value = ",".join(given) if isinstance(given, list) else str(given or USUAL[name])
    return " ".join(devices_for(value)[0]) if name == DEVICE else value


def usual_modules(offered: Iterable[str]) -> list[str]:
    """Return the modules that a run without words takes of those that a subject is asked for."""
    words = of_settings().get(MODULE, "all").split(",")
    return [name for name in offered if name in words or "all" in words]


def of_pytest(config: pytest.Config, suite: Path) -> tuple[str, ...]:
    """Return pytest's own words that leave tests of a suite out."""
    paths = [Path(word).resolve() for word in config.args]
    named = [] if any(path == suite or path in suite.parents for path in paths) else ["tests by name"]
    return tuple([word for name, word in OF_PYTEST.items() if config.getoption(name, None)] + named)
