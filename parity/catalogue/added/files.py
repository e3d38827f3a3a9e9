"""Files of pages: which there are, and what is in them."""

import difflib
import os
import shlex
import sys
import traceback
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from parity.catalogue.added.trying import fault
from parity.catalogue.page import Page

VARIABLE = "GRADPARITY_PAGES"  # tells the processes of a run which files there are; what --pages says replaces it
NAMES = ("PAGES", "PAGE")
IMPORTS = "a file of pages imports torch and parity.catalogue, and lies beside what else it needs"


def files() -> tuple[Path, ...]:
    """Return the files of pages of this run."""
    return tuple(Path(name) for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name)


def chosen(words: Sequence[str]) -> tuple[Path, ...]:
    """Return the files that words of a command line name: each word one file, or several with blanks between them.

    Raises ValueError, in one sentence, for what is no file of Python.
    """
    names = [name for word in words for name in ([word] if Path(word).is_file() else split(word))]
    if not names:
        raise ValueError("--pages must name a file of pages, was empty")
    for name in names:
        if Path(name).suffix != ".py" or not Path(name).is_file():
            beside = [str(path) for path in sorted(Path(name).parent.glob("*.py"))]
            near = difflib.get_close_matches(name, beside, 1)
            raise ValueError(
                f"--pages must name Python files that exist, was {name!r}"
                + (f"; did you mean {near[0]}?" if near else "")
            )
    found = tuple(dict.fromkeys(Path(name).resolve() for name in names))
    for path in found:
        if os.pathsep in str(path):
            raise ValueError(f"--pages must name files in whose paths there is no {os.pathsep!r}, was {str(path)!r}")
    return found


def split(word: str) -> list[str]:
    """Return the names in a word; raise ValueError where it has a quote that is not closed."""
    try:
        return shlex.split(word)
    except ValueError as error:
        raise ValueError(f"--pages must be files with blanks between them, was {word!r} ({error})") from None


def loaded(taken: Collection[str]) -> dict[str, Page]:
    """Return the pages of all files by the names of their modules; `taken` are those of the catalogue.

    Raises ValueError, in one sentence with file and line, for a file that cannot be imported or has no page, and for a
    page whose name is taken, or whose reference is none.
    """
    found: dict[str, Page] = {}
    for path in files():
        for page in pages_of(path):
            if page.module in taken or page.module in found:
                whose = "the catalogue" if page.module in taken else "another file, or this one,"
                said = f'{whose} has a page of {page.module} already; give yours another name: name="..."'
                raise ValueError(f"{page.source}: {said}")
            found[page.module] = page
    return found


def pages_of(path: Path) -> Iterator[Page]:
    """Yield the pages of a file, each with where it is written."""
    module = imported(path)
    given = next((getattr(module, name) for name in NAMES if hasattr(module, name)), None)
    if given is None:
        near = difflib.get_close_matches("PAGES", vars(module), 1, 0.5) or [
            n for n in vars(module) if n.upper() in NAMES
        ]
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"{path.name} must define PAGES, a list of pages, but does not{hint}")
    entries = given if isinstance(given, (list, tuple)) else [given]
    if not entries:
        raise ValueError(f"{path.name}: PAGES must hold a page, but is empty")
    for entry in entries:
        if not isinstance(entry, Page):
            named = getattr(entry, "__name__", repr(entry))
            said = f"PAGES must hold pages, but holds {named}; page_of({named}) makes one"
            raise ValueError(f"{path.name}, line {line_of(path, 'PAGES')}: {said}")
        page = replace(entry, source=entry.source or f"{path.name}, line {line_of(path, entry.module)}")
        if said := fault(page):
            raise ValueError(f"{page.source}: {said}")
        yield page


def line_of(path: Path, word: str) -> int:
    """Return the line of a file in which a word stands first; 1 where it stands nowhere."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if word in line), 1)


def imported(path: Path) -> ModuleType:
    """Import a file of pages under a name of its own; raise ValueError, in one sentence, where that fails."""
    name = f"gradparity_pages_{path.stem}_{zlib.crc32(str(path).encode())}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{VARIABLE} must name Python files, named {str(path)!r}")
    module = sys.modules[name] = module_from_spec(spec)  # so that a process can be given what it defines
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except OSError as error:
        raise ValueError(f"{path.name}: {error.strerror or error}") from error
    except (Exception, SystemExit) as error:  # whatever the file does when it is imported
        raise ValueError(in_words(error, path)) from error
    finally:
        sys.path.remove(str(path.parent))
    return module


def in_words(error: BaseException, path: Path) -> str:
    """Return an exception in one sentence, with the line of the file that raised it."""
    if isinstance(error, SyntaxError):
        name = Path(error.filename or path).name
        return f"{name}, line {error.lineno or 1}: it is no Python: {error.msg}"
    said = " ".join(str(error).split())
    if isinstance(error, ValueError) and said.startswith(f"{path.name}, line "):
        return said
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    hint = f"; {IMPORTS}" if isinstance(error, ImportError) else ""
    return f"{path.name}, line {lines[-1] if lines else 1}: {type(error).__name__}: {said}{hint}"
