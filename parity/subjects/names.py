"""The names that the suite's packages share with a user's own modules: the library finds its own.

Four packages with common names lie beside everything that is installed, and Python holds one module of a name. The
library under test is imported with its own modules of these names, wherever they lie; only `parity` is the suite's for
every importer, since adapters import it.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

PLACE = Path(__file__).resolve().parents[2]
SUITE = "parity"
SHARED = ("framework", "perf", "reports")
ASIDE: dict[str, ModuleType] = {}  # the suite's modules that gave way in this process for good


def elsewhere(name: str) -> ModuleSpec | None:
    """Return the module of this name that lies on the path but is not the suite's; None where there is none.

    A folder without __init__.py is one if it holds a file of Python.
    """
    entries = [entry for entry in sys.path if Path(entry).resolve() != PLACE]
    spec = PathFinder.find_spec(name, entries)
    if spec is None or spec.origin is not None:
        return spec
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    return spec if any(any(folder.glob("*.py")) for folder in folders) else None


class OwnFirst:
    """A finder for the library: of a name that it shares with the suite, its own module."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the library's own module; None for any other name, and below a package."""
        del target
        return elsewhere(name) if path is None and name in SHARED else None


def of_suite() -> dict[str, ModuleType]:
    """Return the modules that are loaded, by name; where the library has its own of a shared name, the suite's."""
    if not ASIDE:
        return dict(sys.modules)
    given = {module.partition(".")[0] for module in ASIDE}
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] not in given} | ASIDE


def shadowed() -> list[str]:
    """Return the shared names of which the library has a module of its own."""
    return [name for name in SHARED if elsewhere(name) is not None]


def set_aside(names: Sequence[str]) -> dict[str, ModuleType]:
    """Take the suite's modules of these names out of those that are loaded, and return them."""
    loaded = [module for module in sys.modules if module.partition(".")[0] in names]
    return {module: sys.modules.pop(module) for module in loaded}


def search_first(path: Path) -> None:
    """Put the folder of a file first among those that Python searches; the current one is searched too, at last."""
    folder, current = str(path.parent.resolve()), os.getcwd()
    if sys.path[:1] != [folder]:
        sys.path.insert(0, folder)
    if current not in sys.path:
        sys.path.append(current)


def make_room(file: str, needed: Sequence[str]) -> None:
    """Let the library that a file adapts find its own modules in this process, for good: also those of shared names.

    needed  modules of the suite that must be imported before, for then they could not find what they import
    """
    before = sys.path[:]
    sys.path.insert(0, os.getcwd())
    search_first(Path(file))
    names = shadowed()
    if names:
        with_theirs, sys.path[:] = sys.path[:], before
        for module in needed:
            import_module(module)
        sys.path[:] = with_theirs
        ASIDE.update(set_aside(names))
        sys.meta_path.insert(0, OwnFirst())


@contextmanager
def of_library() -> Iterator[None]:
    """Leave the shared names to what is imported meanwhile; afterwards they are the suite's again."""
    ours = set_aside(shadowed())
    sys.meta_path.insert(0, finder := OwnFirst())
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        set_aside(list({name.partition(".")[0] for name in ours}))
        sys.modules.update(ours)


def clash(error: BaseException) -> str:
    """Return both files where an exception is about a name of which the suite's module hides the library's own."""
    said = str(error)
    for name in (SUITE, *SHARED):
        own, ours = elsewhere(name), sys.modules.get(name)
        about = getattr(error, "name", None) or ""
        if own and ours and (about.partition(".")[0] == name or f"'{name}'" in said or f"'{name}." in said):
            where = own.origin or next(iter(own.submodule_search_locations or ()), name)
            return f"; {name} is {ours.__file__} here, which hides {where}: rename the library's"
    return ""
