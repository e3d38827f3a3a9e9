"""The catalogue: one page a module, each discovered in this folder.

Vocabulary  page, case, space (of options), plan, refusal, timing; added page (of a user's own file)
Imports     torch.nn only; nothing of the harness, and never the library under test
"""

import os
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from parity.catalogue import added
from parity.catalogue import operators as _operators
from parity.catalogue.added import page_of as page_of
from parity.catalogue.page import Page
from parity.catalogue.planning import whole


@cache
def own() -> dict[str, Page]:
    """Return every page of the suite's own, by the name of its module: each file here that defines PAGE."""
    found = (import_module(f"{__name__}.{entry.name}") for entry in iter_modules(__path__))
    entries = [entry.PAGE for entry in found if hasattr(entry, "PAGE")]
    return {page.module: page for page in sorted(entries, key=lambda page: page.module)}


@cache
def written() -> dict[str, Page]:
    """Return every page as it is written: the suite's own, then those that the user added in files.

    Raises ValueError, in one sentence with file and line, for a file of pages that is wrong.
    """
    from parity.catalogue.optimisers import optimisers  # whose pages are no modules

    return own() | added.loaded({*own(), *operators(), *optimisers()}) if added.files() else own()


def add(words: Sequence[str] | None) -> None:
    """Add the pages of the files that words of a command line name, here and in all processes that this one starts.

    None leaves those that the variable GRADPARITY_PAGES names. Raises ValueError, in one sentence, for a file that is
    none or is wrong.
    """
    if words is not None:
        os.environ[added.VARIABLE] = os.pathsep.join(map(str, added.chosen(words)))
        written.cache_clear()
        pages.cache_clear()
    written()


@cache
def pages() -> dict[str, Page]:
    """Return every page by the name of its module, with the cases for a subject that has everything."""
    return {name: whole(page) for name, page in written().items()}


@cache
def operators() -> dict[str, Page]:
    """Return every page of an operator: those in the PAGES of each file in the folder operators."""
    package = _operators
    modules = (import_module(f"{package.__name__}.{entry.name}") for entry in iter_modules(package.__path__))
    entries = [page for entry in modules for page in getattr(entry, "PAGES", ())]
    return {page.module: page for page in sorted(entries, key=lambda page: page.module)}


def offered(with_operators: bool) -> dict[str, Page]:
    """Return the pages that a subject is asked for: the modules, and the operators if it says that it has them."""
    return pages() | (operators() if with_operators else {})
