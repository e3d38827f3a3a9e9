"""Mutants: faults planted in the framework's built modules, each of which the harness must catch.

Vocabulary  mutant, fault, cause, family
"""

from functools import cache

from parity.catalogue import pages
from parity.trust.mutants.behaviour.promises import in_contract
from parity.trust.mutants.operators import tables as operators
from parity.trust.mutants.specific import convolutions, dense, elementwise, losses, networks
from parity.trust.planted import Mutant


@cache
def catalogue() -> dict[str, Mutant]:
    """Return every mutant by its id, sorted by module."""
    rooms = (convolutions, dense, elementwise, losses, networks, operators)
    found = [mutant for room in rooms for mutant in room.mutants()]
    found += [mutant for module in pages() for mutant in in_contract(module)]
    by_id = {mutant.id: mutant for mutant in sorted(found, key=lambda mutant: mutant.module)}
    if len(by_id) != len(found):
        raise ValueError("the ids of the mutants must be unique")
    return by_id


def of_module(module: str) -> list[Mutant]:
    """Return the mutants of one module."""
    return [mutant for mutant in catalogue().values() if mutant.module == module]


def find(identity: str) -> Mutant:
    """Return the mutant of this id; raise KeyError for one that is not in the catalogue."""
    return catalogue()[identity]
