"""Mutants: faults planted in the built modules of a right subject, each of which the harness must catch.

Vocabulary  mutant, fault, cause, family
families    what may be wrong in any module: planted in every page of the catalogue, with no entry anywhere
behaviour   promises that a module may break; its page says which it makes
operators   what may be wrong in the operators of a tape
specific    a file for what only some modules can get wrong; a module without parameters needs none
"""

from collections import Counter
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from parity.catalogue import pages
from parity.trust.mutants import operators, specific
from parity.trust.mutants.behaviour.promises import in_contract
from parity.trust.mutants.families.tables import in_values, parameters
from parity.trust.planted import Mutant


def of_files() -> list[Mutant]:
    """Return the mutants of the files in the folder specific."""
    files = (import_module(f"{specific.__name__}.{entry.name}") for entry in iter_modules(specific.__path__))
    return [mutant for file in files for mutant in file.mutants()]


@cache
def catalogue() -> dict[str, Mutant]:
    """Return every mutant by its id, sorted by module."""
    everywhere = [mutant for page in pages().values() for mutant in (*in_values(page), *in_contract(page))]
    planted = [*everywhere, *operators.mutants(), *of_files()]
    by_id = {mutant.id: mutant for mutant in sorted(planted, key=lambda mutant: mutant.module)}
    if len(by_id) != len(planted):
        twice = [identity for identity, count in Counter(mutant.id for mutant in planted).items() if count > 1]
        raise ValueError(f"the ids of the mutants must be unique, but twice there is {', '.join(twice)}")
    return by_id


def specific_of_module() -> dict[str, int]:
    """Return how many mutants each module has of its own, beside those of the families."""
    counts = Counter(mutant.module for mutant in of_files())
    return {module: counts[module] for module in pages()}


def lacking() -> list[str]:
    """Return the modules that have parameters but no fault of their own: the families do not know their formulas."""
    own = specific_of_module()
    return [module for module, page in pages().items() if parameters(page) and not own[module]]


def of_module(module: str) -> list[Mutant]:
    """Return the mutants of one module."""
    return [mutant for mutant in catalogue().values() if mutant.module == module]


def find(identity: str) -> Mutant:
    """Return the mutant of this id; raise KeyError for one that is not in the catalogue."""
    return catalogue()[identity]
