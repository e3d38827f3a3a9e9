"""Audit a subject and print the table: python -m parity.independence --subject framework."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict

from parity.independence import audit_all, records
from parity.settle import settle
from parity.subjects import load
from reports.parity import audit_table


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where no row is void, 1 where one is, 2 after one line on standard error for a subject that is none."""
    parser = argparse.ArgumentParser(
        prog="python -m parity.independence", description="Audit the independence of a subject."
    )
    parser.add_argument("--subject", default="framework", help="a known name or a Python file (default framework)")
    name: str = parser.parse_args(arguments).subject
    settle()
    try:
        subject = load(name)
    except ValueError as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2
    except Exception as error:  # whatever the file does when it is imported
        print(f"audit: subject {name} could not be loaded: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    rows = records(audit_all(subject))
    print(audit_table.render([asdict(row) for row in rows]))
    return int(any(row.verdict == "void" for row in rows))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("audit: interrupted; nothing was written")
