"""The scoreboard: what the suite says of every module of every library of examples/adapters, and its page."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from parity.catalogue import written
from parity.verdict.compare import NUMBERS_ARE_RIGHT
from reports.columns import RIGHT, Column, table
from reports.record import CONVENTIONS

WRONG, STOPS, DTYPE, CONVENTION, IS_RIGHT = "wrong", "stops", "dtype", "convention", "right"
WORDS = (WRONG, STOPS, DTYPE, CONVENTION, IS_RIGHT)  # of a module, the gravest first
HEAD = """# Scoreboard

What the suite says of published libraries, by module. `python -m parity findings --pages` writes this page from
`examples/adapters/findings.json`; [findings.md](findings.md) tells each defect, how it was confirmed, and how a library
is run again. Of what holds of a module the first is said:

- **wrong**: a value was compared and refuted, or has another shape than torch's, or a gradient is missing.
- **stops**: no value is refuted, but some case ends in an error: of the library, or for an option or a rank that it
  lacks and its adapter does not declare. findings.md tells which of these are defects.
- **dtype**: every number is right, but some come in another dtype than the input's.
- **convention**: another choice than torch's where there is more than one, such as at a kink or for nan.
- **right**: every value that was compared, of output and gradients, in every regime and option that the adapter offers.
- empty: not offered by the adapter, for most because the library has no such module. Networks are put together of a
  library's own layers.

"""
Library = Mapping[str, Any]  # distribution, version, the names of its adapters, and the word of each module


def said(record: Mapping[str, Any]) -> str:
    """Return the word that one record of values has for its module; empty if it compared nothing."""
    if record["verdict"] == "fail":
        if record["aspect"] == CONVENTIONS:
            return CONVENTION
        return DTYPE if record["detail"].endswith(NUMBERS_ARE_RIGHT) else WRONG
    return {"error": STOPS, "pass": IS_RIGHT, "same-route": IS_RIGHT}.get(record["verdict"], "")


def words(records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the gravest word of each module of which a value was compared, or a case ended in an error."""
    found: dict[str, set[str]] = {}
    for record in records:
        found.setdefault(record["module"], set()).add(said(record))
    gravest = {module: next((word for word in WORDS if word in found[module]), "") for module in sorted(found)}
    return {module: word for module, word in gravest.items() if word}


def libraries(entries: Mapping[str, Any]) -> list[Library]:
    """Return the libraries that are not ours, with what the adapters of each say; no module may be in two of them."""
    found: dict[str, dict[str, Any]] = {}
    for name, entry in sorted(entries.items()):
        if distribution := entry["distribution"]:
            plain = {"distribution": distribution, "version": entry["version"], "adapters": [], "modules": {}}
            library = found.setdefault(distribution, plain)
            if twice := library["modules"].keys() & entry["modules"].keys():
                raise ValueError(f"{' and '.join((*library['adapters'], name))} both offer {', '.join(sorted(twice))}")
            library["adapters"].append(name)
            library["modules"] |= entry["modules"]
    return list(found.values())


def shown(library: Library, module: str) -> str:
    """Return what the page says of a module of a library; empty where none was compared."""
    word: str = library["modules"].get(module, "")
    return f"**{word}**" if word == WRONG else word


def summary(rows: Iterable[Library]) -> str:
    """Return the libraries, one a line, with how many of their modules have each word."""

    def of(word: str) -> Callable[[Library], str]:
        return lambda one: str(list(one["modules"].values()).count(word))

    columns = (
        Column[Library]("library", lambda one: f"{one['distribution']} {one['version']}"),
        Column[Library]("adapters", lambda one: ", ".join(one["adapters"])),
        *(Column[Library](word, of(word), RIGHT) for word in reversed(WORDS)),
    )
    return table(columns, rows)


def page(entries: Mapping[str, Any]) -> str:
    """Return the page: the libraries, then a grid of modules and libraries."""
    rows = libraries(entries)
    modules = [module for module in sorted(written()) if any(shown(library, module) for library in rows)]
    columns = [Column[str]("module", lambda module: module)]
    columns += [Column[str](library["distribution"], partial(shown, library)) for library in rows]
    return f"{HEAD}{summary(rows)}\n\n## By module\n\n{table(columns, modules)}\n"
