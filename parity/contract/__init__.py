"""The contract: one check a file, each discovered in the folders here.

Vocabulary  check, trial, judgement
Imports     parity.verdict, and the adapter contract; never a subject, never the catalogue's pages
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import walk_packages

from parity.subjects.contract import traits
from parity.verdict.check import Check


def discovered() -> Mapping[str, Check]:
    """Return every check by its name, in the order of their cost: each file here that defines CHECK."""
    files = (import_module(entry.name) for entry in walk_packages(__path__, f"{__name__}."))
    checks = sorted(
        (file.CHECK for file in files if hasattr(file, "CHECK")), key=lambda check: (check.cost, check.name)
    )
    by_name = {check.name: check for check in checks}
    if len(by_name) != len(checks):
        raise ValueError(f"the names of the checks must be unique, were {[check.name for check in checks]}")
    return by_name


def checks_of(subject: object) -> dict[str, Check]:
    """Return the checks that a subject is asked: all but those for which it would have to say what it does not."""
    said = traits(subject)
    return {name: check for name, check in CHECKS.items() if not check.trait or getattr(said, check.trait)}


CHECKS = discovered()
ONE_CALL = [check for check in CHECKS.values() if check.one_call]
