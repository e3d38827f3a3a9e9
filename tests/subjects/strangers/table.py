"""What the suite says of faults that strangers' libraries have: python tests/subjects/strangers/table.py.

One row a fault: whether it is reported, whether its cause is named, and which right quantities are accused; then what
the honest libraries are accused of. --only NAME runs the faults with NAME in their name. Words that this command does
not know go to the suite. Exit status 1 if a fault is not reported or something right is accused.

The suite is called as `python -m parity parity --module MODULE` is, in a process of its own for each run. Faulty
libraries run inside it (--in-process), which saves a second process; honest ones are isolated, as a user has them.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scipy.stats import binomtest
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from parity.catalogue import pages
from tests.subjects.strangers.examine import Record, Visit, falsely, visit, warm
from tests.subjects.strangers.explained import FIRST, LISTED, MISTAKEN, NONE, explained
from tests.subjects.strangers.faults import FAULTS

LIBRARIES = tuple(dict.fromkeys(fault.library for fault in FAULTS.values()))
# Inside the suite's process a warning of NumPy would be an error, as it is nowhere where its user sees it.
INSIDE = ("--in-process", "-W", "ignore::RuntimeWarning")
REFUSES = "refuses"  # what it finds is true of a library that checks nothing: no accusation of what is right
OUTCOMES = (FIRST, LISTED, MISTAKEN, NONE)


@dataclass(frozen=True)
class Verdict:
    """What the suite makes of one fault."""

    fault: str
    module: str
    where: str  # check and quantity of the first finding; empty if nothing is reported
    outcome: str = ""
    words: str = ""
    accused: tuple[str, ...] = ()  # right quantities that are called wrong
    seconds: float = 0.0
    void: int = 0  # rows that are made void beside it


@dataclass
class Examination:
    """The runs of this examination, each in a folder of its own; those of honest libraries are made once."""

    folder: Path
    words: Sequence[str] = ()  # further options of the suite
    plain: bool = False  # ask the plain case of each module alone
    honest: dict[tuple[str, str], Visit] = field(default_factory=dict)

    def visited(self, library: str, module: str, fault: str, name: str) -> Visit:
        case = ["--case", pages()[module].cases[0].name] if self.plain else []
        return visit(library, module, fault, self.folder / name, [*case, *self.words])

    def of_honest(self, library: str, module: str) -> Visit:
        if (library, module) not in self.honest:
            self.honest[library, module] = self.visited(library, module, "", f"{library}-{module}")
        return self.honest[library, module]

    def of_fault(self, name: str) -> Verdict:
        """Return the verdict on a fault; what the honest library is told too does not count."""
        fault = FAULTS[name]
        honest = self.of_honest(fault.library, fault.module)
        seen = self.visited(fault.library, fault.module, name, f"fault-{list(FAULTS).index(name)}")
        new, cell = seen.beyond(honest), seen.first_cell(honest)
        if not new:
            return Verdict(name, fault.module, "", seconds=seen.seconds)
        if fault.right:
            accused = tuple(dict.fromkeys(map(place, new)))
            return Verdict(name, fault.module, place(first(new, cell)), accused=accused, seconds=seen.seconds)
        found = explained(fault, seen, honest)
        accused, void = tuple(falsely(new, fault.wrong)), sum(record["verdict"] == "void" for record in new)
        where = place(first(new, cell))
        return Verdict(name, fault.module, where, found.outcome, found.words, accused, seen.seconds, void)


def first(records: Sequence[Record], cell: str) -> Record:
    """Return what is told first: of values, if they are wrong, else of the first cell that fails."""
    check = re.search(r", check ([\w-]+) \(", cell)
    order = ("values", check[1] if check else "")
    told = [record for record in records if record["verdict"] != "void"] or records
    return min(told, key=lambda r: order.index(r["check"]) if r["check"] in order else len(order))


def place(record: Record) -> str:
    return f"{record['check']} {record['quantity']}"


def accusations(seen: Visit) -> Counter[str]:
    """Count what an honest library is accused of, by check, quantity and verdict; what it does not refuse is true."""
    return Counter(
        f"{record['module']} {place(record)} ({record['verdict']}): {record['detail'][:90]}"
        for record in seen.wrong
        if record["check"] != REFUSES or record["verdict"] != "fail" or record["elements"]
    )


def share(count: int, of: int) -> str:
    """Return a share with its 95 % interval by Wilson."""
    if not of:
        return "none of none"
    ends = binomtest(count, of).proportion_ci(0.95, "wilson")
    return f"{count} of {of} ({count / of:.1%}, 95 % interval {ends.low:.1%} to {ends.high:.1%})"


def show(rows: Sequence[Verdict]) -> str:
    header = ["fault", "module", "reported", "explained", "words", "right but accused", "seconds"]
    cells = [
        [
            row.fault,
            row.module,
            row.where or "NO",
            row.outcome or "-",
            row.words[:300],
            ", ".join(row.accused) or "-",
            f"{row.seconds:.1f}",
        ]
        for row in rows
    ]
    return tabulate(cells, header, tablefmt="github", maxcolwidths=[34, None, 24, None, 80, 30, None])


def summary(rows: Sequence[Verdict]) -> str:
    """Return the shares of the faults that are reported and explained, and what right choices were accused."""
    faults = [row for row in rows if not FAULTS[row.fault].right]
    right = [row for row in rows if FAULTS[row.fault].right]
    reported = [row for row in faults if row.where]
    outcomes = Counter(row.outcome for row in reported)
    lines = [f"reported: {share(len(reported), len(faults))}"]
    lines += [f"explained {outcome}: {share(outcomes[outcome], len(faults))}" for outcome in OUTCOMES]
    lines += [f"explained first or on the list: {share(outcomes[FIRST] + outcomes[LISTED], len(faults))}"]
    lines += [
        f"faults beside which right quantities are accused: {share(sum(bool(r.accused) for r in faults), len(faults))}"
    ]
    lines += [f"right choices that are accused: {share(sum(bool(r.where) for r in right), len(right))}"]
    voided = [row for row in faults if row.void]
    lines += [
        f"faults beside which rows are void: {share(len(voided), len(faults))}, {sum(r.void for r in voided)} rows"
    ]
    missed = [row.fault for row in faults if not row.where]
    return "\n".join([*lines, f"missed: {'; '.join(missed) or 'none'}"])


def honest_libraries(visits: Mapping[str, Visit]) -> tuple[int, str]:
    """Return how much honest libraries are accused of, and the words."""
    lines, total = [], 0
    for name, seen in visits.items():
        found = accusations(seen)
        total += found.total()
        not_refused = sum(record["check"] == REFUSES and not record["elements"] for record in seen.wrong)
        judged = sum(record["verdict"] in ("pass", "same-route", "fail") for record in seen.records)
        lines.append(
            f"honest {name}: {judged} quantities judged, {found.total()} accused, {not_refused} bad inputs accepted"
            + "".join(f"\n    {count} x {what}" for what, count in sorted(found.items()))
        )
    return total, "\n".join([*lines, f"quantities of honest libraries that are accused: {total}"])


def main(words: Sequence[str]) -> int:
    """Run what is asked for and print it; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="faults with this in their name; may be repeated")
    parser.add_argument("--library", default="", help="faults of this library alone")
    parser.add_argument("--plain", action="store_true", help="run the plain case of each module alone")
    parser.add_argument(
        "--honest", default="whole", choices=("whole", "met"), help="honest libraries: whole, or the modules met"
    )
    parser.add_argument("--out", type=Path, help="keep the pages and records in this folder")
    asked, passed_on = parser.parse_known_args(words)
    chosen = [
        name
        for name, fault in FAULTS.items()
        if asked.library in ("", fault.library) and (not asked.only or any(only in name for only in asked.only))
    ]
    started, folder = time.monotonic(), asked.out or Path(tempfile.mkdtemp(prefix="strangers-"))
    warm(folder / "warm")
    examination = Examination(folder, [*INSIDE, *passed_on], asked.plain)
    rows = []
    for name in chosen:
        rows.append(examination.of_fault(name))
        print(f"{name}: {rows[-1].where or 'NOT REPORTED'}; {rows[-1].outcome}", file=sys.stderr, flush=True)
    visits = {f"{library} {module}": seen for (library, module), seen in examination.honest.items()}
    if asked.honest == "whole":
        libraries = [library for library in LIBRARIES if asked.library in ("", library)]
        visits = {library: visit(library, "all", "", folder / library, passed_on) for library in libraries}
    total, told = honest_libraries(visits)
    print(show(rows), summary(rows), told, sep="\n\n")
    print(f"in {time.monotonic() - started:.0f} s; pages and records are in {folder}")
    failed = [row for row in rows if bool(row.where) == FAULTS[row.fault].right or row.accused]
    return 1 if failed or total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
