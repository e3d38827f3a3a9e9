"""What a subject's exception says, in words that can be printed: cut, and free of what pages and terminals choke on."""

import builtins
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parity.subjects.contract import Unsupported

TEXT_CHARACTERS = 10_000  # of a text that a subject chose: more is cut
LARGEST_INTEGER = 2**63
FRAMES = 8  # of a traceback, the last
ELSEWHERE = "In the subject's process:\n"  # what begins the note that holds the traceback of another process


def cut(text: str) -> str:
    """Return a text without its middle where it is long."""
    if len(text) <= TEXT_CHARACTERS:
        return text
    half = TEXT_CHARACTERS // 2 - 30  # leaves room for the words between
    return f"{text[:half]} ... ({len(text) - 2 * half} characters cut) ... {text[-half:]}"


def printable(text: str) -> str:
    """Return a text, cut, with lone surrogates and control characters spelled out. What it gave it leaves alone."""
    text = cut(text)
    if text.isprintable():
        return text
    return cut("".join(letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text))


def words(error: BaseException) -> str:
    """Return str(error), or why it has none: the method is the library's."""
    try:
        return printable(str(error))
    except BaseException as second:
        return f"(no text: its __str__ raised {printable(type(second).__name__)})"


def argument(value: object) -> Any:
    """Return an argument of an exception as a plain value; raise TypeError if it is none."""
    if type(value) is str:
        return printable(value)
    if type(value) in (bool, float) or (type(value) is int and abs(value) < LARGEST_INTEGER):
        return value
    raise TypeError


def trace_of(error: BaseException) -> str:
    try:
        return printable("".join(printable(line) for line in traceback.format_exception(error)[-FRAMES:]))
    except BaseException:
        return "(its traceback cannot be shown)"


@dataclass(frozen=True)
class Failure:
    """An exception of the subject, told by its builtin base, its own name, its arguments and its traceback."""

    base: str
    name: str
    arguments: Sequence[Any]
    trace: str

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Describe an exception; one that is meant to end the process (SystemExit) becomes a RuntimeError."""
        name = printable(type(error).__name__)
        if not isinstance(error, Exception):
            return cls("RuntimeError", name, (f"the subject raised {name}: {words(error)}",), trace_of(error))
        ancestors = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        base = "Unsupported" if isinstance(error, Unsupported) else ancestors[0]
        try:
            arguments = tuple(map(argument, error.args)) or (words(error),)
        except TypeError:
            arguments = (words(error),)
        return cls(base, name, arguments, trace_of(error))

    def error(self) -> Exception:
        """Return the exception again: of the same builtin type, or of one with the same name derived from it.

        Its fields may be anything that the worker chose to send, so the base must be a builtin exception.
        """
        if self.base == "Unsupported":
            return Unsupported(*self.arguments)
        base = getattr(builtins, self.base, None)
        if not (isinstance(base, type) and issubclass(base, Exception)):
            base = RuntimeError
        again: Exception
        try:
            kind = base if base.__name__ == self.name or base is RuntimeError else type(self.name, (base,), {})
            again = kind(*self.arguments)
            str(again)
        except Exception:  # UnicodeDecodeError and its like take arguments of their own
            again = RuntimeError(f"{self.name}: {' '.join(map(str, self.arguments))}")
        again.add_note(f"{ELSEWHERE}{self.trace}")
        return again
