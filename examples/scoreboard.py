"""The page of the scoreboard: what the suite says of every module of every library of examples/adapters."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from parity.catalogue import written
from reports.columns import RIGHT, Column, table

IS_RIGHT, IS_WRONG, CONVENTION = "right", "**wrong**", "convention"
HEAD = """# Scoreboard

What the suite says of published libraries, by module. `python -m parity findings --pages` writes this page from
`examples/adapters/findings.json`; [findings.md](findings.md) tells each defect, how it was confirmed, and how a library
is run again.

- **right**: every value that was compared, of output and gradients, in every regime and option that the adapter offers.
- **wrong**: some value is not, or a case ends in an error of the library, which may also be an option or a rank that it
  lacks. findings.md tells the defects, and what is none.
- **convention**: another choice than torch's where there is more than one, such as at a kink or for nan.
- empty: not offered by the adapter, for most because the library has no such module. Networks are put together of a
  library's own layers.

"""
Entry = tuple[str, Mapping[str, Any]]  # of an adapter, by its name


def outside(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of libraries that are not ours."""
    return {name: entry for name, entry in entries.items() if entry["distribution"]}


def word(entry: Mapping[str, Any], module: str) -> str:
    """Return what the suite says of a module of a library; empty where none was compared."""
    if module in entry["wrong modules"]:
        return IS_WRONG
    if module in entry["right modules"]:
        return IS_RIGHT
    return CONVENTION if module in entry["convention modules"] else ""


def summary(entries: Mapping[str, Any]) -> str:
    """Return the libraries, one a line, with how many of their modules are right, wrong, or of another convention."""

    def of(key: str) -> Callable[[Entry], str]:
        return lambda one: str(len(one[1][key]))

    columns = (
        Column[Entry]("library", lambda one: f"{one[1]['distribution']} {one[1]['version']}"),
        Column[Entry]("adapter", lambda one: one[0]),
        Column[Entry]("right", of("right modules"), RIGHT),
        Column[Entry]("wrong", of("wrong modules"), RIGHT),
        Column[Entry]("convention", of("convention modules"), RIGHT),
    )
    return table(columns, sorted(entries.items()))


def page(entries: Mapping[str, Any]) -> str:
    """Return the page: the libraries, then a grid of modules and libraries."""
    others = dict(sorted(outside(entries).items()))
    modules = [module for module in sorted(written()) if any(word(entry, module) for entry in others.values())]
    columns = [Column[str]("module", lambda module: module)]
    columns += [Column[str](entry["distribution"], partial(word, entry)) for entry in others.values()]
    return f"{HEAD}{summary(others)}\n\n## By module\n\n{table(columns, modules)}\n"
