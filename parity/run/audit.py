"""The audit as a command: it prints its table."""

import argparse
from dataclasses import asdict

from parity.catalogue import offered
from parity.independence import records
from parity.run.auditing import audit_all
from parity.run.planning import add_pages
from parity.run.session import chosen_of
from parity.run.suite import pages_option
from parity.settle import settle
from parity.subjects import load
from parity.subjects.contract import Subject, traits
from reports.command import Command
from reports.parity import audit_table


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subject", default="framework", help="a known name or a Python file (default framework)")
    parser.add_argument("--module", action="append", help="audit these modules only, e.g. Conv2d,Linear (default all)")
    pages_option(parser.add_argument)


def subject_of(name: str) -> Subject:
    """Return the subject; raise ValueError for an unknown name, or a file that cannot be imported."""
    try:
        return load(name)
    except ValueError:
        raise
    except Exception as error:  # whatever the file does when it is imported
        raise ValueError(f"subject {name} could not be loaded: {type(error).__name__}: {error}") from error


def run(asked: argparse.Namespace) -> int:
    """Return 0 where no row is void, 1 where one is; raise ValueError for a module that the catalogue lacks."""
    settle()
    add_pages(asked.pages)
    subject = subject_of(asked.subject)
    modules = chosen_of(asked.module, offered(traits(subject).operators))
    rows = records(audit_all(subject, modules))
    print(audit_table.render([asdict(row) for row in rows]))
    return int(any(row.verdict == "void" for row in rows))


COMMAND = Command("--subject mylib_adapter.py", run, arguments)
