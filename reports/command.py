"""What every command has in common: by which name it is called, how it is asked, and how it ends if it cannot go on.

It stands here, below everything, because reports have commands too and need neither torch nor numpy.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from reports import settings

FAILED, MISUSED, INTERRUPTED = 1, 2, 130  # exit statuses
CALLED = "GRADPARITY_CALLED"  # the variable that tells other processes of a run by which name it was called
FRONT_DOOR, IN_CHECKOUT = "gradparity", "python -m parity"


def called() -> str:
    """Return the words by which the user calls the suite, in usage and in the commands that it prints."""
    return os.environ.get(CALLED, IN_CHECKOUT)


def nothing(parser: argparse.ArgumentParser) -> None:
    """Declare no option."""


@dataclass(frozen=True)
class Command:
    """A command; its name and the sentence that describes it stand in the table of parity/__main__.py.

    example    what a user may write after its name
    run        does it and returns the exit status; ValueError and OSError are the user's, said in one sentence
    arguments  declares its options and words
    passes_on  whether words that it does not know are pytest's: then `words` holds all, `unknown` complaints on options
    """

    example: str
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None] = nothing
    passes_on: bool = False

    def asked(self, name: str, sentence: str, words: Sequence[str]) -> argparse.Namespace:
        """Return what the words ask for; raise ValueError, in one sentence, for a word that means nothing."""
        others = "; any option that is not listed is pytest's" if self.passes_on else ""
        parser = Parser(
            prog=f"{called()} {name}",
            description=f"{sentence}.",
            epilog=f"example: {called()} {name} {self.example}".rstrip() + others,
            allow_abbrev=False,
        )
        self.arguments(parser)
        if "--help" not in words and "-h" not in words:
            words = [*settings.words(parser.options(words), parser.options(), self.passes_on), *words]
        if self.passes_on:
            asked, further = parser.parse_known_args(words)
            asked.words, asked.unknown = words, parser.unknown(further)
            return asked
        for complaint in parser.unknown(words):
            raise ValueError(complaint)
        return parser.parse_args(words)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are exceptions, so that all commands end alike."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)

    def options(self, words: Sequence[str] | None = None) -> set[str]:
        """Return the options that words name, short ones too; those that were declared without words."""
        if words is None:
            return set(self._option_string_actions)
        given = words[: words.index("--") if "--" in words else None]
        return {word.partition("=")[0] for word in given if word.startswith("-")}

    def unknown(self, words: Sequence[str]) -> list[str]:
        """Return a sentence on every long option among the words that was not declared."""
        known = self._option_string_actions
        given = [word.partition("=")[0] for word in words[: words.index("--") if "--" in words else None]]
        options = [word for word in given if word.startswith("--") and word not in known]
        return [f"there is no option {option}{nearest(option, known)}" for option in options]


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return a hint at the allowed word that is nearest; empty where none is near."""
    near = difflib.get_close_matches(word, list(allowed), 1)
    return f"; did you mean {near[0]}?" if near else ""


def carried_out(name: str, sentence: str, load: Callable[[], Command], words: Sequence[str]) -> int:
    """Load a command and run it; return its exit status, after one line on standard error where it cannot go on."""
    try:
        command = load()
        return command.run(command.asked(name, sentence, words))
    except (ValueError, OSError) as error:
        print(f"{name}: {in_words(error)}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt as stopped:
        print(f"{name}: interrupted" + "".join(f"; {words}" for words in stopped.args), file=sys.stderr)
        return INTERRUPTED


def in_words(error: ValueError | OSError) -> str:
    """Return what an exception says, on one line."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())


def whole(least: int) -> Callable[[str], int]:
    """Return the reader of a whole number of at least `least`."""

    def reader(word: str) -> int:
        if not word.isdecimal() or int(word) < least:
            raise argparse.ArgumentTypeError(f"must be a whole number of at least {least}, was {word!r}")
        return int(word)

    return reader


def out_folder() -> str:
    """Return the folder that a command writes into where none is named: in a checkout, or in a user's own folder."""
    return "reports/out" if called() == IN_CHECKOUT else "gradparity-out"


def folder(add: Callable[..., Any], what: str, default: str = "") -> None:
    """Declare --out, the folder of what is written."""
    default = default or out_folder()
    add("--out", type=Path, default=Path(default), help=f"folder of {what} (default {default})")
