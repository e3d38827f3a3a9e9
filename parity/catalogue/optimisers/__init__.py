"""The catalogue of optimisers: one page each, discovered in this folder.

Vocabulary  page, case (options, groups, rates), plain (what the options are where a case does not say)
Imports     torch.optim only

A new optimiser is a file of the framework (framework/optim), a page here, and a line of export; its rule and the faults
of its formula are in parity/trust/optimisers.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from parity.catalogue.optimisers.page import OptimiserPage


@cache
def optimisers() -> dict[str, OptimiserPage]:
    """Return every page of an optimiser by its name: each file here that defines PAGE."""
    found = (import_module(f"{__name__}.{entry.name}") for entry in iter_modules(__path__))
    entries = [entry.PAGE for entry in found if hasattr(entry, "PAGE")]
    return {page.module: page for page in sorted(entries, key=lambda page: page.module)}
