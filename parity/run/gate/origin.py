"""Where a library comes from: its commit, or its version; and those of this suite."""

import os
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

SUITE = "gradparity"
INSTALLED = {"site-packages", "dist-packages"}
HERE = Path(__file__).resolve()
Package = tuple[str, str, str]  # name, file, version or nothing


def git(folder: Path, *words: str) -> str | None:
    """Return what git prints of a folder, without the last newline; None where it cannot say."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def commit_at(path: Path) -> str:
    """Return the commit of the checkout that a file or a folder is of, with a plus if it was changed since.

    Empty outside git, and for what git ignores there: it is of no commit.
    """
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir() or git(folder, "check-ignore", str(path)) is not None:
        return ""
    described = git(folder, "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*") or ""
    is_new = described and not git(folder, "ls-files", "--", str(path))
    return f"{described}+" if is_new and not described.endswith("+") else described


def of_suite() -> str:
    """Return the commit of this checkout, with a plus if it was changed; the version of an installed suite.

    For a copy of a checkout on a machine that has another history, or none, the variable GRADPARITY_COMMIT names it.
    """
    if named := os.environ.get("GRADPARITY_COMMIT"):
        return named
    return released(SUITE) if INSTALLED & set(HERE.parts) else commit_at(HERE)


def of_library(source: str, packages: Sequence[Package]) -> str:
    """Return the commit of a library, or its version, each package with its name where there are several.

    source    the file of its adapter, which stands for the library where no package is known; empty: of the suite
    packages  those that the adapter uses, as the inventory tells them
    """
    if not source:
        return of_suite()
    adapter = Path(source).resolve()
    others = [one for one in packages if one[1] and Path(one[1]).resolve() != adapter]
    found = {name: of_package(Path(file).resolve(), name, told) for name, file, told in others}
    if not any(found.values()):
        return commit_at(adapter)
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return ", ".join(f"{name} {at or 'of no commit'}" for name, at in found.items())


def of_package(file: Path, name: str, told: str) -> str:
    """Return the commit of one package; of an installed one, or one outside git, its version."""
    commit = "" if INSTALLED & set(file.parts) else commit_at(file)
    if commit:
        return commit
    installed = packages_distributions().get(name, [])
    said = told or (released(installed[0]) if installed else "")
    return f"version {said}" if said else ""


def released(name: str) -> str:
    """Return the version of an installed distribution; empty where there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
