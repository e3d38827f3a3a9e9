"""The command that runs a part of a run again, as its records name it."""

import shlex
from collections.abc import Mapping, Sequence

from reports.command import called
from reports.record import Parity, Run


def options(words: Mapping[str, str]) -> str:
    """Return words as options of a command line, each fit for a shell."""
    return " ".join(f"--{name} {shlex.quote(word)}" for name, word in words.items())


def of_case(record: Parity, run: Run | None) -> str:
    """Return the command that asks the case of a record again, in its check, dtype, device and seed."""
    words = {"subject": named(run) or record.subject} | of_pages(run.pages if run else ())
    words |= {"module": record.module, "case": record.case}
    words |= {"check": record.check, "dtype": record.dtype.removeprefix("torch."), "device": record.device}
    return f"{called()} parity {options(words | {'seed': str(record.seed)})}"


def of_module(module: str, run: Run | None) -> str:
    """Return the command that asks everything of a module again."""
    words = ({"subject": named(run)} if named(run) else {}) | of_pages(run.pages if run else ())
    return f"{called()} parity {options(words | {'module': module})}"


def of_pages(files: Sequence[str]) -> dict[str, str]:
    """Return the word that names files of pages; none where there is no file."""
    return {"pages": files[0] if len(files) == 1 else shlex.join(files)} if files else {}


def named(run: Run | None) -> str:
    """Return the subject of a run as a command line names it; empty where there is no run record."""
    return (run.source or run.subject) if run else ""
