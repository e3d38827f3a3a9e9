"""Write an adapter to start from: one of the files of parity/subjects/templates with the library's name filled in."""

import argparse
import keyword
from pathlib import Path

from reports.command import IN_CHECKOUT, Command, called

TEMPLATES = Path(__file__).parents[1] / "subjects" / "templates"


def shapes() -> list[str]:
    """Return the kinds of library for which there is a template."""
    return sorted(path.stem for path in TEMPLATES.glob("*.txt"))


def write(name: str, shape: str, folder: Path) -> Path:
    """Write NAME_adapter.py into `folder` and return its path.

    Raises ValueError if the name is no Python name, FileExistsError if the file is there.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"NAME must be the name by which Python imports the library, was {name!r}")
    path = folder / f"{name}_adapter.py"
    if path.exists():
        raise FileExistsError(f"{path.name} exists and is left as it is; remove it or choose another name")
    template = (TEMPLATES / f"{shape}.txt").read_text(encoding="utf-8")
    path.write_text(template.replace(IN_CHECKOUT, called()).replace("mylib", name), encoding="utf-8")
    return path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the library's name; the file is NAME_adapter.py in this folder")
    parser.add_argument("--shape", default="param", choices=shapes(), help="the library's kind (default param)")


def run(asked: argparse.Namespace) -> int:
    """Write the adapter and say what comes next."""
    path = write(asked.name, asked.shape, Path.cwd())
    print(f"{path.name} is written; fill it in, then: {called()} doctor --subject {path.name}")
    return 0


COMMAND = Command("mylib --shape numpy", run, arguments)
