"""Subjects: the libraries under test, each behind a small adapter.

Vocabulary  subject, adapter, built module, unsupported
Imports     the adapter of a library imports that library; nothing else in the harness does
"""

from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from parity.subjects.contract import Subject


def known() -> list[str]:
    """Return the names of the subjects that come with the suite."""
    return [entry.name for entry in iter_modules(__path__) if entry.name != "contract"]


def from_file(path: Path) -> ModuleType:
    spec = spec_from_file_location(f"subject_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"subject {path} must be a Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(name: str) -> Subject:
    """Return the subject of this name, or the one that the Python file `name` defines as `subject`.

    Raises ValueError, in one sentence, for a name that is neither, or a file without one.
    """
    path = Path(name)
    if name in known():
        module = import_module(f"{__name__}.{name}")
    elif path.suffix == ".py" and path.is_file():
        module = from_file(path)
    else:
        raise ValueError(f"subject must be one of {', '.join(known())} or a Python file that exists, was {name!r}")
    if not hasattr(module, "subject"):
        raise ValueError(f"subject {name} must define a variable named subject, but does not")
    found: Subject = module.subject
    return found
