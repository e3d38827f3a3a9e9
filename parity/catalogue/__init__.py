"""The catalogue: one page a module, found by itself in this folder.

Vocabulary  page, case, refusal, timing
Imports     torch.nn only; nothing of the harness, and never the library under test
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from parity.catalogue.page import Page


@cache
def pages() -> dict[str, Page]:
    """Return every page by the name of its module: each file here that defines PAGE."""
    found = (import_module(f"{__name__}.{entry.name}") for entry in iter_modules(__path__))
    entries = [entry.PAGE for entry in found if hasattr(entry, "PAGE")]
    return {page.module: page for page in sorted(entries, key=lambda page: page.module)}
