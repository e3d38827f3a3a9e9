"""The summary of a job: verdict, modules against quantities, and failures by cause, in at most 10 KB of Markdown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from reports.columns import Column, table
from reports.command import in_words
from reports.parity.gate.aspects import aspect, shown
from reports.parity.gate.causes import WRONG
from reports.parity.gate.causes import causes as found
from reports.parity.headline import headline
from reports.parity.summary import NAMES
from reports.parity.verdicts import standing, weighs_values
from reports.reading import Recorded, grouped
from reports.record import BEHAVIOUR, CONVENTIONS, Parity
from reports.text import ABSENT, safe

MOST_BYTES = 10_000
MOST_HEADLINE = 3_000  # bytes of the verdict: the rest is for what it rests on
MOST_CAUSE = 900  # characters of one cause
OTHERS = "other values"
KINDS = {**NAMES, OTHERS: OTHERS, BEHAVIOUR: BEHAVIOUR, CONVENTIONS: CONVENTIONS}
Row = tuple[str, Mapping[str, Counter[str]]]  # a module, and the verdicts of each kind of quantity


def render(recorded: Recorded) -> str:
    """Return the summary of the records of a run."""
    names = ", ".join(dict.fromkeys(safe(run.subject, most=100) for run in recorded.runs))
    parts = [f"## Parity with torch.nn{f': {names}' if names else ''}", cut(headline(recorded), MOST_HEADLINE)]
    several = len({run.subject for run in recorded.runs}) > 1
    for part in (grid(recorded, several), causes(recorded, several)):
        parts.append(fitting(part, MOST_BYTES - len("\n\n".join(parts).encode()) - 4))
    return "\n\n".join(filter(None, parts)) + "\n"


def append(path: Path, words: str) -> str:
    """Append a summary to a file; return in one sentence why that cannot be done, empty where it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(words)
    except OSError as error:
        return f"the summary could not be written: {in_words(error)}"
    return ""


def cut(words: str, most: int) -> str:
    """Return words of at most so many bytes."""
    return words if len(words.encode()) <= most else words.encode()[: most - 3].decode(errors="ignore") + "…"


def fitting(lines: Sequence[str], most: int) -> str:
    """Return the lines that `most` bytes hold, and how many do not stand here."""
    room, shown = most - 60, list[str]()
    for number, line in enumerate(lines):
        room -= len(line.encode()) + 1
        if room < 0:
            return "\n".join([*shown, "", f"{len(lines) - number:,} more lines are on the page."])
        shown.append(line)
    return "\n".join(shown)


def grid(recorded: Recorded, several: bool) -> list[str]:
    """Return the lines of a table: a module a row, those with something wrong first, a kind of quantity a column."""
    rows = sorted(rows_of(recorded.parity, several), key=lambda row: (not is_wrong(row), row[0]))
    if not rows:
        return []
    kinds = [kind for kind in KINDS if any(kind in verdicts for _, verdicts in rows)]
    columns = [Column[Row]("module", lambda row: safe(row[0], most=100))]
    columns += [Column[Row](KINDS[kind], partial(word, kind)) for kind in kinds]
    return table(columns, rows).splitlines()


def rows_of(records: Iterable[Parity], several: bool) -> list[Row]:
    groups = grouped(records, lambda record: f"{record.subject}: {record.module}" if several else record.module)
    return [
        (name, {kind: Counter(map(standing, alike)) for kind, alike in grouped(of_module, kind_of).items()})
        for name, of_module in groups.items()
    ]


def word(kind: str, row: Row) -> str:
    return shown(kind, row[1][kind]) if kind in row[1] else ABSENT


def is_wrong(row: Row) -> bool:
    return any(verdicts[verdict] for verdicts in row[1].values() for verdict in WRONG)


def kind_of(record: Parity) -> str:
    of = aspect(record)
    if of == CONVENTIONS or not weighs_values(record):
        return of if of == CONVENTIONS else BEHAVIOUR
    return record.quantity if record.quantity in NAMES else OTHERS


def causes(recorded: Recorded, several: bool) -> list[str]:
    """Return a line for each wrong quantity of values, with what it looks like, and one for each wrong check."""
    lines = list[str]()
    for cause in found(recorded):
        of = f"{cause.subject}, " if several else ""
        lines.append(f"- **{safe(f'{of}{cause.module}, {cause.names[0]}')}**: {cut(cause.said, MOST_CAUSE)}")
    return lines
