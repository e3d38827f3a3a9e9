"""Why a change from one run to another may be none of the library."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import NamedTuple

from reports.record import Run
from reports.text import pairs, safe


class Circumstance(NamedTuple):
    """Something that two runs should have in common, for their difference to be that of the library."""

    what: str
    of: Callable[[Run], str]
    why: str  # it matters


def pages_of(run: Run) -> str:
    """Return the names of the files of pages that a run's modules came from, too."""
    return ", ".join(sorted(PurePath(name).name for name in run.pages)) or "none"


CIRCUMSTANCES = (
    Circumstance("seed", lambda run: str(run.seed), "each drew other numbers, so that errors differ by chance"),
    Circumstance("commit of the suite", lambda run: run.suite, "a change may be one of the suite"),
    Circumstance(
        "version of torch", lambda run: run.versions.get("torch", ""), "the truth and the reference may have moved"
    ),
    Circumstance("file of pages", pages_of, "a reference of the user's own may have changed"),
    Circumstance("machine", lambda run: pairs(run.machine), "its rounding may differ"),
)
PART = "The newer run is a part: what its command line left out is among the newly missing."


def cautions(old: Sequence[Run], new: Sequence[Run]) -> list[str]:
    """Return a sentence on everything that the runs should have in common and do not."""
    said = []
    for one in CIRCUMSTANCES if old and new else ():
        was, is_now = (sorted({one.of(run) or "unknown" for run in runs}) for runs in (old, new))
        if was != is_now:
            words = f"**Another {one.what}**: {safe(', '.join(was))} before, {safe(', '.join(is_now))} now"
            said.append(f"{words}; {one.why}.")
    return [*said, *([PART] if any(not run.whole for run in new) else [])]
