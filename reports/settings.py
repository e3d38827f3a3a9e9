"""Defaults that a repository sets for its runs: gradparity.toml, or the table [tool.gradparity] of pyproject.toml.

The file is that of the current folder, or of the nearest folder above it that has one. A setting becomes the option
of a command that has this option, unless the command line gives it too.
"""

import difflib
import os
import shlex
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OWN, SHARED, TABLE = "gradparity.toml", "pyproject.toml", "gradparity"
Reader = Callable[[Any, Path], list[str] | None]  # of a value and the folder of its file; TypeError for another kind


def text(value: Any, _: Path) -> list[str]:
    return [typed(value, str)]


def whole(value: Any, _: Path) -> list[str]:
    return [str(typed(value, int))]


def number(value: Any, _: Path) -> list[str]:
    return [str(value if type(value) is int else typed(value, float))]


def path(value: Any, folder: Path) -> list[str]:
    return [os.path.relpath(folder / typed(value, str))]


def flag(value: Any, _: Path) -> list[str] | None:
    """Return no word for an option that is set, None for one that is not."""
    return [] if typed(value, bool) else None


def names(value: Any, _: Path) -> list[str]:
    """Return one word for one name or several."""
    return [",".join(typed(name, str) for name in (value if isinstance(value, list) else [value]))]


def jobs(value: Any, _: Path) -> list[str]:
    return [value if value == "auto" else str(typed(value, int))]


def subjects(value: Any, folder: Path) -> list[str]:
    """Return one word for one subject or several; files are found from the folder, and must exist."""
    words = [typed(word, str) for word in (value if isinstance(value, list) else [value])]
    files = [word for word in words if word.endswith(".py")]
    for file in files:
        if not (folder / file).is_file():
            raise ValueError(f"must name a file that exists, was {file!r}")
    words = [os.path.relpath(folder / word) if word in files else word for word in words]
    return words if len(words) == 1 else [shlex.join(words)]


def files(value: Any, folder: Path) -> list[str]:
    """Return one word for one file of Python or several; they are found from the folder, and must exist."""
    for word in (names := [typed(word, str) for word in (value if isinstance(value, list) else [value])]):
        if not word.endswith(".py"):
            raise ValueError(f"must name files of Python, was {word!r}")
    return subjects(names, folder)


def typed(value: Any, kind: type) -> Any:
    """Return the value; raise TypeError where it is not of this very kind: True is no number."""
    if type(value) is not kind:
        raise TypeError
    return value


@dataclass(frozen=True)
class Default:
    """A key of the file: the option that it becomes, how its value is read, and what the value must be."""

    option: str
    read: Reader
    wanted: str


A_TEXT, A_NUMBER, A_WHOLE, A_FLAG = "a text", "a number", "a whole number", "true or false"
SETTINGS = {
    "subject": Default("--subject", subjects, "the name or file of a subject, or a list of them"),
    "modules": Default("--module", names, "the name of a module, or a list of names"),
    "case": Default("--case", text, A_TEXT),
    "check": Default("--check", text, A_TEXT),
    "dtype": Default("--dtype", text, A_TEXT),
    "device": Default("--device", text, A_TEXT),
    "pages": Default("--pages", files, "the file of pages, or a list of them"),
    "seed": Default("--seed", whole, A_WHOLE),
    "runs": Default("--runs", whole, A_WHOLE),
    "jobs": Default("-n", jobs, 'a whole number or "auto"'),
    "in-process": Default("--in-process", flag, A_FLAG),
    "cell-seconds": Default("--cell-seconds", number, A_NUMBER),
    "cell-memory": Default("--cell-memory", number, A_NUMBER),
    "gate": Default("--gate", number, A_NUMBER),
    "require": Default("--require", names, "the name of a module, or a list of names"),
    "at-least": Default("--at-least", whole, A_WHOLE),
    "fail-on": Default("--fail-on", names, "numbers, behaviour or conventions, or a list of them"),
    "out": Default("--out", path, "the path of a folder"),
    "summary": Default("--summary", path, "the path of a file"),
}
# A part of a run is not held to what is asked of the whole: those of the file give way to these of the command line.
OF_WHOLE, NARROWS = ("require", "at-least"), ("--module", "--case", "--check", "--dtype", "--quick", "-k")
OF_PYTEST = {"-n": "--numprocesses"}  # options that the commands which pass words on take without declaring them


def words(given: Collection[str], declared: Collection[str], passes_on: bool) -> list[str]:
    """Return the words that the file adds to a command line.

    given      the options that the command line names
    declared   those that the command has
    passes_on  whether it takes those of pytest too
    Raises ValueError, in one sentence with the file's name, for a key or a value that means nothing.
    """
    found = file(Path.cwd())
    if found is None:
        return []
    source, table = found
    added = []
    for key, value in table.items():
        setting = known(source, key)
        option, said = setting.option, read(source, key, setting, value)
        if key in OF_WHOLE and any(names_option(word, narrow) for word in given for narrow in NARROWS):
            continue
        has = option in declared or (passes_on and option in OF_PYTEST)
        if has and not any(names_option(word, option) for word in given):
            added += [] if said is None else [option, *said]
    return added


def names_option(word: str, option: str) -> bool:
    """Return whether an option of the command line is this one; a short one may hold its value."""
    return word == option or word == OF_PYTEST.get(option) or (option in OF_PYTEST and word.startswith(option))


def known(source: Path, key: str) -> Default:
    if key not in SETTINGS:
        near = difflib.get_close_matches(key.replace("_", "-"), SETTINGS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(SETTINGS)}"
        raise ValueError(f"{source}: there is no setting {key}; {hint}")
    return SETTINGS[key]


def read(source: Path, key: str, setting: Default, value: Any) -> list[str] | None:
    try:
        return setting.read(value, source.parent)
    except TypeError:
        raise ValueError(f"{source}: {key} must be {setting.wanted}, was {value!r}") from None
    except ValueError as error:
        raise ValueError(f"{source}: {key} {error}") from None


def file(folder: Path) -> tuple[Path, Mapping[str, Any]] | None:
    """Return the file of settings of a folder or of the nearest above it, and its table; None where none has one.

    Raises ValueError where a folder has two, or its file cannot be read.
    """
    for place in (folder, *folder.parents):
        own = place / OWN
        of_own = parsed(own) if own.is_file() else None
        of_shared = table_of(place / SHARED)
        if of_own is not None and of_shared is not None:
            raise ValueError(f"{place} has settings in {OWN} and in [tool.{TABLE}] of {SHARED}; keep one of them")
        if of_own is not None:
            return own, of_own
        if of_shared is not None:
            return place / SHARED, of_shared
    return None


def table_of(shared: Path) -> Mapping[str, Any] | None:
    """Return the suite's table of a pyproject.toml; None where it has none, and of one that does not speak of it."""
    if not shared.is_file() or TABLE.encode() not in shared.read_bytes():
        return None
    table = parsed(shared).get("tool", {}).get(TABLE)
    if table is None or isinstance(table, dict):
        return table
    raise ValueError(f"{shared}: [tool.{TABLE}] must be a table")


def parsed(source: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{source}: it is no TOML: {error}") from None
