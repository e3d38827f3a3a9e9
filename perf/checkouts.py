"""Another commit of this project beside this one: its framework in the same process, under the same adapter's terms."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from parity import subjects
from parity.subjects.contract import Subject

PACKAGE, ADAPTER = "framework", Path(subjects.__file__).with_name("framework.py")


def git(*words: str) -> str:
    """Return what git prints; raise ValueError with its words where it fails."""
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"git {words[0]}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return done.stdout.strip()


def commit_of(revision: str) -> str:
    """Return the commit of a revision; raise ValueError that names one which git does not know."""
    git("rev-parse", "--git-dir")  # where there is no repository, git says so itself
    try:
        return git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except ValueError as error:
        raise ValueError(f"BASE must be a commit, branch or tag; git does not know {revision!r}") from error


@contextmanager
def worktree(revision: str) -> Iterator[Path]:
    """Check `revision` out into a temporary folder, and take it away again; raise ValueError for an unknown one."""
    commit = commit_of(revision)
    with TemporaryDirectory(prefix="gradparity-") as folder:
        place = Path(folder) / "base"
        git("worktree", "add", "--detach", str(place), commit)
        try:
            yield place
        finally:
            git("worktree", "remove", "--force", str(place))


def taken_out() -> dict[str, ModuleType]:
    """Take the package's modules out of the interpreter, and return them."""
    names = [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]
    return {name: sys.modules.pop(name) for name in names}


def subject_at(place: Path, name: str) -> Subject:
    """Return the framework of the checkout at `place` as a subject, through the adapter of this checkout.

    Its modules are imported while those of this checkout are set aside, which then return: each side keeps its own.
    Raises ValueError where the checkout has no framework.
    """
    if not (place / PACKAGE / "__init__.py").is_file():
        raise ValueError(f"{name} has no package {PACKAGE}, so there is nothing to compare with")
    ours = taken_out()
    sys.path.insert(0, str(place))
    try:
        importlib.invalidate_caches()
        importlib.import_module(PACKAGE)
        spec = spec_from_file_location(f"adapter_of_{name}", ADAPTER)
        if spec is None or spec.loader is None:
            raise ValueError(f"{ADAPTER} cannot be imported")
        adapter = module_from_spec(spec)
        spec.loader.exec_module(adapter)
        subject: Subject = adapter.subject
        return subject
    finally:
        sys.path.remove(str(place))
        taken_out()
        sys.modules.update(ours)
