"""What is wrong with an adapter, in one sentence: the line of its file, what was looked for, and the nearest name."""

import difflib
import inspect
import linecache
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from parity.subjects.names import PLACE, clash

SUITE = str(PLACE / "parity")
ADAPTERS = str(Path(__file__).with_name("adapters"))
MOST_NAMES = 8  # that a sentence lists
MOST_FOLDERS = 2  # of those that Python searches, in which a module of nearly the same name is looked for
ALIKE = 0.8  # of two names of modules, that one may be a slip for the other: many are loaded
ARGUMENT = re.compile(r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'")
MOST_LINES = 60  # after the call of an adapter in which a word of it is looked for


class Miswritten(ValueError):  # noqa: N818 - of an adapter, not of the library
    """Raised where the adapter itself is wrong; says where, and what was looked for, in one sentence."""


class Absent(Miswritten):
    """Raised where nothing is at the place that the adapter names; a gradient may be absent before a backward."""


@dataclass(frozen=True)
class Written:
    """Where a part of an adapter is written: the call that made it."""

    file: str = ""
    line: int = 0

    @classmethod
    def here(cls) -> "Written":
        """Return the nearest caller outside this folder."""
        frame = sys._getframe(1)
        while frame.f_back and (frame.f_code.co_filename.startswith((ADAPTERS, "<"))):
            frame = frame.f_back
        return cls(frame.f_code.co_filename, frame.f_lineno)

    def at(self, *words: str) -> str:
        """Return the file and line of the first of the words that stands in the call or after it, else of the call."""
        lines = linecache.getlines(self.file)[self.line - 1 : self.line - 1 + MOST_LINES] if self.line else []
        for word in words:
            for number, text in enumerate(lines, self.line):
                if f'"{word}"' in text or f"'{word}'" in text or f"{word}=" in text:
                    return f"{Path(self.file).name}, line {number}"
        return f"{Path(self.file).name}, line {self.line}" if self.line else "the adapter"

    def wrong(self, said: str, *words: str) -> Miswritten:
        """Return the exception that says what is wrong here."""
        return Miswritten(f"{self.at(*words)}: {said}")


def near(word: str, names: Iterable[str]) -> str:
    """Return a hint at the name that is nearest to a word; empty where none is near."""
    name = nearest(word, names)
    return f"; did you mean {name}?" if name and name != word else ""


def nearest(word: str, names: Iterable[str]) -> str:
    """Return the name nearest to a word: in other capitals, of like letters, or a part of it; empty for none."""
    found = [name for name in names if isinstance(name, str)]
    alike = [name for name in found if name.lower() == word.lower()] or difflib.get_close_matches(word, found, 1, 0.6)
    alike = alike or [name for name in found if min(len(name), len(word)) > 2 and (name in word or word in name)]
    return alike[0] if alike else ""


def names_of(thing: Any) -> list[str]:
    """Return the names that a user may reach in a thing: the keys of a mapping, or the public attributes."""
    if isinstance(thing, Mapping):
        return [str(key) for key in thing]
    own = [name for name in getattr(thing, "__dict__", {}) if not name.startswith("_")]
    return own + [name for name in dir(thing) if not name.startswith("_") and name not in own]


def listed(thing: Any) -> str:
    """Return what a thing has, in words: the names of its own, not those of its class."""
    own = [str(key) for key in (thing if isinstance(thing, Mapping) else getattr(thing, "__dict__", {}))]
    shown = ", ".join(own[:MOST_NAMES]) + (" ..." if len(own) > MOST_NAMES else "")
    return f"; it has {shown}" if own else ""


def kind(thing: Any) -> str:
    """Return what a thing is called in a sentence."""
    if isinstance(thing, Mapping):
        return "the dictionary"
    return f"module {thing.__name__}" if isinstance(thing, ModuleType) else type(thing).__name__


def hint(error: BaseException) -> str:
    """Return the nearest name to the one that an exception did not find, or where what it did not find lies."""
    if hidden := clash(error):
        return hidden
    if isinstance(error, AttributeError) and error.name:
        called = "; it can be called: forward=lambda layer, *inputs: layer(*inputs)" if callable(error.obj) else ""
        return near(error.name, names_of(error.obj)) or (called if error.name == "forward" else "")
    frame = innermost(error)
    if isinstance(error, TypeError) and frame:
        return near_argument(error, {**frame.f_globals, **frame.f_locals})
    if isinstance(error, NameError) and error.name and frame:
        ready = hasattr(sys.modules.get("parity.subjects.adapters"), error.name)
        import_it = f"; import it: from parity.subjects.adapters import {error.name}" if ready else ""
        return import_it or near(error.name, [*frame.f_locals, *frame.f_globals])
    if isinstance(error, KeyError) and frame and error.args and isinstance(error.args[0], str):
        known = [value for value in frame.f_locals.values() if isinstance(value, Mapping)]
        return next(filter(None, (near(error.args[0], map(str, value)) for value in known)), "")
    return near_import(error) if isinstance(error, ImportError) else ""


def near_argument(error: TypeError, known: Mapping[str, Any]) -> str:
    """Return the nearest argument to one that a function does not take, of the functions that are known by name."""
    strange = ARGUMENT.match(str(error))
    called = known.get(strange[1]) if strange else None
    if strange is None or not callable(called) or "Did you mean" in str(error):
        return ""
    with suppress(TypeError, ValueError):  # of what shows no signature
        return near(strange[2], inspect.signature(called).parameters)
    return ""


def near_import(error: ImportError) -> str:
    """Return the nearest name in the module that has it not, or the nearest module where that is not found."""
    missing = re.match(r"cannot import name '(\w+)'", str(error))
    if missing and error.name in sys.modules:
        return near(missing[1], dir(sys.modules[error.name]))
    if isinstance(error, ModuleNotFoundError) and error.name and (place := lies(error.name.partition(".")[0])):
        return f"; {error.name} lies in {place}: put the adapter there, or set PYTHONPATH={place}"
    folders = [Path(folder) for folder in sys.path[:MOST_FOLDERS]]
    files = [entry.stem for folder in folders if folder.is_dir() for entry in folder.glob("*.py")]
    loaded = (name for name in sys.modules if "." not in name)
    found = near(error.name or "", difflib.get_close_matches(error.name or "", [*files, *loaded], 1, ALIKE))
    sought = f"; it is looked for beside the adapter, in {folders[0]}, and among what is installed"
    return found or (sought if isinstance(error, ModuleNotFoundError) else "")


def lies(name: str) -> str:
    """Return the folder near the adapter or the current one in which a module lies; empty where none has it."""
    places = [Path(sys.path[0]), Path.cwd()]
    near_them = [base for place in places for base in (place, *place.parents[:2])]
    folders = dict.fromkeys(base / part for base in near_them for part in ("", "src"))
    has = (folder for folder in folders if (folder / f"{name}.py").is_file() or any((folder / name).glob("*.py")))
    return str(next(has, ""))


def innermost(error: BaseException) -> FrameType | None:
    """Return the frame in which an exception was raised."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    return last.tb_frame if last else None


def in_words(error: BaseException) -> str:
    """Return an exception in one line, with the nearest name where one was not found."""
    said = " ".join(str(error).split()) or "without a message"
    suggestion = hint(error)
    return (
        f"{type(error).__name__}: {said.rstrip('.')}{suggestion}" if suggestion else f"{type(error).__name__}: {said}"
    )


def own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames of an exception that are not of an installed package, unless it is the suite."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if "site-packages" not in frame.filename or frame.filename.startswith(SUITE)]


def of_adapter(error: BaseException, written: Written, module: str = "") -> str:
    """Return what is wrong with the adapter, if the exception is its own doing; empty where it is the library's.

    It is the adapter's where it was raised in the adapter's own function, or in the call that the adapter asks for.
    """
    if isinstance(error, Miswritten):
        return " ".join(str(error).split())
    frames = own_frames(error)
    if not frames:
        return ""
    last = frames[-1]
    if last.filename == written.file and not of_method(error):
        return f"{Path(last.filename).name}, line {last.lineno}: {in_words(error)}"
    calls = isinstance(error, (AttributeError, TypeError)) and last.filename.startswith(ADAPTERS)
    return f"{written.at(module, 'forward', 'backward', 'places')}: {in_words(error)}" if calls else ""


def named(error: BaseException, written: Written) -> bool:
    """Return whether the adapter's own words are at fault: its own line raised, or a name is nearly another."""
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].filename == written.file or "did you mean" in f"{error}{hint(error)}"


def alike(said: str, module: str) -> str:
    """Return a sentence on a mistake without what is of one module, or of the library's class for it."""
    return re.sub(r"'\w+' object|\b\w+(?=\.\w+\(\))", "", said.replace(f" {module}: ", " "))


def raised_at(error: BaseException) -> str:
    """Return the file and line in which an exception was raised, in brackets."""
    frames = own_frames(error)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def of_method(error: BaseException) -> bool:
    """Return whether an exception was raised in a method, or in a function of torch.autograd, of the library.

    It may stand in the adapter's own file.
    """
    frame = innermost(error)
    return frame is not None and frame.f_code.co_varnames[:1] in (("self",), ("ctx",))


def of_import(error: BaseException, file: str) -> str:
    """Return why the file of an adapter could not be imported, with its line, in one sentence."""
    if isinstance(error, Miswritten):
        return " ".join(str(error).split())
    here, frames = Path(file).resolve(), traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == here]
    if lines and (strange := ARGUMENT.match(str(error))):
        return f"{Written(str(here), lines[-1] or 0).at(strange[2])}: {in_words(error)}"
    return in_words(error) + (f" (line {lines[-1]} of {Path(file).name})" if lines else "")
