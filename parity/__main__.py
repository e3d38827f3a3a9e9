"""The commands for those who write an adapter: `python -m parity new-adapter` and `python -m parity doctor`."""

import argparse
import sys
from pathlib import Path

from parity.run import doctor, new_adapter
from parity.subjects.process import Limits


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    whole = argparse.ArgumentParser(prog="python -m parity", description="Commands for those who write an adapter.")
    commands = whole.add_subparsers(dest="command", required=True)
    new = commands.add_parser("new-adapter", help="write a commented adapter to start from")
    new.add_argument("name", help="the library's name; the file is NAME_adapter.py in this folder")
    new.add_argument(
        "--shape", default="param", choices=new_adapter.shapes(), help="the library's kind (default param)"
    )
    look = commands.add_parser("doctor", help="say what an adapter offers, what runs, and what is missing")
    look.add_argument("--subject", required=True, help="the adapter: a Python file, or a name in parity/subjects")
    look.add_argument("--cell-seconds", type=float, default=Limits.cell_seconds, help="time limit a module")
    look.add_argument("--cell-memory", type=float, default=Limits.memory_gib, help="memory limit in GiB")
    return whole


def main(words: list[str]) -> int:
    """Run a command; return its exit status: 0, or 1 after one sentence that says what was wrong."""
    asked = parser().parse_args(words)
    try:
        if asked.command == "new-adapter":
            path = new_adapter.write(asked.name, asked.shape, Path.cwd())
            print(f"{path.name} is written; fill it in, then: python -m parity doctor --subject {path.name}")
            return 0
        lines, healthy = doctor.examine(asked.subject, Limits(asked.cell_seconds, asked.cell_memory))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("\n".join(lines))
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
