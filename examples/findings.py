"""What the suite finds in the libraries of examples/adapters, compared with what it found before.

    python -m parity findings                      # every library that is installed; docs/findings.md says how they are
    python -m parity findings numpy_mlp            # some of them
    python -m parity findings --record numpy_mlp   # record what is found now as what is expected
    python -m parity findings --pages              # write the pages again from what is recorded, and run nothing

A finding is no error of this command: it fails where a library shows something else, be it more or less, than
examples/adapters/findings.json says, or is of another version. What is recorded is counted in docs/findings.md, and
docs/scoreboard.md shows it by library and module.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from examples import scoreboard
from reports.columns import RIGHT, Column, table
from reports.command import Command, folder, nearest
from reports.lines import read
from reports.marks import Marks
from reports.text import counted, listed, safe

FOLDER = Path(__file__).with_name("adapters")
RECORDED = FOLDER / "findings.json"
WRONG = ("fail", "error", "void")
COMPARED = (*WRONG, "pass", "same-route")
CELL = ("module", "case", "device", "dtype", "regime", "cotangent", "seed")  # of a record: what was run once
PAGE = Path(__file__).parents[1] / "docs" / "findings.md"
SCOREBOARD = PAGE.with_name("scoreboard.md")
MARKS = Marks("<!-- counts: python -m parity findings --record writes them -->", "<!-- end of counts -->")


def adapters() -> dict[str, Path]:
    """Return the files of the adapters, by their names."""
    return {path.stem: path for path in sorted(FOLDER.rglob("*.py"))}


def run(name: str, options: list[str], out: Path) -> list[dict[str, Any]]:
    """Run the suite on one adapter; return its records. Raises RuntimeError, in one line, if there are none."""
    command = [sys.executable, "-m", "pytest", "parity/test_parity.py", "-q", "--no-causes", "--out", str(out)]
    subject = ["--subject", str(adapters()[name].relative_to(FOLDER.parents[1]))]
    ended = subprocess.run([*command, *subject, *options], capture_output=True, text=True, check=False)
    if ended.returncode > 1:
        said = (ended.stderr.strip() or ended.stdout.strip()).splitlines()[-1:]
        raise RuntimeError(f"{name}: pytest ended with status {ended.returncode}: {' '.join(said)}")
    return [record for record in read(out / "parity.jsonl") if record["kind"] == "parity"]


def findings(records: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong, once for each module, check and quantity."""
    return sorted({" ".join((r["module"], r["check"], r["quantity"])) for r in records if r["verdict"] in WRONG})


def counts(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what an entry says beside its findings: the day, how many values are what, and the word of each module.

    A case that ends in an error is counted once, and none of the values that it did not give.
    """
    values = [r for r in records if r["check"] == "values"]
    said = [(scoreboard.said(r), r) for r in values]
    stopped = {tuple(str(r[part]) for part in CELL) for word, r in said if word == scoreboard.STOPS}
    return {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "values": sum(word not in ("", scoreboard.STOPS) for word, _ in said),
        "wrong values": sum(word == scoreboard.WRONG for word, _ in said),
        "dtype values": sum(word == scoreboard.DTYPE for word, _ in said),
        "stopped cases": len(stopped),
        "modules": scoreboard.words(values),
    }


def counted_in(page: str, entries: dict[str, Any]) -> str:
    """Return the page of findings with the counts of the entries between its marks."""
    return MARKS.replaced(page, table(COUNTED, sorted(entries.items())))


def against(shown: list[str], known: list[str]) -> str:
    """Return what is shown but was not known, and the other way round; empty if nothing."""
    new, gone = sorted(set(shown) - set(known)), sorted(set(known) - set(shown))
    said = [f"{word}: {listed(names, 4)}" for word, names in (("new", new), ("gone", gone)) if names]
    return "; ".join(said)


def missing(entry: dict[str, Any]) -> bool:
    """Return whether the library of an entry is not installed here."""
    return bool(entry["distribution"]) and not installed(entry)


def installed(entry: dict[str, Any]) -> str:
    """Return the installed version of a library; empty if it is not installed, or is ours."""
    try:
        return version(entry["distribution"]) if entry["distribution"] else ""
    except PackageNotFoundError:
        return ""


def differs(entry: dict[str, Any], shown: list[str]) -> str:
    """Return in what a library differs from its entry; empty if in nothing."""
    now = installed(entry)
    other = f"version {now}, recorded with {entry['version']}; " if now != entry["version"] else ""
    return f"{other}{against(shown, entry['findings'])}".removesuffix("; ")


@dataclass(frozen=True)
class Library:
    """A library that was run: the adapter's name, its entry in what is recorded, and the records of the run."""

    name: str
    entry: dict[str, Any]
    records: list[dict[str, Any]]

    def count(self, *verdicts: str) -> str:
        return f"{sum(record['verdict'] in verdicts for record in self.records):,}"


COLUMNS: Sequence[Column[Library]] = (
    Column("adapter", lambda one: one.name),
    Column("library", lambda one: f"{one.entry['distribution']} {installed(one.entry)}".strip() or "ours"),
    Column("compared", lambda one: one.count(*COMPARED), RIGHT),
    Column("wrong", lambda one: one.count(*WRONG), RIGHT),
    Column("findings", lambda one: str(len(findings(one.records))), RIGHT),
    Column("against the record", lambda one: safe(differs(one.entry, findings(one.records))) or "as recorded"),
)

Entry = tuple[str, dict[str, Any]]  # of an adapter, by its name


def named(one: Entry, word: str) -> str:
    """Return the modules of an entry that have a word."""
    return ", ".join(module for module, said in one[1]["modules"].items() if said == word) or "none"


COUNTED: Sequence[Column[Entry]] = (
    Column("adapter", lambda one: one[0]),
    Column("library", lambda one: f"{one[1]['distribution']} {one[1]['version']}".strip() or "ours"),
    Column("day", lambda one: one[1]["day"]),
    Column("values compared", lambda one: f"{one[1]['values']:,}", RIGHT),
    Column("wrong", lambda one: f"{one[1]['wrong values']:,}", RIGHT),
    Column("of another dtype", lambda one: f"{one[1]['dtype values']:,}", RIGHT),
    Column("cases that stop", lambda one: f"{one[1]['stopped cases']:,}", RIGHT),
    Column("modules", lambda one: str(len(one[1]["modules"])), RIGHT),
    Column("of these with a wrong value", lambda one: named(one, scoreboard.WRONG)),
    Column("that stop", lambda one: named(one, scoreboard.STOPS)),
)


def recorded() -> dict[str, Any]:
    """Return what was found before, by adapter."""
    entries: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return entries


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help=f"adapters: {', '.join(recorded())} (default: what is installed)")
    add("--record", action="store_true", help="record what is found now as what is expected")
    add("--pages", action="store_true", help="write the pages again from what is recorded, and run nothing")
    folder(add, "the records", "reports/out/examples")


def find(asked: argparse.Namespace) -> int:
    """Return 0 where every library shows what is recorded, 1 where one does not, 2 where one could not be run."""
    before = recorded()
    for name in asked.names:
        if name not in before:
            raise ValueError(f"NAME must be one of {', '.join(before)}, was {name!r}{nearest(name, before)}")
        if missing(before[name]):
            raise ValueError(f"NAME must be of an installed library, and {before[name]['distribution']} is not")
    if asked.pages:
        if asked.names or asked.record:
            raise ValueError("--pages runs nothing, and takes neither NAME nor --record")
        write_pages(before)
        return 0
    lacking = [name for name in before if missing(before[name])]
    if lacking and not asked.names:
        print(f"{counted(len(lacking), 'adapter')} not run, whose libraries are not installed: {', '.join(lacking)}")
    names = asked.names or [name for name in before if name not in lacking]
    return compare(before, names, asked.out, asked.record)


def write_pages(entries: dict[str, Any]) -> None:
    """Write what is recorded into the pages of docs/."""
    PAGE.write_text(counted_in(PAGE.read_text(encoding="utf-8"), entries), encoding="utf-8")
    SCOREBOARD.write_text(scoreboard.page(entries), encoding="utf-8")


def compare(before: dict[str, Any], names: list[str], out: Path, record: bool) -> int:
    """Run the named libraries one after the other; print and write the table of what was found."""
    rows, troubles, changed = [], [], []
    for name in names:
        entry = before[name]
        try:
            records = run(name, entry["options"], out / name)
        except RuntimeError as error:
            troubles.append(str(error))
            continue
        if record:
            entry |= {"version": installed(entry), **counts(records), "findings": findings(records)}
        if differs(entry, findings(records)):
            changed.append(name)
        rows.append(Library(name, entry, records))
        print(" | ".join(column.text(rows[-1]) for column in COLUMNS), flush=True)
    if record:
        entries = recorded() | {row.name: row.entry for row in rows}  # another record may have been written meanwhile
        RECORDED.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        write_pages(entries)
    page = out / "findings.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(f"# What the suite finds in the examples\n\n{table(COLUMNS, rows)}\n", encoding="utf-8")
    print(f"{counted(len(rows), 'adapter')} run, {len(changed)} other than recorded; the table is in {page}")
    for trouble in troubles:
        print(f"findings: {trouble}", file=sys.stderr)
    return 2 if troubles else int(bool(changed))


COMMAND = Command("numpy_mlp", find, arguments)
