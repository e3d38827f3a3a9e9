"""The front door of an installed suite: the command `gradparity`, which is also `python -m gradparity`.

Its name is its own, unlike those of the four packages, so that it is found whatever a user's modules are called. Before
it imports one of the four, folders of the user that hold a module of such a name go behind all others.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

PLACE = Path(__file__).resolve().parent
NAMES = ("framework", "parity", "perf", "reports")


def hides(entry: str) -> bool:
    """Return whether a folder that Python searches holds a module that would hide one of the suite's."""
    if Path(entry).resolve() == PLACE:
        return False
    found = (PathFinder.find_spec(name, [entry or os.getcwd()]) for name in NAMES)
    return any(spec is not None and spec.origin is not None for spec in found)


def own_path(entries: Sequence[str]) -> list[str]:
    """Return the entries of sys.path, the suite's own among them, those that would hide a package of the suite last."""
    return sorted([*entries, *([] if str(PLACE) in entries else [str(PLACE)])], key=hides)


def main() -> int:
    """Run a command of the suite by its name `gradparity`; return the exit status."""
    sys.path[:] = own_path(sys.path)
    from parity.__main__ import main as run
    from reports.command import CALLED

    os.environ[CALLED] = "gradparity"
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
