"""The contract: one check a file, each discovered in the folders here.

Vocabulary  check, trial, judgement
Imports     parity.verdict; never a subject, never the catalogue's pages
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import walk_packages

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


CHECKS = discovered()
ONE_CALL = [check for check in CHECKS.values() if check.one_call]
