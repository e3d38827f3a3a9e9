"""How figures and words are set on every page."""

import math
import re
from collections.abc import Mapping, Sequence

ABSENT = "–"
# What Markdown would take for markup; an underscore only at the edge of a word, a bracket only where a link could
# follow, an ampersand only before an entity, so that names and shapes stay readable.
MARKUP = re.compile(r"[\\`*|<]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[:])|&(?=#?\w+;)|~(?=~)|(?<=~)~|\$")
# What it would take, at the start of a line or an item, for a heading, a quotation or an item.
LEADING = re.compile(r"#{1,6}(?=\s|$)|>|[-+=](?=\s|[-+=]|$)|\d{1,9}(?=[.)](?:\s|$))")

# What differs between two tellings of one thing: numbers, and rows of them in brackets.
FIGURES = re.compile(r"[-+]?\d[\d.,e+-]*")
ROWS = re.compile(r"[(\[]#[#, ]*[)\]]")


def figure(value: float) -> str:
    """Return `value` with 3 significant digits: 0.00123, 12.3, 4560, 7.29e-10."""
    if math.isnan(value):
        return ABSENT
    if value == 0 or math.isinf(value):
        return f"{value:.0f}"
    rounded = float(f"{value:.2e}")
    if not 1e-3 <= abs(rounded) < 1e5:
        return f"{value:.2e}"
    return f"{rounded:.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}"


def span(values: Sequence[float]) -> str:
    """Return the one figure that all `values` share, or the smallest and the largest of them."""
    known = sorted({value for value in values if not math.isnan(value)})
    if len(known) <= 1:
        return figure(known[0]) if known else ABSENT
    return f"{figure(known[0])} to {figure(known[-1])}"


def percent(part: int, whole: int) -> str:
    """Return `part` of `whole` in per cent, without the sign."""
    return f"{100 * part / whole:.0f}"


def counted(count: int, noun: str) -> str:
    """Return `count` with its noun: 1 module, 2,000 quantities."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"


def listed(names: Sequence[str], most: int) -> str:
    """Return the first `most` of `names` with commas between, and how many follow."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def one_line(words: str, most: int = 300) -> str:
    """Return `words` on one line, cut after `most` characters."""
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def safe(words: str, most: int = 300) -> str:
    """Return `words` as one line that Markdown shows unchanged, cut after `most` characters."""
    line = MARKUP.sub(lambda match: "\\" + match.group(), one_line(words, most))
    leading = LEADING.match(line)
    if leading is None:
        return line
    place = leading.end() if line[0].isdigit() else 0  # of a number the point after it is what makes it an item
    return f"{line[:place]}\\{line[place:]}"


def code(words: str, most: int = 300) -> str:
    """Return `words` as one line of code in Markdown, cut after `most` characters; not for a cell of a table."""
    line = one_line(words, most)
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    edge = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{edge}{line}{edge}{fence}"


def generic(words: str) -> str:
    """Return `words` without the figures by which two tellings of one thing differ."""
    return ROWS.sub("#", FIGURES.sub("#", words))


def pairs(entries: Mapping[str, str]) -> str:
    """Return `entries` as one line: name value, name value."""
    return safe(", ".join(f"{name} {value}" for name, value in entries.items()), most=1000) or ABSENT


def folded(summary: str, text: str) -> str:
    """Return `text` folded away under its summary."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
