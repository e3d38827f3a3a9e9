"""The command line: `python -m parity COMMAND ...`, and `gradparity COMMAND ...` where the suite is installed.

A command is defined beside what it runs, and loaded when asked.
"""

import gc
import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from reports.command import CALLED, IN_CHECKOUT, MISUSED, Command, called, carried_out, nearest

# Name, the module that defines COMMAND, and what it does.
COMMANDS = {
    "parity": ("parity.run.suite", "Compare every module of a subject with torch.nn and write the report"),
    "doctor": ("parity.run.doctor", "Say what an adapter offers, what of it runs, and what is missing"),
    "new-adapter": ("parity.run.new_adapter", "Write a commented adapter to start from"),
    "audit": ("parity.run.audit", "Show what a subject computes with, module by module"),
    "trust": ("parity.trust.command", "Test the suite itself by planted faults, null subjects, correct alternatives"),
    "explained": ("parity.trust.explained.command", "Judge the diagnosis by planted faults whose cause is known"),
    "smallest": ("parity.trust.explained.smallest", "Say how small the smallest failing cases of planted faults are"),
    "sweep": (
        "parity.sweep.command",
        "Ask a subject in configurations that nobody chose, as many as there is time for",
    ),
    "bench": ("perf.suite", "Time every module of a subject beside torch.nn and write the report"),
    "bench-row": ("perf.confirm", "Time one row, patiently, and print what came of it as JSON"),
    "bench-compare": ("perf.compare", "Time this checkout's framework beside another commit's, in one run"),
    "bench-selftest": ("perf.selftest", "Time torch beside itself: how far timings on this machine may be trusted"),
    "papers": ("parity.papers.command", "Run the experiments of the five papers on both sides"),
    "papers-tape": ("parity.papers.experiments.paper_002_tape", "Train paper 002's network on the tape too"),
    "papers-time": ("perf.papers", "Time the papers' trainings and calls beside torch.nn"),
    "graphs": ("parity.papers.experiments.paper_002_graphs", "Draw paper 002's graphs on the tape"),
    "three-way": ("reports.parity.three_way", "Compare two subjects and torch.nn with the truth, from their records"),
    "report": ("reports.render", "Render again every page whose records lie in a folder"),
    "compare": ("reports.compare.command", "Say what changed from one run to another: newly wrong, mended, slower"),
    "merge": ("reports.merge.command", "Join parts of a run, of several shards or machines, into one report"),
    "publish": ("reports.publish", "Keep the records and pages of finished runs where a reader sees them"),
    "front": ("reports.front.command", "Write again what README says is proven, from published records"),
    "manifest": ("parity.run.manifest", "Count again what a full run compares, after a change to the catalogue"),
    "questions": ("parity.trust.telling", "Count again which questions notice most planted faults, for quick runs"),
    "findings": ("examples.findings", "Compare the findings in the example libraries with those kept before"),
}
OF_CHECKOUT = (
    "bench-compare",
    "publish",
    "manifest",
    "questions",
    "findings",
)  # they read or write the suite's own checkout
CHECKOUT = Path(__file__).parents[1]


def is_here(name: str) -> bool:
    """Return whether a command can do its work here: an installed suite has no checkout."""
    return name not in OF_CHECKOUT or (CHECKOUT / "tox.ini").is_file()


def listing() -> str:
    """Return every command that can do its work here, with its sentence."""
    lines = [f"  {name:15} {sentence}" for name, (_, sentence) in COMMANDS.items() if is_here(name)]
    usage = f"usage: {called()} COMMAND ...", f"{called()} COMMAND --help describes one of these:"
    return "\n\n".join([*usage, "\n".join(lines)])


def loaded(module: str) -> Command:
    """Return the command that a module defines; raise ValueError where a library that it needs is not installed."""
    try:
        command: Command = import_module(module).COMMAND
    except ModuleNotFoundError as error:
        own = CHECKOUT / ".venv" / "bin" / "python"
        made = "" if own.is_file() else "make setup makes an environment that has it; "
        outside = sys.prefix == sys.base_prefix and called() == IN_CHECKOUT and (CHECKOUT / "Makefile").is_file()
        hint = f"; {made}call .venv/bin/{IN_CHECKOUT}" if outside else ""
        raise ValueError(f"needs {error.name}, which Python does not find here{hint}") from error
    return command


def main(words: Sequence[str]) -> int:
    """Run a command; return its exit status."""
    if not words or words[0] in ("-h", "--help"):
        print(listing())
        return 0 if words else MISUSED
    name, *rest = words
    if name == "--version":
        print(f"gradparity {version('gradparity')}")
        return 0
    if name not in COMMANDS:
        hint = nearest(name, COMMANDS) or f"; {called()} --help lists them"
        print(f"there is no command {name}{hint}", file=sys.stderr)
        return MISUSED
    if not is_here(name):
        print(f"{name}: works in a checkout of the suite alone, and this one is installed", file=sys.stderr)
        return MISUSED
    module, sentence = COMMANDS[name]
    return carried_out(name, sentence, partial(loaded, module), rest)


if __name__ == "__main__":
    os.environ.pop(CALLED, None)  # of the run that started this one
    status = main(sys.argv[1:])
    gc.freeze()  # what a run held ends with the process: to search it for garbage takes seconds
    sys.exit(status)
