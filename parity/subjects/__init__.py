"""Subjects: the libraries under test, each behind a small adapter.

Vocabulary  subject, adapter, built module, unsupported, isolated
Imports     the adapter of a library imports that library; nothing else in the harness does
"""

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from parity.catalogue import written
from parity.subjects import mistakes, names
from parity.subjects.contract import Subject

NO_SUBJECTS = ("contract", "inventory", "mistakes", "names")


def known() -> list[str]:
    """Return the names of the subjects that come with the suite: the files here, without those that are none."""
    return [entry.name for entry in iter_modules(__path__) if not entry.ispkg and entry.name not in NO_SUBJECTS]


def from_file(path: Path) -> ModuleType:
    """Import a file as Python runs a script: with its own folder first among those that are searched."""
    spec = spec_from_file_location(f"subject_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"subject {path} must be a Python file")
    module = module_from_spec(spec)
    sys.modules[module.__name__] = module  # so that what it defines can be pickled
    names.search_first(path)
    with names.of_library():
        spec.loader.exec_module(module)
    return module


def is_file(name: str) -> bool:
    """Return whether a subject is named by its file."""
    return name not in known() and Path(name).suffix == ".py" and Path(name).is_file()


def unknown(name: str) -> str:
    """Return what is wrong with a name of no subject, with the nearest name of one, or of a file beside it."""
    said = f"subject must be one of {', '.join(known())} or a Python file that exists, was {name!r}"
    path = Path(name)
    folder = path if path.is_dir() else path.parent
    files = sorted(file.name for file in folder.glob("*.py")) if folder.is_dir() else []
    if path.is_dir():
        adapters = [file for file in files if "adapter" in file] or files
        return f"{said}, a folder; name a file in it" + (f", such as {path / adapters[0]}" if adapters else "")
    found = mistakes.nearest(path.name, [*known(), *files]) if name else ""
    return said + (f"; did you mean {found if found in known() else path.with_name(found)}?" if found else "")


def load(name: str) -> Subject:
    """Return the subject of this name, or the one that the Python file `name` defines as `subject`, in this process.

    Raises ValueError, in one sentence, for a name that is neither, or a file without one or that cannot be imported.
    """
    if name in known():
        module = import_module(f"{__name__}.{name}")
    elif is_file(name):
        written()  # the pages that a user added come before the library, which may change torch's settings
        try:
            module = from_file(Path(name))
        except Exception as error:  # whatever the file does when it is imported
            said = mistakes.of_import(error, name)
            raise ValueError(f"subject {name} could not be loaded: {said}") from error
    else:
        raise ValueError(unknown(name))
    if not hasattr(module, "subject"):
        hint = mistakes.near("subject", vars(module))
        raise ValueError(f"subject {name} must define a variable named subject, but does not{hint}")
    subject: Subject = module.subject
    for trait in ("name", "explains", "build"):
        if not hasattr(subject, trait):
            raise ValueError(
                f"subject {name}: its variable subject must have {trait}, but {type(subject).__name__} does not"
            )
    return subject
